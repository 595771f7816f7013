"""Set an amount aside until it is posted, given back, or its time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.ledger.errors import AccountUnknown, HoldSettled, HoldUnknown, NotEnough, RequestKeyReused
from xinzhi.kernel.ledger.services.posting import Journal, Leg, in_words, post


def hold(
    *,
    book: int,
    account: int,
    amount: int,
    request_key: UUID,
    expires_at: datetime,
    source: str,
    actor_key: str,
    at: datetime,
) -> int:
    """Set an amount of an account aside until it is posted, voided or its time is over. Returns the hold's id.

    The same request key again returns the first hold. Raises NotEnough, AccountUnknown, RequestKeyReused.
    """
    with in_words(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_hold (book, request_key, account_id, amount, source, actor_key, at, expires_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (book, request_key) DO NOTHING RETURNING id",
            [book, request_key, account, amount, source, actor_key, at, expires_at],
        )
        made = cursor.fetchone()
        if made is None:
            cursor.execute(
                "SELECT id, account_id, amount FROM ledger_hold WHERE book = %s AND request_key = %s",
                [book, request_key],
            )
            pk, held_account, held_amount = cursor.fetchone()
            if (held_account, held_amount) != (account, amount):
                raise RequestKeyReused()
            return int(pk)
        cursor.execute(
            "SELECT balance - held, may_go_negative FROM ledger_balance WHERE book = %s AND account_id = %s FOR NO KEY UPDATE",
            [book, account],
        )
        row = cursor.fetchone()
        if row is None:
            raise AccountUnknown()
        if row[0] < amount and not row[1]:
            raise NotEnough(needed=format_points(amount), available=format_points(row[0]))
        cursor.execute(
            "UPDATE ledger_balance SET held = held + %s WHERE book = %s AND account_id = %s",
            [amount, book, account],
        )
        return int(made[0])


def post_hold(
    *,
    book: int,
    hold_id: int,
    legs: Sequence[Leg],
    request_key: UUID,
    effective_date: date,
    actor_key: str,
    at: datetime,
) -> Journal:
    """Release a hold and post in its stead. Again with the same request key returns the first journal.

    Raises HoldUnknown, HoldSettled, and as `post`.
    """
    with transaction.atomic():
        state, account, amount, source, journal_id = _lock_hold(book, hold_id)
        if state == "posted" and journal_id is not None and _journal_of(book, request_key) == journal_id:
            return Journal(journal_id, book, is_new=False)
        _require_held(state)
        _lock_balances(book, [account, *(leg.account for leg in legs)])
        _release(book, account, amount)
        journal = post(
            book=book, request_key=request_key, legs=legs, effective_date=effective_date, source=source, actor_key=actor_key,
            at=at,
        )  # fmt: skip
        _settle_hold(book, hold_id, "posted", at, journal.id)
        return journal


def void_hold(*, book: int, hold_id: int, at: datetime) -> None:
    """Give a hold back. Voiding it twice changes nothing. Raises HoldUnknown, HoldSettled."""
    with transaction.atomic():
        state, account, amount, _source, _journal = _lock_hold(book, hold_id)
        if state == "voided":
            return
        _require_held(state)
        _release(book, account, amount)
        _settle_hold(book, hold_id, "voided", at)


def release_expired_holds(*, at: datetime) -> int:
    """Give back every hold whose time is over; returns how many. Safe to run twice at once."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT book, id, account_id FROM ledger_hold WHERE state = 'held' AND expires_at <= %s"
            " ORDER BY book, id FOR UPDATE SKIP LOCKED",
            [at],
        )
        due = cursor.fetchall()
        if not due:
            return 0
        books, holds, accounts = (list(column) for column in zip(*due, strict=True))
        for book in sorted(set(books)):
            _lock_balances(book, [a for b, a in zip(books, accounts, strict=True) if b == book])
        cursor.execute(
            "WITH gone AS ("
            "  UPDATE ledger_hold h SET state = 'expired', settled_at = %s FROM unnest(%s::bigint[], %s::bigint[]) AS due(book, id)"
            "  WHERE h.book = due.book AND h.id = due.id RETURNING h.book, h.account_id, h.amount)"
            " UPDATE ledger_balance b SET held = b.held - s.amount"
            "  FROM (SELECT book, account_id, sum(amount) AS amount FROM gone GROUP BY book, account_id) s"
            "  WHERE b.book = s.book AND b.account_id = s.account_id",
            [at, books, holds],
        )
        return len(due)


def _lock_hold(book: int, hold_id: int) -> tuple[str, int, int, str, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, account_id, amount, source, journal_id FROM ledger_hold WHERE book = %s AND id = %s FOR UPDATE",
            [book, hold_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise HoldUnknown(hold=hold_id)
    return row  # type: ignore[no-any-return]


def _lock_balances(book: int, accounts: Sequence[int]) -> None:
    """In the order in which `ledger_post` locks them, so that nobody waits in a circle."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM ledger_balance WHERE book = %s AND account_id = ANY(%s::bigint[])"
            " ORDER BY account_id FOR NO KEY UPDATE",
            [book, list(accounts)],
        )


def _require_held(state: str) -> None:
    if state != "held":
        raise HoldSettled(state=state)


def _journal_of(book: int, request_key: UUID) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_journal WHERE book = %s AND request_key = %s", [book, request_key]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _release(book: int, account: int, amount: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_balance SET held = held - %s WHERE book = %s AND account_id = %s",
            [amount, book, account],
        )


def _settle_hold(book: int, hold_id: int, state: str, at: datetime, journal_id: int | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_hold SET state = %s, settled_at = %s, journal_id = %s WHERE book = %s AND id = %s",
            [state, at, journal_id, book, hold_id],
        )
