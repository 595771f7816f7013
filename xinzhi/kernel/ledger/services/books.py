"""Books of regions and the accounts in them, opened when they are first needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection

from xinzhi.kernel.ledger.errors import BookUnknown


def open_book(*, code: str, region_id: int, at: datetime) -> int:
    """The id of the book of a region, opened if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_book (code, region_id, opened_at) VALUES (%s, %s, %s)"
            " ON CONFLICT (region_id) DO NOTHING RETURNING id",
            [code, region_id, at],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else book_of_region(region_id)


def book_of_region(region_id: int) -> int:
    """The id of the book of a region. Raises BookUnknown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM ledger_book WHERE region_id = %s", [region_id])
        row = cursor.fetchone()
    if row is None:
        raise BookUnknown()
    return int(row[0])


def ensure_account(*, book: int, kind: str, unit: str, owner: str = "") -> int:
    """The id of one account, opened if need be."""
    return ensure_accounts(book, [(kind, unit, owner)])[kind, unit, owner]


def ensure_accounts(book: int, wanted: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    """Ids by (kind, unit, owner); what is missing is opened. At most three statements."""
    keys = sorted(set(wanted))
    found = _accounts(book, keys)
    missing = [k for k in keys if k not in found]
    if not missing:
        return found
    kinds, units, owners = (list(c) for c in zip(*missing, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH made AS ("
            "  INSERT INTO ledger_account (book, kind, unit, owner)"
            "  SELECT %s, t.kind, t.unit, t.owner FROM unnest(%s::text[], %s::text[], %s::text[]) AS t(kind, unit, owner)"
            "  ON CONFLICT (book, kind, unit, owner) DO NOTHING RETURNING book, id, kind)"
            " INSERT INTO ledger_balance (book, account_id, may_go_negative)"
            " SELECT made.book, made.id, k.may_go_negative FROM made JOIN ledger_account_kind k ON k.kind = made.kind"
            " WHERE k.keeps_balance",
            [book, kinds, units, owners],
        )
    return found | _accounts(book, missing)


def _accounts(book: int, keys: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    kinds, units, owners = (list(c) for c in zip(*keys, strict=True)) if keys else ([], [], [])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.kind, a.unit, a.owner, a.id FROM unnest(%s::text[], %s::text[], %s::text[]) AS t(kind, unit, owner)"
            " JOIN ledger_account a ON a.book = %s AND a.kind = t.kind AND a.unit = t.unit AND a.owner = t.owner",
            [kinds, units, owners, book],
        )
        return {(kind, unit, owner): pk for kind, unit, owner, pk in cursor.fetchall()}
