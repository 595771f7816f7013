"""Reads: balances, movements, lots, and the books for another program to check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from xinzhi.kernel.foundation.paging import CursorNotUnderstood, Page, decode_cursor, encode_cursor
from xinzhi.kernel.ledger.verifying import Difference, verify

__all__ = [
    "Difference",
    "Lot",
    "Movement",
    "Posted",
    "account",
    "amounts_by_source",
    "available",
    "balance",
    "balances",
    "expiring_between",
    "hledger_lines",
    "lots",
    "lots_made",
    "movements",
    "posted",
    "totals",
    "verify",
]


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry of an account. `balance_after` is None where the kind keeps no balance."""

    journal_id: int
    line: int
    at: datetime
    effective_date: date
    amount: int
    balance_after: int | None
    source: str
    reason_code: str
    reverses: int | None
    reversed_by: int | None


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of one credit, and until when (the first day on which it no longer counts)."""

    id: int
    journal_id: int
    expires_on: date | None
    amount: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Posted:
    """One entry of a journal with whose account it is."""

    journal_id: int
    at: datetime
    effective_date: date
    kind: str
    owner: str
    amount: int
    balance_after: int | None


def account(book: int, kind: str, unit: str, owner: str) -> int | None:
    """The id of an account, None where it was never opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_account WHERE book = %s AND kind = %s AND unit = %s AND owner = %s",
            [book, kind, unit, owner],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def balance(book: int, account: int, unit: str = "") -> int:
    """The balance of an account that keeps one: a single row, however many entries there are."""
    del unit  # an account has one unit
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT balance FROM ledger_balance WHERE book = %s AND account_id = %s", [book, account]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def available(book: int, account: int) -> int:
    """Balance less what is held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT balance - held FROM ledger_balance WHERE book = %s AND account_id = %s", [book, account]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def balances(book: int, owners: Sequence[str], kind: str, unit: str) -> dict[str, int]:
    """Balances by owner; owners without an account are left out. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.owner, b.balance FROM ledger_account a"
            " JOIN ledger_balance b ON b.book = a.book AND b.account_id = a.id"
            " WHERE a.book = %s AND a.kind = %s AND a.unit = %s AND a.owner = ANY(%s)",
            [book, kind, unit, list(owners)],
        )
        return {owner: int(found) for owner, found in cursor.fetchall()}


def movements(book: int, account: int, *, cursor: str | None = None, limit: int = 50) -> Page[Movement]:
    """Entries of an account, newest first. Raises CursorNotUnderstood."""
    limit = max(1, min(limit, 200))
    after = decode_cursor(cursor, 2)
    if after is not None and not all(isinstance(v, int) for v in after):
        raise CursorNotUnderstood()
    where, values = "", [book, account]
    if after is not None:
        where, values = " AND (e.journal_id, e.line) < (%s, %s)", [*values, *after]
    with connection.cursor() as db:
        # The page first and then its journals: joined at once, a planner may walk the journals of the whole book.
        db.execute(
            "WITH page AS MATERIALIZED (SELECT e.book, e.journal_id, e.line, e.amount, e.balance_after FROM ledger_entry e"  # noqa: S608
            f"  WHERE e.book = %s AND e.account_id = %s{where} ORDER BY e.journal_id DESC, e.line DESC LIMIT {limit + 1})"
            " SELECT page.journal_id, page.line, j.at, j.effective_date, page.amount, page.balance_after, j.source,"
            " j.reason_code, j.reverses, r.id FROM page"
            " JOIN ledger_journal j ON j.book = page.book AND j.id = page.journal_id"
            " LEFT JOIN ledger_journal r ON r.book = page.book AND r.reverses = page.journal_id"
            " ORDER BY page.journal_id DESC, page.line DESC",
            values,
        )
        rows = [Movement(*row) for row in db.fetchall()]
    items = rows[:limit]
    more = len(rows) > limit
    return Page(items, encode_cursor(items[-1].journal_id, items[-1].line) if more else None)


def lots(book: int, account: int) -> list[Lot]:
    """Open lots of an account, the one that expires first first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, journal_id, expires_on, amount, remaining FROM ledger_lot"
            " WHERE book = %s AND account_id = %s AND remaining > 0 ORDER BY expires_on NULLS LAST, id",
            [book, account],
        )
        return [Lot(*row) for row in cursor.fetchall()]


def posted(book: int, request_key: UUID) -> list[Posted]:
    """The entries of the journal that was posted under this key, in their order; empty when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.id, j.at, j.effective_date, a.kind, a.owner, e.amount, e.balance_after FROM ledger_journal j"
            " JOIN ledger_entry e ON e.book = j.book AND e.journal_id = j.id"
            " JOIN ledger_account a ON a.book = e.book AND a.id = e.account_id"
            " WHERE j.book = %s AND j.request_key = %s ORDER BY e.line",
            [book, request_key],
        )
        return [Posted(*row) for row in cursor.fetchall()]


def lots_made(book: int, account: int, journal_id: int) -> list[Lot]:
    """The lots a journal made on an account, whatever is left of them, the one that ends first first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, journal_id, expires_on, amount, remaining FROM ledger_lot"
            " WHERE book = %s AND account_id = %s AND journal_id = %s ORDER BY expires_on NULLS LAST, id",
            [book, account, journal_id],
        )
        return [Lot(*row) for row in cursor.fetchall()]


def expiring_between(kind: str, unit: str, first: date, last: date) -> list[tuple[str, date, int]]:
    """What expires on the days from `first` to `last`, in all books: (owner, first day it no longer counts, amount)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.owner, t.expires_on, sum(t.remaining)::bigint FROM ledger_book b"
            " JOIN ledger_lot t ON t.book = b.id JOIN ledger_account a ON a.book = t.book AND a.id = t.account_id"
            " WHERE t.remaining > 0 AND t.expires_on BETWEEN %s AND %s AND a.kind = %s AND a.unit = %s"
            " GROUP BY a.book, a.owner, t.expires_on ORDER BY a.book, a.owner, t.expires_on",
            [first, last, kind, unit],
        )
        return [(owner, expires_on, int(amount)) for owner, expires_on, amount in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Total:
    """What stands on all accounts of a kind in a book at a moment, and how much of it has come since another."""

    standing: int
    moved: int


def totals(
    region_ids: Sequence[int], kinds: Sequence[str], unit: str, *, since: datetime, until: datetime
) -> dict[tuple[int, str], Total]:
    """By region and kind of account, just before `until`: one statement over the entries of accounts of these kinds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.region_id, a.kind, sum(e.amount)::bigint, coalesce(sum(e.amount) FILTER (WHERE j.at >= %s), 0)::bigint"
            " FROM ledger_book b JOIN ledger_account a ON a.book = b.id AND a.unit = %s AND a.kind = ANY(%s)"
            " JOIN ledger_entry e ON e.book = a.book AND e.account_id = a.id"
            " JOIN ledger_journal j ON j.book = e.book AND j.id = e.journal_id"
            " WHERE b.region_id = ANY(%s) AND j.at < %s GROUP BY 1, 2",
            [since, unit, list(kinds), list(region_ids), until],
        )
        return {(region, kind): Total(standing, moved) for region, kind, standing, moved in cursor.fetchall()}


def amounts_by_source(region_id: int, kind: str, unit: str, first: date, after: date) -> dict[str, int]:
    """What journals of these effective days moved on accounts of a kind, by what they come from; contra entries are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.source, sum(e.amount)::bigint FROM ledger_book b JOIN ledger_journal j ON j.book = b.id"
            " JOIN ledger_entry e ON e.book = j.book AND e.journal_id = j.id"
            " JOIN ledger_account a ON a.book = e.book AND a.id = e.account_id"
            " WHERE b.region_id = %s AND j.effective_date >= %s AND j.effective_date < %s AND j.reverses IS NULL"
            " AND a.kind = %s AND a.unit = %s GROUP BY j.source",
            [region_id, first, after, kind, unit],
        )
        return dict(cursor.fetchall())


def hledger_lines(book_code: str | None = None) -> Iterator[str]:
    """The books as an hledger journal: a transaction a journal, amounts in the smallest part of each unit."""
    with connection.chunked_cursor() as cursor:  # millions of entries, a few thousand at a time
        cursor.execute(
            "SELECT b.code, j.id, j.effective_date, j.source, j.reverses, a.kind, a.owner, a.unit, e.amount"
            " FROM ledger_entry e JOIN ledger_journal j ON j.book = e.book AND j.id = e.journal_id"
            " JOIN ledger_book b ON b.id = e.book JOIN ledger_account a ON a.book = e.book AND a.id = e.account_id"
            " WHERE %s::text IS NULL OR b.code = %s ORDER BY b.code, j.effective_date, j.id, e.line",
            [book_code, book_code],
        )
        previous = None
        while rows := cursor.fetchmany(5000):
            for code, journal_id, day, source, reverses, kind, owner, unit, amount in rows:
                if (code, journal_id) != previous:
                    note = f" reverses:{reverses}" if reverses else ""
                    yield f"\n{day} ({journal_id}) {source}  ; book:{code}{note}"
                    previous = (code, journal_id)
                account = ":".join(part for part in (code, kind, owner) if part)
                yield f'    {account}  {amount} "{unit}"'
