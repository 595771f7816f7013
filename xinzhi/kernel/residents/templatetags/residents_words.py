"""Words of the register for its pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from xinzhi.kernel.residents import relations
from xinzhi.kernel.residents.history import Happened
from xinzhi.kernel.residents.roster.differences import FIELDS
from xinzhi.kernel.residents.services.life.bases import BASES
from xinzhi.kernel.residents.services.life.rehearsing import Side
from xinzhi.kernel.residents.views.acts import BY_SLUG, Act

register = template.Library()


@register.filter
def relation(code: str) -> str:
    return relations.word_of(code)


@register.filter
def basis(code: str) -> str:
    return str(BASES.get(code, code))


@register.filter
def of(values: Mapping[str, Any], name: str) -> Any:
    """What stands in a field whose name is put together."""
    return values.get(name, "")


@register.filter
def iso(value: Any) -> str:
    """A day as a date field wants it, or what was typed."""
    return value.isoformat() if isinstance(value, date) else str(value)


@register.filter
def asks(side: Side, act: Act) -> bool:
    """Whether the relations on this side may be corrected: not where the form asked for them already."""
    return act.slug != "marriage-out" or bool(side.before and len(side.after) < len(side.before))


@register.filter
def other_household(event: Happened, household_id: int) -> int:
    """The other one of the two households of an event."""
    return event.from_id if event.to_id == household_id else event.to_id or event.from_id


@register.filter
def happened_words(event: Happened) -> str:
    """One sentence: what happened to this household."""
    values = {
        "names": "、".join(event.names),
        "number": event.from_no if event.is_here_the_other else event.to_no,
    }
    here = {
        "birth": _("Born: %(names)s"),
        "death": _("Died: %(names)s"),
        "marriage_in": _("Married in: %(names)s, from household %(number)s") if event.to_no else _("Married in: %(names)s"),
        "marriage_out": _("Married out: %(names)s, to household %(number)s") if event.to_no else _("Married out: %(names)s"),
        "moved_away": _("Moved away: %(names)s"),
        "came_back": _("Came back: %(names)s"),
        "head_changed": _("New head: %(names)s"),
        "split": _("Split: %(names)s founded household %(number)s"),
        "merged": _("Merged: went into household %(number)s with %(names)s"),
    }  # fmt: skip
    other = {
        "marriage_in": _("Married out: %(names)s, to household %(number)s"),
        "marriage_out": _("Married in: %(names)s, from household %(number)s"),
        "split": _("Founded by %(names)s, who came from household %(number)s"),
        "merged": _("Merged: household %(number)s came in with %(names)s"),
    }
    words = (other if event.is_here_the_other else here)[event.kind]
    return words % values


@register.filter
def difference_word(field: str) -> str:
    return str(FIELDS.get(field, field))


@register.filter
def fates(missing: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where to enter what became of somebody whom the file does not name: (address, label)."""
    asked = {"person": missing["person_id"]}
    return [_way(missing["household_id"], slug, asked) for slug in ("death", "move-away", "marriage-out")]


@register.filter
def ways(move: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where to enter a move that a file proposes: a split into a new household, or a marriage, or a merger."""
    if move["to_household_id"] is None:
        asked = {
            "person": move["person_ids"],
            "household_no": move["to_no"],
            "new_household_head": move["head_id"] or "",
        }
        return [_way(move["from_household_id"], "split", asked)]
    ways = [_way(move["to_household_id"], "marriage-in", {"person": pk}) for pk in move["person_ids"][:1]]
    return [*ways, _way(move["from_household_id"], "merge", {"into": move["to_no"]})]


def _way(household_id: int, slug: str, asked: Mapping[str, Any]) -> tuple[str, str]:
    address = reverse("residents:life", args=[household_id, slug])
    return f"{address}?{urlencode(asked, doseq=True)}", str(BY_SLUG[slug].label)
