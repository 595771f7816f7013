"""Look at what there is and keep it until the transaction ends, to take no more than that."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection


def lock_available(*, book: int, accounts: Sequence[int]) -> dict[int, int]:
    """Balance less what is held, by account, locked in the order of their ids; accounts without a balance are left out.

    The caller holds the transaction and posts in it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, balance - held FROM ledger_balance WHERE book = %s AND account_id = ANY(%s)"
            " ORDER BY account_id FOR UPDATE",
            [book, sorted(set(accounts))],
        )
        return {account: int(left) for account, left in cursor.fetchall()}
