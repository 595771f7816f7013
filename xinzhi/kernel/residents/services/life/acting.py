"""What all life events share: the locks, the day, the head, and how they are written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Max, Q

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.residents import relations as words
from xinzhi.kernel.residents import scope
from xinzhi.kernel.residents.members import RelationUnknown
from xinzhi.kernel.residents.models import FormerValue, Household, LifeEvent, Membership, Person
from xinzhi.kernel.residents.services.households import EDIT
from xinzhi.kernel.residents.services.life.refusals import (
    ChangedMeanwhile,
    DayBeforeBirth,
    DayInFuture,
    DayTooEarly,
    HeadMustBeNamed,
    HeadNotAmongThem,
    HouseholdClosed,
    NotAMember,
    RelationIsHead,
    RequestKeyUsed,
)
from xinzhi.kernel.residents.writing import Batch, close_memberships

SOURCE = "life_event"
#: Nobody who is registered was there before: an earlier day is a slip of the pen.
EARLIEST = date(1900, 1, 1)


@dataclass(slots=True)
class Home:
    """A household under its lock, with those who belong to it."""

    household: Household
    members: dict[int, Membership]

    @property
    def number(self) -> str:
        return self.household.household_no

    @property
    def head(self) -> Membership | None:
        return next((m for m in self.members.values() if m.is_head), None)

    def member(self, person_id: int) -> Membership:
        """Raises NotAMember."""
        if person_id not in self.members:
            raise NotAMember(field="person", number=self.number)
        return self.members[person_id]

    def but(self, person_ids: Iterable[int]) -> list[Membership]:
        gone = set(person_ids)
        return [m for pk, m in self.members.items() if pk not in gone]


def lock_homes(actor: Actor, *household_ids: int) -> list[Home]:
    """Lock households in the order of their ids (the order of every writer) and read who belongs to them now.

    Raises HouseholdNotFound, Forbidden, HouseholdClosed.
    """
    found = {pk: scope.household(actor, EDIT, pk, lock=True) for pk in sorted(set(household_ids))}
    rows = Membership.objects.filter(household_id__in=found, active_to=None).select_related("person")
    homes = {pk: Home(household, {}) for pk, household in found.items()}
    for row in rows.order_by("-is_head", "relation_code", "pk"):
        homes[row.household_id].members[row.person_id] = row
    return [homes[pk] for pk in household_ids]


def require_open(*homes: Home) -> None:
    """Raises HouseholdClosed."""
    for home in homes:
        if home.household.status != "active":
            raise HouseholdClosed(number=home.number)


def state_of(household_id: int) -> str:
    """What a page has seen of a household's members: another text as soon as anybody has come or gone."""
    seen = Membership.objects.filter(household_id=household_id).aggregate(
        last=Max("pk"), closed=Count("pk", filter=Q(active_to__isnull=False))
    )
    return f"{seen['last'] or 0}.{seen['closed']}"


def require_seen(home: Home, seen: str) -> None:
    """Raises ChangedMeanwhile when the page had seen another state; without a state nothing is asked."""
    if seen and seen != state_of(home.household.pk):
        raise ChangedMeanwhile(number=home.number)


def earlier(request_key: UUID, *, kind: str, household_id: int) -> LifeEvent | None:
    """What the same request has done before. Raises RequestKeyUsed when that was something else.

    Asked under the household's lock, so that of two clicks at once the second finds what the first did.
    """
    found = LifeEvent.objects.filter(request_key=request_key).first()
    if found is not None and (found.kind, found.household_id) != (kind, household_id):
        raise RequestKeyUsed()
    return found


def require_day(on: date, at: datetime, *memberships: Membership, since: date | None = None) -> None:
    """Raises DayInFuture, DayTooEarly (before what it changes began), DayBeforeBirth."""
    today = clock.local_date(at)
    if on > today:
        raise DayInFuture(field="on", today=today.isoformat(), found=on.isoformat())
    begun = [EARLIEST, *(m.active_from for m in memberships), *([since] if since else [])]
    if on < max(begun):
        raise DayTooEarly(field="on", since=max(begun).isoformat(), found=on.isoformat())
    require_born(on, memberships)


def require_born(on: date, memberships: Sequence[Membership]) -> None:
    """Raises DayBeforeBirth."""
    years = [m.person.birth_year for m in memberships if m.person.birth_year]
    if years and on.year < max(years):
        raise DayBeforeBirth(field="on", year=max(years), found=on.isoformat())


@dataclass
class Moves:
    """Memberships that end and begin on one day, written together."""

    on: date
    at: datetime
    closing: list[int] = field(default_factory=list)
    batch: Batch = field(init=False)

    def __post_init__(self) -> None:
        self.batch = Batch(source=SOURCE, at=self.at, on=self.on)

    def leave(self, memberships: Iterable[Membership]) -> None:
        self.closing += [m.pk for m in memberships]

    def join(
        self, household_id: int, person_id: int, relation_code: str, *, since: date | None = None
    ) -> None:
        """`since`: the place that is taken over began only then (a child born after the day of the act)."""
        self.batch.add_membership(
            household_id,
            person_id,
            relation_code,
            relation_code == words.HEAD,
            on=max(since or self.on, self.on),
        )

    def reseat(
        self, home: Home, staying: Sequence[Membership], head: int | None, said: Mapping[int, str]
    ) -> None:
        """Let those who stay have the head `head`, and relations to that one: what was `said`, else what is proposed.

        Without a new head everything stays as it is. Raises HeadNotAmongThem, RelationUnknown, RelationIsHead.
        """
        if head is None:
            return
        codes = relations_to(staying, head, said, number=home.number)
        changed = [
            m for m in staying if (m.relation_code, m.is_head) != (codes[m.person_id], m.person_id == head)
        ]
        self.leave(changed)
        for member in changed:
            self.join(home.household.pk, member.person_id, codes[member.person_id], since=member.active_from)

    def close(self) -> None:
        if self.closing:
            close_memberships(self.closing, self.on)

    def write(self) -> None:
        self.close()
        self.batch.write()


def relations_to(
    members: Sequence[Membership], head: int, said: Mapping[int, str], *, number: str
) -> dict[int, str]:
    """{person id: relation to the new head}: as said, else as proposed. Raises as `Moves.reseat`."""
    new = next((m for m in members if m.person_id == head), None)
    if new is None:
        raise HeadNotAmongThem(field="head", number=number)
    codes = {}
    for member in members:
        if member is new:
            codes[member.person_id] = words.HEAD
            continue
        code = said.get(member.person_id) or words.seen_from(
            new.relation_code, new.person.sex_code, member.relation_code, member.person.sex_code
        )
        codes[member.person_id] = require_relation(code, number=number)
    return codes


def require_relation(code: str, *, number: str) -> str:
    """A relation of somebody who is not the head. Raises RelationUnknown, RelationIsHead."""
    if not words.word_of(code):
        raise RelationUnknown(field="relation", found=code[:20])
    if code in (words.HEAD, words.SELF):
        raise RelationIsHead(field="relation", number=number)
    return code


def require_next_head(home: Home, staying: Sequence[Membership], head: int | None) -> None:
    """Raises HeadMustBeNamed when the head leaves, others stay and nobody was named."""
    if staying and head is None and not any(m.is_head for m in staying):
        raise HeadMustBeNamed(field="head", number=home.number, left=len(staying))


def set_status(persons: Iterable[Person], status: str, at: datetime) -> None:
    """living, left or deceased; what it was before is kept."""
    for person in persons:
        if person.status == status:
            continue
        FormerValue.objects.create(
            person=person, field="status", value=person.status, source=SOURCE, active_to=at
        )
        person.status = status
        person.save(update_fields=["status"])


def note(
    *,
    actor: Actor,
    kind: str,
    home: Home,
    other: Household | None = None,
    person_ids: Sequence[int],
    on: date,
    basis: str,
    request_key: UUID,
    at: datetime,
) -> LifeEvent:
    """Write the event down, and in the audit of every household it concerns."""
    household = home.household
    event = LifeEvent.objects.create(
        kind=kind, village_id=household.village_id, household=household, other_household=other,
        person_ids=sorted(person_ids), happened_on=on, basis=basis, recorded_by_key=actor.person_key, recorded_at=at,
        request_key=request_key,
    )  # fmt: skip
    audit.record_many(
        audit.Entry(
            actor=actor, action=f"residents.{kind}", subject=f"life_event:{event.pk}", at=at,
            region_id=place.village_id, household_id=place.pk, count=len(person_ids),
        )
        for place in (household, other)
        if place is not None
    )  # fmt: skip
    return event
