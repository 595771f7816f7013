"""Reads what forms send. Every refusal is a sentence at its field."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.amounts import parse_points
from xinzhi.kernel.foundation.errors import Invalid, NotFound
from xinzhi.kernel.identity.reader import reader


class DateNotUnderstood(Invalid):
    code = "form.date_not_understood"
    sentence = _("A day is needed, for example 2026-11-23; found “%(found)s”.")


class NumberNotUnderstood(Invalid):
    code = "form.number_not_understood"
    sentence = _("A number is needed here; found “%(found)s”.")


class HouseholdNotKnown(NotFound):
    code = "governance_points.household_not_known"
    sentence = _("No household “%(found)s” in %(village)s. Check the number in the list of households.")


class FileNeeded(Invalid):
    code = "form.file_needed"
    sentence = _("Choose a file first.")


def read_day(data: QueryDict, name: str) -> date:
    written = (data.get(name) or "").strip()
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise DateNotUnderstood(field=name, found=written[:20]) from None


def read_month(data: QueryDict, name: str) -> date:
    written = (data.get(name) or "").strip()
    try:
        return date.fromisoformat(f"{written[:7]}-01")
    except ValueError:
        raise DateNotUnderstood(field=name, found=written[:20]) from None


def read_quantity(data: QueryDict, name: str = "quantity") -> int | None:
    """Tenths of the unit, or None when nothing was written."""
    written = (data.get(name) or "").strip()
    return parse_points(written) if written else None


def read_int(data: QueryDict, name: str) -> int | None:
    """A whole number that fits a database id, or None when nothing was written."""
    written = (data.get(name) or "").strip()
    if not written:
        return None
    if not written.isascii() or not written.isdigit() or len(written) > 18:
        raise NumberNotUnderstood(field=name, found=written[:20])
    return int(written)


def read_request_key(data: QueryDict) -> UUID:
    """The key the page was rendered with; a request without one gets its own and is not protected from repeats."""
    try:
        return UUID(data.get("request_key", ""))
    except ValueError:
        return uuid4()


def read_uuids(data: QueryDict, name: str) -> list[UUID]:
    found = []
    for value in data.getlist(name):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def own_household_id(request: HttpRequest) -> int:
    """The household a villager acts for: the one chosen, or his first. Raises NotFound when he has none."""
    actor = reader(request)
    if actor.proxy_for_household_id is not None:
        return int(actor.proxy_for_household_id)
    if not actor.household_ids:
        raise NotFound()
    chosen = request.session.get("household_id")
    return int(chosen) if chosen in actor.household_ids else int(actor.household_ids[0])
