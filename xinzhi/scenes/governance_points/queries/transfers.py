"""The story of points that went over because households split or merged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.ledger import services as ledger_services
from xinzhi.kernel.residents import history
from xinzhi.kernel.residents.models import HouseholdSuccession
from xinzhi.scenes.governance_points.accounts import owner_of, transfer_key
from xinzhi.scenes.governance_points.queries.statement import VIEW, Expiring


@dataclass(frozen=True, slots=True)
class Transfer:
    """How much went from which household to which, why so much, and until when each part can be used."""

    succession: HouseholdSuccession
    journal_id: int
    at: datetime
    happened_on: date
    spendable_tenths: int
    honour_tenths: int
    left_tenths: int
    parts: tuple[Expiring, ...]

    @property
    def had_tenths(self) -> int:
        """What the first household had just before."""
        return self.left_tenths + self.spendable_tenths

    @property
    def per_cent(self) -> str:
        """The share that was agreed on: 40 or 12.5."""
        return f"{self.succession.share_parts * 100 / self.succession.share_whole:g}"


def transfer(*, actor: Actor, event_id: int) -> Transfer:
    """For members and proxies of either household, and for who sees the statements of the village. Raises NotFound."""
    succession = history.successions([event_id]).get(event_id)
    if succession is None:
        raise NotFound()
    giving, receiving = succession.from_household, succession.to_household
    path = giving.village.scope_path
    if not any(actor.may(VIEW, scope_path=path, household_id=pk) for pk in (giving.pk, receiving.pk)):
        raise NotFound()
    book = ledger_services.book_of_region(giving.village_id)
    entries = ledger.posted(book, transfer_key(event_id))
    if not entries:  # nothing was there to go over
        raise NotFound()
    journal_id = entries[0].journal_id
    of = {(e.kind, e.owner): e for e in entries}
    gone = of.get(("spendable", owner_of(giving.pk)))
    honour = of.get(("honour", owner_of(receiving.pk)))
    account = ledger.account(book, "spendable", "points", owner_of(receiving.pk))
    made = ledger.lots_made(book, account, journal_id) if account else []
    return Transfer(
        succession=succession,
        journal_id=journal_id,
        at=entries[0].at,
        happened_on=succession.happened_on,
        spendable_tenths=-gone.amount if gone else 0,
        honour_tenths=honour.amount if honour else 0,
        left_tenths=(gone.balance_after or 0) if gone else 0,
        parts=tuple(Expiring(lot.amount, lot.expires_on) for lot in made if lot.expires_on),
    )
