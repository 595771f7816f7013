"""Writes: open books and accounts, post, hold, reverse, transfer, expire."""

from xinzhi.kernel.ledger.services.books import book_of_region, ensure_account, ensure_accounts, open_book
from xinzhi.kernel.ledger.services.expiring import books_with_expired_lots, expire_lots
from xinzhi.kernel.ledger.services.holds import hold, post_hold, release_expired_holds, void_hold
from xinzhi.kernel.ledger.services.locking import lock_available
from xinzhi.kernel.ledger.services.posting import BatchItem, Journal, Leg, post, post_batch, reverse
from xinzhi.kernel.ledger.services.transferring import Move, transfer

__all__ = [
    "BatchItem",
    "Journal",
    "Leg",
    "Move",
    "book_of_region",
    "books_with_expired_lots",
    "ensure_account",
    "ensure_accounts",
    "expire_lots",
    "hold",
    "lock_available",
    "open_book",
    "post",
    "post_batch",
    "post_hold",
    "release_expired_holds",
    "reverse",
    "transfer",
    "void_hold",
]
