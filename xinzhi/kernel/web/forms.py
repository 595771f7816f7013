"""Reads what forms send: full-width digits and characters nobody sees do no harm. Every refusal is a sentence at its field."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import DomainError, Invalid
from xinzhi.kernel.sheets.cleaning import clean


class DateNotUnderstood(Invalid):
    code = "form.date_not_understood"
    sentence = _("A day is needed, for example 2026-11-23; found “%(found)s”.")


class NumberNotUnderstood(Invalid):
    code = "form.number_not_understood"
    sentence = _("A number is needed here; found “%(found)s”.")


def said_at(refusal: DomainError, *fields: str) -> dict[str, str]:
    """The sentence at its field, or above the form where the page has no such field: never nowhere."""
    field = "photo" if refusal.field == "file" else refusal.field
    return {field if field and field in fields else "form": refusal.message}


def read_day(data: QueryDict, name: str) -> date:
    """Raises DateNotUnderstood."""
    written = clean(data.get(name) or "")
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise DateNotUnderstood(field=name, found=written[:20]) from None


def read_int(data: QueryDict, name: str) -> int | None:
    """A whole number that fits a database id, or None when nothing was written. Raises NumberNotUnderstood."""
    written = clean(data.get(name) or "")
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


def read_ids(data: QueryDict, name: str) -> list[int]:
    """The database ids among the values; anything else is left out."""
    return [int(v) for v in data.getlist(name) if v.isascii() and v.isdigit() and len(v) <= 18]
