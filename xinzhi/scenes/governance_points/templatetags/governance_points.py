"""Small words about rules for the pages."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _

from xinzhi.kernel.assembly import registry
from xinzhi.kernel.audit.queries import Look
from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.queries.earnable import Left

register = template.Library()


def period_words() -> dict[str, str]:
    return {
        "day": _("day"),
        "week": _("week"),
        "month": _("month"),
        "quarter": _("quarter"),
        "year": _("year"),
    }


@register.filter
def left_words(left: Left) -> str:
    """What a cap leaves, as a short sentence."""
    values: dict[str, Any] = {"period": period_words()[left.period]}
    if left.times is not None:
        return _("this %(period)s still %(times)s times") % {**values, "times": left.times}
    return _("this %(period)s still %(points)s points") % {
        **values,
        "points": format_points(left.points_tenths or 0),
    }


@register.filter
def per_what(rule: CharterRule) -> str:
    """“/小时”, “/人”, nothing where points are for the deed as a whole."""
    if rule.points_kind == "per_member":
        return "/" + _("member")
    return f"/{rule.unit}" if rule.unit and not rule.ladder else ""


@register.filter
def rule_notes(rule: CharterRule) -> list[str]:
    """Caps, evidence and verifier of a rule as short sentences."""
    from xinzhi.scenes.governance_points.templatetags.charter_words import cap_note, semantic_notes

    notes = [cap_note(cap) for cap in rule.caps] + semantic_notes(rule)
    evidence = {
        "photo": _("photo"),
        "photo_or_record": _("photo or record"),
        "document": _("document"),
        "record": _("record of the village"),
        "none": "",
    }[rule.evidence]
    if evidence:
        notes.append(_("evidence: %(evidence)s") % {"evidence": evidence})
    return notes


@register.simple_tag
def typed_at(typed: Any, prefix: str, name: Any) -> str:
    """What was typed into a field whose name is put together."""
    return str(typed.get(f"{prefix}{name}", "")) if typed else ""


@register.filter
def nth(sequence: Any, index: int) -> Any:
    """The item at an index."""
    return sequence[index]


@register.filter
def last_day(ends_at: datetime) -> date:
    """The last day on which a list is out; it ends at the midnight after it."""
    return local_date(ends_at - timedelta(seconds=1))


@register.filter
def look_words(look: Look) -> str:
    """What somebody looked at or did, in words."""
    return registry.label(look.page or look.action)
