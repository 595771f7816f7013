"""The ledger accounts of governance points in a village's book.

Two balances per household: *spendable* points (lots that expire) and *honour* (never resets). One deed
feeds both from the village's issuance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid5

from xinzhi.kernel.ledger import services as ledger

POINTS = "points"
HONOUR = "honour"
#: How a journal names the life event for which points went from household to household.
TRANSFERS = {"split": "governance_points.split:", "merge": "governance_points.merge:"}
#: How a journal names the yearly reset for which points ended, before its year; and how the ledger names an ordinary expiry.
RESET = "governance_points.reset:"
EXPIRY = "ledger.expiry:"
_FOLLOWING = UUID("0f6d4a5e-6d6c-4f0f-8f5e-6c5a0c2b7d11")


@dataclass(frozen=True, slots=True)
class OwnAccounts:
    spendable: int
    honour: int


@dataclass(frozen=True, slots=True)
class Accounts:
    """Account ids in one book."""

    book: int
    points_issuance: int
    honour_issuance: int
    households: dict[int, OwnAccounts]

    def of(self, household_id: int) -> OwnAccounts:
        return self.households[household_id]


def owner_of(household_id: int) -> str:
    return f"household:{household_id}"


def transfer_key(event_id: int) -> UUID:
    """The request key of the journal that moves points for a life event."""
    return uuid5(_FOLLOWING, str(event_id))


def household_of_owner(owner: str) -> int:
    """The household a ledger owner stands for."""
    return int(owner.removeprefix("household:"))


def accounts_of(book: int, household_ids: Iterable[int]) -> Accounts:
    """Open what is missing and return the ids; a constant number of statements."""
    households = sorted(set(household_ids))
    wanted = [("issuance", POINTS, ""), ("issuance", HONOUR, "")]
    for h in households:
        wanted += [("spendable", POINTS, owner_of(h)), ("honour", HONOUR, owner_of(h))]
    ids = ledger.ensure_accounts(book, wanted)
    return Accounts(
        book=book,
        points_issuance=ids["issuance", POINTS, ""],
        honour_issuance=ids["issuance", HONOUR, ""],
        households={
            h: OwnAccounts(ids["spendable", POINTS, owner_of(h)], ids["honour", HONOUR, owner_of(h)])
            for h in households
        },
    )
