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

register = template.Library()


@register.filter
def rule_notes(rule: CharterRule) -> list[str]:
    """Caps, evidence and verifier of a rule as short sentences."""
    periods = {
        "day": _("day"),
        "week": _("week"),
        "month": _("month"),
        "quarter": _("quarter"),
        "year": _("year"),
    }
    notes = []
    for cap in rule.caps:
        if cap.times is not None:
            notes.append(
                _("at most %(times)s times per %(period)s")
                % {"times": cap.times, "period": periods[cap.period]}
            )
        else:
            notes.append(
                _("at most %(points)s points per %(period)s")
                % {"points": format_points(cap.points_tenths or 0), "period": periods[cap.period]}
            )
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
