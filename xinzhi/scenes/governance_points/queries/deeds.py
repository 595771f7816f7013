"""Reads of deeds: lists for a clerk and a household, one deed with its whole story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.foundation.paging import Page, id_cursor, page_of
from xinzhi.kernel.identity import scope
from xinzhi.kernel.residents import queries as residents
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.charter import Charter

VIEW = "governance_points.deed.view"


@dataclass(frozen=True, slots=True)
class DeedRow:
    """A line of a list of deeds. `household` and `head` are as much as the reader may see."""

    id: int
    state: str
    rule_code: str
    rule_title: str
    category: str
    done_on: date
    points_tenths: int
    household_id: int
    household_no: str
    head: str
    claimed_at: datetime
    channel: str
    evidence_count: int
    publication_id: int | None
    journal_id: int | None
    steps: Sequence[dict[str, Any]]

    @property
    def state_label(self) -> str:
        return str(DEED.state(self.state).label)


def visible_deeds(actor: Actor) -> QuerySet[Deed]:
    """Deeds the actor may see: those of the villages of his roles, and those of his own households."""
    return scope.visible(Deed.objects.all(), actor, VIEW)


def deeds(
    *, actor: Actor, village_id: int | None = None, state: str = "", household_id: int | None = None,
    category: str = "", posted_in: date | None = None, cursor: str | None = None, limit: int = 50,
) -> Page[DeedRow]:  # fmt: skip
    """Newest deeds first, a page at a time, in a constant number of queries. `posted_in`: any day of a month."""
    limit = max(1, min(limit, 200))
    before = id_cursor(cursor)
    found = Deed.objects.select_related("rule", "household")
    if state:
        found = found.filter(state=state)
    if category:
        found = found.filter(rule__category=category)
    if posted_in is not None:
        first = posted_in.replace(day=1)
        found = found.filter(posted_on__gte=first, posted_on__lt=(first + timedelta(days=31)).replace(day=1))
    if household_id is not None:
        found = scope.visible(found.filter(household_id=household_id), actor, VIEW)
        if before is not None:
            found = found.filter(pk__lt=before)
        rows = list(found.order_by("-pk")[: limit + 1])
    else:
        if village_id is not None:
            found = found.filter(village_id=village_id)
        rows = scope.newest(found, actor, VIEW, limit=limit + 1, before_id=before)
    heads = residents.head_names({r.household_id for r in rows[:limit]}, masked=False) if rows else {}
    page = page_of(rows, limit, key="pk")
    return Page([row_of(d, heads) for d in page.items], page.next_cursor)


def rows_of(found: QuerySet[Deed], *, limit: int) -> list[DeedRow]:
    """The newest rows of deeds the caller has scoped, with the names of their heads: two queries."""
    rows = list(found.select_related("rule", "household").order_by("-pk")[:limit])
    heads = residents.head_names({r.household_id for r in rows}, masked=False) if rows else {}
    return [row_of(d, heads) for d in rows]


def row_of(deed: Deed, heads: dict[int, str] | None = None) -> DeedRow:
    return DeedRow(
        id=deed.pk,
        state=deed.state,
        rule_code=deed.rule_code,
        rule_title=deed.rule.title,
        category=deed.rule.category,
        done_on=deed.done_on,
        points_tenths=deed.points_tenths,
        household_id=deed.household_id,
        household_no=deed.household.household_no,
        head=(heads or {}).get(deed.household_id, ""),
        claimed_at=deed.claimed_at,
        channel=deed.channel,
        evidence_count=deed.evidence_count,
        publication_id=deed.publication_id,
        journal_id=deed.journal_id,
        steps=deed.steps,
    )


def deed(*, actor: Actor, deed_id: int) -> Deed:
    """One deed with its rule and version. Raises NotFound when it is not there or not the actor's to see."""
    found = (
        visible_deeds(actor)
        .select_related("rule__version", "household", "village", "person")
        .filter(pk=deed_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


#: States a household still waits on, newest first on its home page.
WAITING_STATES = (
    "noticed",
    "heard",
    "mended",
    "submitted",
    "returned",
    "verified",
    "rechecking",
    "approved",
    "published",
    "repair_claimed",
)


def waiting_of(*, actor: Actor, household_id: int) -> list[DeedRow]:
    """Deeds of a household that are not in the ledger yet, newest first."""
    found = scope.visible(
        Deed.objects.filter(household_id=household_id, state__in=WAITING_STATES), actor, VIEW
    ).select_related("rule", "household")
    return [row_of(d) for d in found.order_by("-pk")[:30]]


def ready_to_publish(village_id: int, charter: Charter) -> QuerySet[Deed]:
    """Deeds of a village that may be published: approved ones, and verified ones nobody has to deliberate about."""
    approved = Q(state="approved")
    if charter.council_deliberates:
        return Deed.objects.filter(approved, village_id=village_id)
    verified = Q(state="verified") & ~Q(rule_code__in=charter.rechecked_codes)
    return Deed.objects.filter(approved | verified, village_id=village_id)


def waiting_for_council(village_id: int, charter: Charter) -> QuerySet[Deed]:
    """Verified deeds of a village about which its council decides next."""
    verified = Deed.objects.filter(village_id=village_id, state="verified")
    if charter.council_deliberates:
        return verified
    return verified.filter(rule_code__in=charter.rechecked_codes)


def state_labels() -> dict[str, str]:
    """The states of a deed in words."""
    return {s.code: str(s.label) for s in DEED.states}
