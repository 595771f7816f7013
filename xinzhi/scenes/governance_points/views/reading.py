"""Reads what forms send: full-width digits and characters nobody sees do no harm. Every refusal is a sentence at its field."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.amounts import parse_points
from xinzhi.kernel.foundation.errors import Invalid, NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.sheets.cleaning import clean
from xinzhi.kernel.web.forms import (
    DateNotUnderstood,
    NumberNotUnderstood,
    read_day,
    read_ids,
    read_int,
    read_request_key,
    said_at,
)

__all__ = [
    "DateNotUnderstood",
    "FileNeeded",
    "HouseholdNotKnown",
    "NumberNotUnderstood",
    "TimeNotUnderstood",
    "own_household_id",
    "read_day",
    "read_fen",
    "read_ids",
    "read_int",
    "read_month",
    "read_quantity",
    "read_request_key",
    "read_uuids",
    "said_at",
]


class TimeNotUnderstood(Invalid):
    code = "form.time_not_understood"
    sentence = _("A time of day is needed, for example 19:00; found “%(found)s”.")


class HouseholdNotKnown(NotFound):
    code = "governance_points.household_not_known"
    sentence = _("No household “%(found)s” in %(village)s. Check the number in the list of households.")


class MoneyNotUnderstood(Invalid):
    code = "form.money_not_understood"
    sentence = _("An amount in yuan is needed, for example 60000 or 0.5; found “%(found)s”.")


class FileNeeded(Invalid):
    code = "form.file_needed"
    sentence = _("Choose a file first.")


def read_month(data: QueryDict, name: str) -> date:
    written = clean(data.get(name) or "")
    try:
        return date.fromisoformat(f"{written[:7]}-01")
    except ValueError:
        raise DateNotUnderstood(field=name, found=written[:20]) from None


def read_quantity(data: QueryDict, name: str = "quantity") -> int | None:
    """Tenths of the unit, or None when nothing was written."""
    written = clean(data.get(name) or "")
    return parse_points(written) if written else None


_YUAN = re.compile(r"([-−]?)(\d{1,3}(?:,\d{3}){1,2}|\d{1,9})(?:\.(\d{1,2}))?元?\Z", re.ASCII)


def read_fen(data: QueryDict, name: str) -> int:
    """Fen from yuan with at most two decimals; thousands may be set off by commas. Raises MoneyNotUnderstood."""
    written = clean(data.get(name) or "")
    match = _YUAN.match(written)
    if match is None:
        raise MoneyNotUnderstood(field=name, found=written[:20])
    fen = int(match[2].replace(",", "")) * 100 + int((match[3] or "").ljust(2, "0"))
    return -fen if match[1] else fen


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
