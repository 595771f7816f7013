"""Let lots end on their day."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import connection, transaction

from xinzhi.kernel.ledger.services.books import ensure_accounts
from xinzhi.kernel.ledger.services.posting import BatchItem, Leg, post_batch

EXPIRY = UUID("b0f6f8a4-5d1e-4b59-9a3c-1d2a5a3b7e10")


def books_with_expired_lots(on: date) -> list[int]:
    """Books in which something has expired by `on`: what the nightly job goes through."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.id FROM ledger_book b WHERE EXISTS (SELECT 1 FROM ledger_lot t"
            " WHERE t.book = b.id AND t.remaining > 0 AND t.expires_on <= %s) ORDER BY b.id",
            [on],
        )
        return [pk for (pk,) in cursor.fetchall()]


def expire_lots(*, book: int, on: date, actor_key: str, at: datetime, source: str = "") -> int:
    """Move what is left of lots expired by `on` to the expired account, one journal an account; returns how many.

    What is held stays: it expires when it is released. Safe to run again on the same day. `source`: what statements show it
    comes from, when it is not the day alone.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT b.account_id, b.balance - b.held FROM ledger_balance b"
                " WHERE b.book = %s AND b.account_id IN"
                "   (SELECT account_id FROM ledger_lot WHERE book = %s AND remaining > 0 AND expires_on <= %s)"
                " ORDER BY b.account_id FOR NO KEY UPDATE",
                [book, book, on],
            )
            free = dict(cursor.fetchall())
            cursor.execute(
                "SELECT t.account_id, a.unit, a.owner, sum(t.remaining) FROM ledger_lot t"
                " JOIN ledger_account a ON a.book = t.book AND a.id = t.account_id"
                " WHERE t.book = %s AND t.account_id = ANY(%s::bigint[]) AND t.remaining > 0 AND t.expires_on <= %s"
                " GROUP BY t.account_id, a.unit, a.owner",
                [
                    book,
                    list(free),
                    on,
                ],  # only what is locked: what came to be due since then waits for the next run
            )
            due = [
                (account, unit, owner, min(int(left), free[account]))
                for account, unit, owner, left in cursor.fetchall()
            ]
        due = [entry for entry in due if entry[3] > 0]
        if not due:
            return 0
        sinks = ensure_accounts(book, {("expired", unit, "") for _account, unit, _owner, _amount in due})
        items = [
            BatchItem(
                uuid5(EXPIRY, f"{book}:{account}:{on}:{amount}:{at.isoformat()}"),
                (Leg(account, unit, -amount), Leg(sinks["expired", unit, ""], unit, amount)),
                on,
                source or f"ledger.expiry:{on:%Y%m%d}",
            )
            for account, unit, _owner, amount in due
        ]
        return len(post_batch(book=book, items=items, actor_key=actor_key, at=at))
