"""Points and open deeds go over when households split or merge: inside that act, by ledger entries.

Of a split the new household gets its share of what is free, of every lot the same part (each keeps its day), and of the
honour. What is held stays with the household that set it aside. Open deeds go with the person who did them; those of
nobody named stay. Of a merger everything goes over. Posted deeds stay where they were earned, so their stories and caps
do not change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.foundation.errors import Conflict
from xinzhi.kernel.foundation.sharing import share_out
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.ledger import services as ledger_services
from xinzhi.kernel.ledger.errors import BookUnknown
from xinzhi.kernel.ledger.queries import Lot
from xinzhi.kernel.residents.ports import Follower, Held, Succession
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.accounts import (
    HONOUR,
    POINTS,
    TRANSFERS,
    OwnAccounts,
    accounts_of,
    transfer_key,
)
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.statement import balances_of

_ENDED = tuple(state.code for state in DEED.states if state.terminal)


class PointsSetAside(Conflict):
    code = "governance_points.points_set_aside"
    sentence = _(
        "Household %(household)s has %(points)s points set aside for something open (an exchange, for example). "
        "Finish or cancel that first; then the households can merge."
    )


@dataclass(frozen=True, slots=True)
class Going:
    """What goes over: tenths of each lot, their sum, and tenths of honour."""

    lots: tuple[tuple[int, int], ...]
    spendable: int
    honour: int


def going(succession: Succession, lots: Sequence[Lot], *, balance: int, free: int, honour: int) -> Going:
    """How much goes over: the share of what is free and of the honour, by largest remainder (ties by household number).

    What is held stays with the lots that end first, as it will be used from them. Raises PointsSetAside when a household that ends
    still holds something.
    """
    held = balance - free
    if succession.kind == "merge" and held:
        raise PointsSetAside(household=succession.from_no, points=format_points(held))
    share = succession.share
    weights = [(succession.from_no, share.whole - share.parts), (succession.to_no, share.parts)]
    spendable, honour = share_out(free, weights)[1], share_out(honour, weights)[1]
    left = []
    for lot in lots:
        kept = min(held, lot.remaining)
        held -= kept
        left.append(lot.remaining - kept)
    parts = share_out(spendable, [(f"{n:09}", amount) for n, amount in enumerate(left)]) if spendable else []
    return Going(
        tuple((lot.id, part) for lot, part in zip(lots, parts, strict=bool(parts)) if part), spendable, honour
    )


class PointsFollow(Follower):
    """The port of residents."""

    def held_for(self, household_ids: Sequence[int], *, village_id: int) -> Sequence[Held]:
        balances = balances_of(village_id, household_ids)
        under_way = dict(
            Deed.objects.filter(household_id__in=household_ids)
            .exclude(state__in=_ENDED)
            .values_list("household_id")
            .annotate(count=Count("pk"))
        )
        return [
            Held(_g("Points"), {pk: format_points(b.spendable_tenths) for pk, b in balances.items()}),
            Held(_g("Honour"), {pk: format_points(b.honour_tenths) for pk, b in balances.items()}),
            Held(_g("Deeds under way"), {pk: str(under_way.get(pk, 0)) for pk in household_ids}),
        ]

    def follow(self, succession: Succession, *, actor: Actor, at: datetime) -> None:
        ids = list(_deeds_going(succession).values_list("pk", flat=True))
        # The deeds follow by themselves: whoever entered the split took no part in them.
        workflow.credit_household(DEED, ids, household_id=succession.to_household_id, actor=SYSTEM, at=at)
        moved = _move_points(succession, actor=actor, at=at)
        audit.record_many(
            audit.Entry(
                actor=actor, action=f"governance_points.follow_{succession.kind}", at=at, count=len(ids),
                subject=f"life_event:{succession.event_id}", region_id=succession.village_id, household_id=household_id,
            )
            for household_id in (succession.from_household_id, succession.to_household_id)
            if ids or moved
        )  # fmt: skip


def _deeds_going(succession: Succession) -> QuerySet[Deed]:
    found = Deed.objects.filter(household_id=succession.from_household_id).exclude(state__in=_ENDED)
    return found if succession.kind == "merge" else found.filter(person_id__in=succession.person_ids)


def _move_points(succession: Succession, *, actor: Actor, at: datetime) -> bool:
    """One journal from household to household; none where nothing goes over. Returns whether there is one."""
    try:
        book = ledger_services.book_of_region(succession.village_id)
    except BookUnknown:
        return False
    accounts = accounts_of(book, [succession.from_household_id, succession.to_household_id])
    giving, receiving = accounts.of(succession.from_household_id), accounts.of(succession.to_household_id)
    free = ledger_services.lock_available(book=book, accounts=_all_of(giving, receiving))
    found = going(
        succession, ledger.lots(book, giving.spendable), balance=ledger.balance(book, giving.spendable),
        free=free[giving.spendable], honour=free[giving.honour],
    )  # fmt: skip
    moves = [
        ledger_services.Move(source, target, unit, amount, lots)
        for source, target, unit, amount, lots in (
            (giving.spendable, receiving.spendable, POINTS, found.spendable, found.lots),
            (giving.honour, receiving.honour, HONOUR, found.honour, ()),
        )
        if amount
    ]
    if moves:
        ledger_services.transfer(
            book=book, request_key=transfer_key(succession.event_id), moves=moves, effective_date=succession.happened_on,
            source=f"{TRANSFERS[succession.kind]}{succession.event_id}", actor_key=actor.person_key, at=at,
        )  # fmt: skip
    return bool(moves)


def _all_of(*own: OwnAccounts) -> list[int]:
    return [account for each in own for account in (each.spendable, each.honour)]
