"""Died, married out, moved away: somebody no longer belongs to a household from a day on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.events import services as events
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.residents import ports
from xinzhi.kernel.residents.events import PersonDied
from xinzhi.kernel.residents.models import LifeEvent, Membership, Person
from xinzhi.kernel.residents.services.life.acting import (
    Home,
    Moves,
    earlier,
    lock_homes,
    note,
    require_born,
    require_day,
    require_next_head,
    require_open,
    require_relation,
    set_status,
)
from xinzhi.kernel.residents.services.life.bases import require_basis
from xinzhi.kernel.residents.services.life.refusals import HeadElsewhere, NobodyChosen, OtherVillage


@transaction.atomic
def record_death(
    *,
    actor: Actor,
    request_key: UUID,
    household_id: int,
    person_id: int,
    on: date,
    basis: str,
    at: datetime,
    new_head_id: int | None = None,
    relations: Mapping[int, str] | None = None,
) -> LifeEvent:
    """A member has died (死亡): he leaves every household, his login and his mandates end, history and points stay.

    The household keeps its points; when the head died and others stay, `new_head_id` says who follows, and `relations`
    what the others are to that one. The same request key again returns the first event. Raises NotAMember,
    HeadMustBeNamed, HeadNotAmongThem, HeadElsewhere, DayInFuture, DayTooEarly, DayBeforeBirth, BasisUnknown,
    HouseholdClosed.
    """
    now = Membership.objects.filter(person_id=person_id, active_to=None)
    ids = list(now.values_list("household_id", flat=True))
    elsewhere = [pk for pk in ids if pk != household_id] if household_id in ids else []
    home, *others = lock_homes(actor, household_id, *elsewhere)
    if done := earlier(request_key, kind="death", household_id=household_id):
        return done
    require_open(home)
    require_basis("death", basis)
    memberships = [home.member(person_id), *(o.members[person_id] for o in others if person_id in o.members)]
    for other in others:
        if (head := other.head) and head.person_id == person_id and len(other.members) > 1:
            raise HeadElsewhere(field="person", number=other.number)
    _leave(home, [person_id], on, at, new_head_id, relations, also=memberships[1:], status="deceased")
    event = note(
        actor=actor, kind="death", home=home, person_ids=[person_id], on=on, basis=basis, request_key=request_key, at=at
    )  # fmt: skip
    for follower in ports.followers():
        follower.died(person_id=person_id, actor=actor, at=at)
    events.publish(
        PersonDied(
            event_id=event.pk, village_id=home.household.village_id, household_id=household_id, person_id=person_id,
            happened_on=on,
        )
    )  # fmt: skip
    return event


@transaction.atomic
def record_marriage_out(
    *,
    actor: Actor,
    request_key: UUID,
    household_id: int,
    person_id: int,
    on: date,
    basis: str,
    at: datetime,
    to_household_id: int | None = None,
    relation_code: str = "",
    new_head_id: int | None = None,
    relations: Mapping[int, str] | None = None,
) -> LifeEvent:
    """Somebody marries out of the household (嫁出): into another one of the village, or away from the village.

    Points stay with the household. The same request key again returns the first event. Raises as `record_death`,
    and OtherVillage, RelationIsHead for the household one marries into.
    """
    home, *others = lock_homes(actor, household_id, *([to_household_id] if to_household_id else []))
    if done := earlier(request_key, kind="marriage_out", household_id=household_id):
        return done
    require_open(home, *others)
    require_basis("marriage_out", basis)
    home.member(person_id)
    new_home = others[0] if others else None
    if new_home is not None:
        if new_home.household.village_id != home.household.village_id:
            raise OtherVillage(field="to_household", number=new_home.number)
        require_relation(relation_code, number=new_home.number)
        require_day(on, at, since=new_home.household.active_from)
    _leave(home, [person_id], on, at, new_head_id, relations, status="" if new_home else "left")
    if new_home is not None:
        moves = Moves(on, at)
        moves.join(new_home.household.pk, person_id, relation_code)
        moves.write()
    return note(
        actor=actor, kind="marriage_out", home=home, other=new_home.household if new_home else None, person_ids=[person_id],
        on=on, basis=basis, request_key=request_key, at=at,
    )  # fmt: skip


@transaction.atomic
def record_moving_away(
    *,
    actor: Actor,
    request_key: UUID,
    household_id: int,
    person_ids: Sequence[int],
    on: date,
    basis: str,
    at: datetime,
    new_head_id: int | None = None,
    relations: Mapping[int, str] | None = None,
) -> LifeEvent:
    """Members move away from the village (迁出). Points stay with the household, also when nobody is left in it.

    The same request key again returns the first event. Raises NobodyChosen and as `record_death`.
    """
    [home] = lock_homes(actor, household_id)
    if done := earlier(request_key, kind="moved_away", household_id=household_id):
        return done
    require_open(home)
    require_basis("moved_away", basis)
    if not person_ids:
        raise NobodyChosen(field="person", number=home.number)
    _leave(home, person_ids, on, at, new_head_id, relations, status="left")
    return note(
        actor=actor, kind="moved_away", home=home, person_ids=sorted(set(person_ids)), on=on, basis=basis,
        request_key=request_key, at=at,
    )  # fmt: skip


def _leave(
    home: Home,
    person_ids: Sequence[int],
    on: date,
    at: datetime,
    new_head_id: int | None,
    relations: Mapping[int, str] | None,
    *,
    also: Sequence[Membership] = (),
    status: str,
) -> None:
    """Close memberships, seat those who stay under their new head, set the status of those who leave."""
    leaving = [home.member(pk) for pk in dict.fromkeys(person_ids)]
    staying = home.but(person_ids)
    require_next_head(home, staying, new_head_id)
    head = new_head_id if staying else None
    require_day(on, at)  # it may lie before the register began: then the membership ends on its first day
    require_born(on, leaving)
    moves = Moves(on, at)
    moves.leave([*leaving, *also])
    moves.reseat(home, staying, head, relations or {})
    moves.write()
    if status:
        persons = Person.objects.select_for_update().filter(pk__in=[m.person_id for m in leaving])
        set_status(persons.order_by("pk"), status, at)
