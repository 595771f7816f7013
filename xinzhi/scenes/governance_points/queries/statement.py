"""The statement (积分明细): balance, movements, and for each where it comes from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.foundation.paging import Page
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.ledger import services as ledger_services
from xinzhi.kernel.ledger.errors import BookUnknown
from xinzhi.kernel.residents import history
from xinzhi.kernel.residents.models import Household, HouseholdSuccession
from xinzhi.scenes.governance_points.accounts import EXPIRY, HONOUR, POINTS, RESET, TRANSFERS, owner_of
from xinzhi.scenes.governance_points.models import Deed

VIEW = "governance_points.statement.view"
_SOURCE = "governance_points.deed:"


@dataclass(frozen=True, slots=True)
class Balances:
    """Both balances of a household in tenths of a point."""

    spendable_tenths: int
    honour_tenths: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A movement of the spendable balance, joined with the deed it comes from."""

    journal_id: int
    at: datetime
    effective_date: date
    amount_tenths: int
    balance_after_tenths: int | None
    deed_id: int | None
    title: str
    category: str
    rule_code: str
    version_number: int | None
    is_reversal: bool
    is_reversed: bool
    life_event_id: int | None = None


def household_for(*, actor: Actor, household_id: int) -> Household:
    """The household when the actor may see its statement. Raises NotFound."""
    household = Household.objects.filter(pk=household_id).select_related("village").first()
    if household is None or not actor.may(
        VIEW, scope_path=household.village.scope_path, household_id=household.pk
    ):
        raise NotFound()
    return household


def balances(*, actor: Actor, household_id: int) -> Balances:
    """Spendable and honour balance. Raises NotFound."""
    household = household_for(actor=actor, household_id=household_id)
    return balances_of(household.village_id, [household.pk])[household.pk]


def balances_of(village_id: int, household_ids: Collection[int]) -> dict[int, Balances]:
    """Balances of households of one village, two queries. The caller has scoped them."""
    if not household_ids:
        return {}
    owners = {owner_of(pk): pk for pk in household_ids}
    try:
        book = ledger_services.book_of_region(village_id)
    except BookUnknown:  # before the first charter nobody has points
        return dict.fromkeys(household_ids, Balances(0, 0))
    spendable = ledger.balances(book, list(owners), "spendable", POINTS)
    honour = ledger.balances(book, list(owners), "honour", HONOUR)
    return {pk: Balances(spendable.get(o, 0), honour.get(o, 0)) for o, pk in owners.items()}


def statement(
    *, actor: Actor, household_id: int, cursor: str | None = None, limit: int = 50
) -> Page[StatementLine]:
    """Movements of the spendable balance, newest first. Raises NotFound."""
    household = household_for(actor=actor, household_id=household_id)
    try:
        book = ledger_services.book_of_region(household.village_id)
    except BookUnknown:
        return Page([], None)
    account = ledger_services.ensure_account(
        book=book, kind="spendable", unit=POINTS, owner=owner_of(household.pk)
    )
    page = ledger.movements(book, account, cursor=cursor, limit=limit)
    deed_ids = {int(m.source.removeprefix(_SOURCE)) for m in page.items if m.source.startswith(_SOURCE)}
    found = {d.pk: d for d in Deed.objects.filter(pk__in=deed_ids).select_related("rule__version")}
    successions = history.successions([e for m in page.items if (e := life_event_of(m.source))])
    lines = []
    for m in page.items:
        deed = found.get(int(m.source.removeprefix(_SOURCE))) if m.source.startswith(_SOURCE) else None
        succession = successions.get(life_event_of(m.source) or 0)
        lines.append(
            StatementLine(
                journal_id=m.journal_id,
                at=m.at,
                effective_date=m.effective_date,
                amount_tenths=m.amount,
                balance_after_tenths=m.balance_after,
                deed_id=deed.pk if deed else None,
                title=deed.rule.title
                if deed
                else transfer_title(succession, household.pk)
                if succession
                else ended_title(m.source),
                category=deed.rule.category if deed else "",
                rule_code=deed.rule_code if deed else "",
                version_number=deed.rule.version.number if deed else None,
                is_reversal=m.reverses is not None,
                is_reversed=m.reversed_by is not None,
                life_event_id=succession.event_id if succession else None,
            )
        )
    return Page(lines, page.next_cursor)


def life_event_of(source: str) -> int | None:
    """The life event a journal comes from, when it moved points because households split or merged."""
    for prefix in TRANSFERS.values():
        if source.startswith(prefix):
            return int(source.removeprefix(prefix))
    return None


def transfer_title(succession: HouseholdSuccession, household_id: int) -> str:
    """What a statement says of points that went over: with which household, and in which direction."""
    gives = succession.from_household_id == household_id
    other = succession.to_household if gives else succession.from_household
    if succession.kind == "split":
        words = (
            _("Household split: gone over to household %(number)s")
            if gives
            else _("Household split: come from household %(number)s")
        )
    else:
        words = (
            _("Households merged: gone over to household %(number)s")
            if gives
            else _("Households merged: come from household %(number)s")
        )
    return words % {"number": other.household_no}


def ended_title(source: str) -> str:
    """What a statement says of points whose time was over."""
    if source.startswith(RESET):
        return _("Yearly reset: points of earlier years have ended")
    return _("Points that have expired") if source.startswith(EXPIRY) else ""


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that expire together: how many, and the first day on which they no longer count."""

    tenths: int
    on: date

    @property
    def last_day(self) -> date:
        """The last day on which they can be used."""
        return self.on - timedelta(days=1)


def expiries(*, actor: Actor, household_id: int) -> list[Expiring]:
    """What expires when, soonest first. Raises NotFound."""
    household = household_for(actor=actor, household_id=household_id)
    try:
        book = ledger_services.book_of_region(household.village_id)
    except BookUnknown:
        return []
    account = ledger_services.ensure_account(
        book=book, kind="spendable", unit=POINTS, owner=owner_of(household.pk)
    )
    by_day: dict[date, int] = {}
    for lot in ledger.lots(book, account):
        if lot.expires_on:
            by_day[lot.expires_on] = by_day.get(lot.expires_on, 0) + lot.remaining
    return [Expiring(tenths, on) for on, tenths in sorted(by_day.items())]


def expiring_soon(*, actor: Actor, household_id: int, on: date, days: int = 30) -> Expiring | None:
    """Points that expire within the next days, or None. Raises NotFound."""
    due = [e for e in expiries(actor=actor, household_id=household_id) if e.on <= on + timedelta(days=days)]
    return Expiring(sum(e.tenths for e in due), due[0].on) if due else None
