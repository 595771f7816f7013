"""Reads: balances, movements, lots, and the proof that everything adds up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils.translation import gettext as _

from xinzhi.kernel.foundation.paging import CursorNotUnderstood, Page, decode_cursor, encode_cursor


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
class Difference:
    """What does not add up, in a sentence."""

    book: int
    subject: str
    sentence: str


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
        db.execute(
            "SELECT e.journal_id, e.line, j.at, j.effective_date, e.amount, e.balance_after, j.source, j.reason_code,"  # noqa: S608
            " j.reverses, r.id FROM ledger_entry e"
            " JOIN ledger_journal j ON j.book = e.book AND j.id = e.journal_id"
            " LEFT JOIN ledger_journal r ON r.book = e.book AND r.reverses = e.journal_id"
            f" WHERE e.book = %s AND e.account_id = %s{where} ORDER BY e.journal_id DESC, e.line DESC LIMIT {limit + 1}",
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


_CHECKS: tuple[tuple[str, str], ...] = (
    (
        "journal_unbalanced",
        "SELECT e.book, e.journal_id, a.unit, sum(e.amount), 0 FROM ledger_entry e"
        " JOIN ledger_account a ON a.book = e.book AND a.id = e.account_id"
        " GROUP BY e.book, e.journal_id, a.unit HAVING sum(e.amount) <> 0",
    ),
    (
        "journal_empty",
        "SELECT j.book, j.id, '', 0, 0 FROM ledger_journal j WHERE NOT EXISTS"
        " (SELECT 1 FROM ledger_entry e WHERE e.book = j.book AND e.journal_id = j.id)",
    ),
    (
        "balance_differs",
        "SELECT b.book, b.account_id, '', b.balance, coalesce(s.total, 0) FROM ledger_balance b LEFT JOIN"
        " (SELECT book, account_id, sum(amount) AS total FROM ledger_entry GROUP BY book, account_id) s"
        " ON s.book = b.book AND s.account_id = b.account_id WHERE b.balance <> coalesce(s.total, 0)",
    ),
    (
        "running_balance_differs",
        "SELECT book, journal_id, '', balance_after, expected FROM (SELECT e.book, e.journal_id, e.balance_after,"
        " sum(e.amount) OVER (PARTITION BY e.book, e.account_id ORDER BY e.journal_id, e.line) AS expected"
        " FROM ledger_entry e WHERE e.balance_after IS NOT NULL) s WHERE balance_after <> expected",
    ),
    (
        "balance_negative",
        "SELECT b.book, b.account_id, '', b.balance, b.held FROM ledger_balance b"
        " JOIN ledger_account a ON a.book = b.book AND a.id = b.account_id JOIN ledger_account_kind k ON k.kind = a.kind"
        " WHERE NOT k.may_go_negative AND b.balance < b.held",
    ),
    (
        "held_differs",
        "SELECT b.book, b.account_id, '', b.held, coalesce(s.total, 0) FROM ledger_balance b LEFT JOIN"
        " (SELECT book, account_id, sum(amount) AS total FROM ledger_hold WHERE state = 'held' GROUP BY book, account_id) s"
        " ON s.book = b.book AND s.account_id = b.account_id WHERE b.held <> coalesce(s.total, 0)",
    ),
    (
        "lots_differ",
        "SELECT b.book, b.account_id, '', coalesce(s.total, 0), b.balance FROM ledger_balance b"
        " JOIN ledger_account a ON a.book = b.book AND a.id = b.account_id"
        " JOIN ledger_account_kind k ON k.kind = a.kind AND k.has_lots LEFT JOIN"
        " (SELECT book, account_id, sum(remaining) AS total FROM ledger_lot GROUP BY book, account_id) s"
        " ON s.book = b.book AND s.account_id = b.account_id WHERE b.balance <> coalesce(s.total, 0)",
    ),
    (
        "lot_uses_differ",
        "SELECT t.book, t.id, '', t.amount - t.remaining, coalesce(s.total, 0) FROM ledger_lot t LEFT JOIN"
        " (SELECT book, lot_id, sum(amount) AS total FROM ledger_lot_use GROUP BY book, lot_id) s"
        " ON s.book = t.book AND s.lot_id = t.id WHERE t.amount - t.remaining <> coalesce(s.total, 0)",
    ),
)


def verify() -> list[Difference]:
    """Recompute everything from the entries and name each difference. Empty when all is well."""
    found: list[Difference] = []
    with connection.cursor() as cursor:
        for name, statement in _CHECKS:
            cursor.execute(statement)
            found += [
                Difference(row[0], f"{name}:{row[1]}", _sentence(name, row)) for row in cursor.fetchall()
            ]
    return found


def _sentence(name: str, row: tuple[int, int, str, int, int]) -> str:
    _book, subject, unit, left, right = row
    words = {
        "journal_unbalanced": _("Journal %(subject)s does not balance: %(left)s %(unit)s too much."),
        "journal_empty": _("Journal %(subject)s has no entries."),
        "balance_differs": _("Account %(subject)s says %(left)s, its entries add up to %(right)s."),
        "running_balance_differs": _(
            "In journal %(subject)s the running balance says %(left)s, it should be %(right)s."
        ),
        "balance_negative": _("Account %(subject)s holds %(left)s, less than the %(right)s set aside."),
        "held_differs": _("Account %(subject)s has %(left)s set aside, its holds add up to %(right)s."),
        "lots_differ": _("The lots of account %(subject)s add up to %(left)s, its balance is %(right)s."),
        "lot_uses_differ": _("Of lot %(subject)s %(left)s are gone, its uses add up to %(right)s."),
    }
    return words[name] % {"subject": subject, "unit": unit, "left": left, "right": right}


def hledger_lines(book_code: str | None = None) -> Iterator[str]:
    """The books as an hledger journal: a transaction a journal, amounts in the smallest part of each unit."""
    with connection.cursor() as cursor:
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
