"""Keyset paging: a page and the cursor of the next one. Lists are never counted exactly unless asked."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid

T = TypeVar("T")
MAX_PAGE_SIZE = 200


class CursorNotUnderstood(Invalid):
    code = "paging.cursor_not_understood"
    sentence = _("The cursor is not one this list gave out. Start again without a cursor.")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`items` of this page and the opaque `next_cursor`, None at the end."""

    items: Sequence[T]
    next_cursor: str | None


def encode_cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, length: int = 1) -> tuple[Any, ...] | None:
    """The values a cursor holds, or None without a cursor. Raises CursorNotUnderstood."""
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, UnicodeError, RecursionError):
        raise CursorNotUnderstood() from None
    plain = (
        isinstance(values, list) and len(values) == length and all(isinstance(v, int | str) for v in values)
    )
    if not plain or any(isinstance(v, int) and abs(v) > 2**62 for v in values):
        raise CursorNotUnderstood()
    return tuple(values)


def id_cursor(cursor: str | None) -> int | None:
    """The id a cursor of one integer holds. Raises CursorNotUnderstood."""
    values = decode_cursor(cursor)
    if values is None:
        return None
    if not isinstance(values[0], int) or isinstance(values[0], bool):
        raise CursorNotUnderstood()
    return values[0]


def page_of(rows: Sequence[T], limit: int, key: str = "id") -> Page[T]:
    """A page from `limit + 1` fetched rows, keyed by one attribute."""
    items = rows[:limit]
    more = len(rows) > limit
    return Page(items, encode_cursor(getattr(items[-1], key)) if more and items else None)
