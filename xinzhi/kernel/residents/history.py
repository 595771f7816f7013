"""Reads on what happened to a household: its events, and which household came from which."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from xinzhi.kernel.audit import labels
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.residents import queries, scope
from xinzhi.kernel.residents.models import Household, HouseholdSuccession, LifeEvent, Membership
from xinzhi.kernel.residents.queries import VIEW

#: A household's page shows its last events; older ones are in the register's own export.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as the page of a household shows it. `names` are whole: the reader may see the household."""

    id: int
    kind: str
    happened_on: date
    basis: str
    names: tuple[str, ...]
    person_ids: tuple[int, ...]
    from_no: str
    from_id: int
    to_no: str
    to_id: int | None
    is_here_the_other: bool
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Former:
    """Somebody who belonged to the household, and until when."""

    person_id: int
    name: str
    status: str
    relation_code: str
    active_from: date
    active_to: date


def happened(actor: Actor, household_id: int) -> list[Happened]:
    """What happened to the household, newest first. Raises HouseholdNotFound. At most five queries."""
    scope.household(actor, VIEW, household_id)
    rows = list(
        LifeEvent.objects.filter(Q(household_id=household_id) | Q(other_household_id=household_id))
        .select_related("household", "other_household")
        .order_by("-happened_on", "-pk")[:SHOWN]
    )
    names = queries.display_names({pk for row in rows for pk in row.person_ids})
    who = labels.actor_names({row.recorded_by_key for row in rows})
    return [
        Happened(
            id=row.pk,
            kind=row.kind,
            happened_on=row.happened_on,
            basis=row.basis,
            names=tuple(names.get(pk, "") for pk in row.person_ids),
            person_ids=tuple(row.person_ids),
            from_no=row.household.household_no,
            from_id=row.household_id,
            to_no=row.other_household.household_no if row.other_household else "",
            to_id=row.other_household_id,
            is_here_the_other=row.other_household_id == household_id,
            recorded_at=row.recorded_at,
            recorded_by=who.get(row.recorded_by_key, ""),
        )
        for row in rows
    ]


def former_members(actor: Actor, household_id: int) -> list[Former]:
    """Who belonged to the household and no longer does, latest first, each once. Raises HouseholdNotFound."""
    scope.household(actor, VIEW, household_id)
    now = Membership.objects.filter(household_id=household_id, active_to=None).values("person_id")
    rows: dict[int, Membership] = {}
    ended = Membership.objects.filter(household_id=household_id, active_to__isnull=False)
    for row in ended.exclude(person_id__in=now).select_related("person").order_by("-active_to", "-pk"):
        rows.setdefault(row.person_id, row)
    names = queries.display_names(rows)
    return [
        Former(
            person_id=pk,
            name=names.get(pk, ""),
            status=row.person.status,
            relation_code=row.relation_code,
            active_from=row.active_from,
            active_to=row.active_to,
        )
        for pk, row in rows.items()
        if row.active_to is not None
    ]


def successions(event_ids: Collection[int]) -> dict[int, HouseholdSuccession]:
    """{event id: which household came from which}, with both households. One query; the caller has scoped."""
    found = {pk for pk in event_ids if 0 < pk < 2**63}  # an address may say anything
    rows = HouseholdSuccession.objects.filter(event_id__in=found)
    return {row.event_id: row for row in rows.select_related("from_household", "to_household")}


def present_household(household_id: int) -> int:
    """The household that stands for this one today: where it was merged into, or itself."""
    seen = {household_id}
    while True:
        row = HouseholdSuccession.objects.filter(from_household_id=household_id, kind="merge").first()
        if row is None or row.to_household_id in seen:
            return household_id
        household_id = row.to_household_id
        seen.add(household_id)


def in_village(actor: Actor, village_id: int, household_no: str) -> Household | None:
    """A household of the village by its number, for who may edit there."""
    from xinzhi.kernel.residents.services.households import EDIT

    village = scope.village(actor, EDIT, village_id)
    return Household.objects.filter(village=village, household_no=household_no).first()
