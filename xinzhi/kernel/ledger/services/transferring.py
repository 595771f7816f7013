"""Move amounts from one owner's accounts to another's, lot by lot: every point keeps the day on which it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.ledger.digests import content_digest
from xinzhi.kernel.ledger.errors import AccountUnknown, NotEnough, RequestKeyReused
from xinzhi.kernel.ledger.services.locking import lock_available
from xinzhi.kernel.ledger.services.posting import Journal, in_words


@dataclass(frozen=True, slots=True)
class Move:
    """An amount (> 0) from one account to another of the same unit.

    `lots` says how much of which lot of the first account, and is given where the accounts have lots: unlike a
    posting, which uses the oldest lots first, a move takes what it names.
    """

    source: int
    target: int
    unit: str
    amount: int
    lots: tuple[tuple[int, int], ...] = ()


def transfer(
    *,
    book: int,
    request_key: UUID,
    moves: Sequence[Move],
    effective_date: date,
    source: str,
    actor_key: str,
    at: datetime,
) -> Journal:
    """Post one journal that carries all moves; each part of a lot becomes a lot of its new owner with the same end.

    Every account stands in one move only. The same request key again returns the first journal. Raises NotEnough,
    AccountUnknown, RequestKeyReused; then nothing was posted. Raises ValueError when the lots named are not open
    lots of the account or do not add up: whoever names them has locked the balance first (`lock_available`).
    """
    legs = [leg for m in moves for leg in ((m.source, m.unit, -m.amount), (m.target, m.unit, m.amount))]
    if len({account for account, _unit, _amount in legs}) != len(legs) or any(m.amount <= 0 for m in moves):
        raise ValueError("each account stands in one move of a positive amount")
    digest = content_digest(source, effective_date, None, legs)
    with in_words(), transaction.atomic():
        free = lock_available(book=book, accounts=[account for account, _unit, _amount in legs])
        if earlier := _earlier(book, request_key, digest):
            return earlier
        for move in moves:
            if move.source not in free or move.target not in free:
                raise AccountUnknown()
            if free[move.source] < move.amount:
                raise NotEnough(needed=format_points(move.amount), available=format_points(free[move.source]))
        journal_id = _write(book, request_key, digest, effective_date, source, actor_key, at, legs)
        _move_lots(book, journal_id, moves)
    return Journal(journal_id, book, is_new=True)


def _earlier(book: int, request_key: UUID, digest: bytes) -> Journal | None:
    """The journal of this key, if there is one. The caller holds the balances' locks, so nobody is about to write it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, content_digest FROM ledger_journal WHERE book = %s AND request_key = %s",
            [book, request_key],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    if bytes(found[1]) != digest:
        raise RequestKeyReused()
    return Journal(int(found[0]), book, is_new=False)


def _write(
    book: int,
    request_key: UUID,
    digest: bytes,
    day: date,
    source: str,
    actor_key: str,
    at: datetime,
    legs: Sequence[tuple[int, str, int]],
) -> int:
    """Journal, entries and balances in one statement: the triggers judge them together."""
    accounts, _units, amounts = (list(column) for column in zip(*legs, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH leg AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS l(account_id, amount, line)),"
            " journal AS (INSERT INTO ledger_journal"
            "   (book, request_key, content_digest, effective_date, source, actor_key, at)"
            "   VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id),"
            " kept AS (UPDATE ledger_balance b SET balance = b.balance + leg.amount FROM leg"
            "   WHERE b.book = %s AND b.account_id = leg.account_id RETURNING b.account_id, b.balance),"
            " entry AS (INSERT INTO ledger_entry (book, journal_id, line, account_id, amount, balance_after)"
            "   SELECT %s, journal.id, leg.line, leg.account_id, leg.amount, kept.balance"
            "     FROM leg JOIN kept USING (account_id) CROSS JOIN journal)"
            " SELECT id FROM journal",
            [accounts, amounts, book, request_key, digest, day, source, actor_key, at, book, book],
        )
        return int(cursor.fetchone()[0])


def _move_lots(book: int, journal_id: int, moves: Sequence[Move]) -> None:
    parts = [(lot, part, m.source, m.target) for m in moves for lot, part in m.lots]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id FROM ledger_account a JOIN ledger_account_kind k ON k.kind = a.kind AND k.has_lots"
            " WHERE a.book = %s AND a.id = ANY(%s)",
            [book, [account for m in moves for account in (m.source, m.target)]],
        )
        with_lots = {account for (account,) in cursor.fetchall()}
        for move in moves:
            wanted = move.amount if move.source in with_lots else 0
            if sum(part for _lot, part in move.lots) != wanted or (move.target in with_lots) != bool(wanted):
                raise ValueError("the lots of a move add up to its amount, on both sides or on none")
        if not parts:
            return
        lots, amounts, sources, targets = (list(column) for column in zip(*parts, strict=True))
        cursor.execute(
            "WITH part AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])"
            "   AS p(lot_id, amount, source, target)),"
            " taken AS (UPDATE ledger_lot t SET remaining = t.remaining - part.amount FROM part"
            "   WHERE t.book = %s AND t.id = part.lot_id AND t.account_id = part.source AND t.remaining >= part.amount"
            "   RETURNING t.id, t.expires_on, part.amount, part.target),"
            " used AS (INSERT INTO ledger_lot_use (book, lot_id, journal_id, amount) SELECT %s, id, %s, amount FROM taken),"
            " made AS (INSERT INTO ledger_lot (book, account_id, journal_id, expires_on, amount, remaining)"
            "   SELECT %s, target, %s, expires_on, amount, amount FROM taken ORDER BY expires_on NULLS LAST, id)"
            " SELECT count(*) FROM taken",
            [lots, amounts, sources, targets, book, book, journal_id, book, journal_id],
        )
        if cursor.fetchone()[0] != len(parts):
            raise ValueError("a lot of a move is not an open lot of its account")
