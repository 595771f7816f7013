"""Born, married in, come back: somebody belongs to a household from a day on."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.residents import scope
from xinzhi.kernel.residents.members import CheckedMember, NewMember, check_member
from xinzhi.kernel.residents.models import LifeEvent, Membership, Person
from xinzhi.kernel.residents.services.households import EDIT, require_new_numbers, write_batch
from xinzhi.kernel.residents.services.life.acting import (
    Home,
    Moves,
    earlier,
    lock_homes,
    note,
    require_day,
    require_open,
    require_relation,
    set_status,
)
from xinzhi.kernel.residents.services.life.bases import require_basis
from xinzhi.kernel.residents.services.life.refusals import (
    BirthDateNeeded,
    HeadElsewhere,
    PersonGone,
    RegisteredInOtherVillage,
    SamePersonTwice,
    StillAMember,
)
from xinzhi.kernel.residents.writing import draw_ids


@transaction.atomic
def record_birth(
    *, actor: Actor, request_key: UUID, household_id: int, member: NewMember, basis: str, at: datetime
) -> LifeEvent:
    """A child belongs to the household from its birth on (出生); where the register begins later, from then on.

    The same request key again returns the first event. Raises BirthDateNeeded, DayInFuture, RelationIsHead,
    IdentityNumberTaken, BasisUnknown, HouseholdClosed and the refusals of the member's fields.
    """
    [home] = lock_homes(actor, household_id)
    if done := earlier(request_key, kind="birth", household_id=household_id):
        return done
    require_open(home)
    require_basis("birth", basis)
    checked = check_member(member)
    if "birth_date" not in checked.values:
        raise BirthDateNeeded(field="birth_date")
    born = date.fromisoformat(checked.values["birth_date"])
    require_day(born, at)
    person_id = _add(home, checked, on=max(born, home.household.active_from), at=at)
    return note(
        actor=actor, kind="birth", home=home, person_ids=[person_id], on=born, basis=basis, request_key=request_key, at=at
    )  # fmt: skip


@transaction.atomic
def record_marriage_in(
    *,
    actor: Actor,
    request_key: UUID,
    household_id: int,
    on: date,
    basis: str,
    at: datetime,
    member: NewMember | None = None,
    person_id: int | None = None,
    relation_code: str = "",
) -> LifeEvent:
    """Somebody marries into the household (嫁入): new to the register (`member`), or one of it (`person_id`).

    Who belonged to another household of the village leaves it on that day; who had left the village lives here again.
    Points stay with the household they were given to. The same request key again returns the first event.
    Raises SamePersonTwice, HeadElsewhere, RegisteredInOtherVillage, PersonGone, RelationIsHead, DayInFuture,
    DayTooEarly, BasisUnknown, HouseholdClosed, PersonNotFound and the refusals of the member's fields.
    """
    if (member is None) == (person_id is None):
        raise SamePersonTwice(field="person")
    from_id = _home_of(actor, person_id, but=household_id)
    home, *others = lock_homes(actor, household_id, *([from_id] if from_id else []))
    if done := earlier(request_key, kind="marriage_in", household_id=household_id):
        return done
    require_open(home)
    require_basis("marriage_in", basis)
    former = others[0] if others else None
    if member is not None:
        checked = check_member(member)
        require_relation(checked.relation_code, number=home.number)
        require_day(on, at, since=home.household.active_from)
        joined = _add(home, checked, on=on, at=at)
    else:
        joined = person_id or 0
        _settle(home, former, joined, relation_code, on=on, at=at)
    return note(
        actor=actor, kind="marriage_in", home=home, other=former.household if former else None, person_ids=[joined], on=on,
        basis=basis, request_key=request_key, at=at,
    )  # fmt: skip


@transaction.atomic
def record_return(
    *,
    actor: Actor,
    request_key: UUID,
    household_id: int,
    person_id: int,
    relation_code: str,
    on: date,
    basis: str,
    at: datetime,
) -> LifeEvent:
    """Somebody who had moved away or married out comes back (迁回), to his former household or another one.

    The same request key again returns the first event. Raises StillAMember, PersonGone, RelationIsHead, DayInFuture,
    DayTooEarly, BasisUnknown, HouseholdClosed, PersonNotFound.
    """
    scope.person(actor, EDIT, person_id)
    [home] = lock_homes(actor, household_id)
    if done := earlier(request_key, kind="came_back", household_id=household_id):
        return done
    require_open(home)
    require_basis("came_back", basis)
    here = Membership.objects.filter(person_id=person_id, active_to=None).select_related("household").first()
    if here is not None:
        raise StillAMember(field="person", number=here.household.household_no)
    _settle(home, None, person_id, relation_code, on=on, at=at)
    return note(
        actor=actor, kind="came_back", home=home, person_ids=[person_id], on=on, basis=basis, request_key=request_key, at=at
    )  # fmt: skip


def _add(home: Home, checked: CheckedMember, *, on: date, at: datetime) -> int:
    """A person new to the register. Whoever is the first in an empty household is its head."""
    if home.members or not checked.is_head:
        require_relation(checked.relation_code, number=home.number)
    require_new_numbers([checked])
    moves = Moves(on, at)
    [person_id] = draw_ids("residents_person", 1)
    moves.batch.add_person(person_id, checked)
    moves.join(home.household.pk, person_id, checked.relation_code)
    write_batch(moves.batch, home.number)
    return person_id


def _home_of(actor: Actor, person_id: int | None, *, but: int) -> int | None:
    """The family household the person leaves, if he belongs to another one. Raises PersonNotFound or Forbidden."""
    if person_id is None:
        return None
    scope.person(actor, EDIT, person_id)
    rows = Membership.objects.filter(person_id=person_id, active_to=None, household__kind="hukou")
    return rows.exclude(household_id=but).values_list("household_id", flat=True).first()


def _settle(
    home: Home, former: Home | None, person_id: int, relation_code: str, *, on: date, at: datetime
) -> None:
    """A person of the register leaves `former` and belongs to `home` from that day on."""
    person = Person.objects.select_for_update().get(pk=person_id)
    if person.status in ("deceased", "erased"):
        raise PersonGone()
    if person_id in home.members:
        raise StillAMember(field="person", number=home.number)
    moves = Moves(on, at)
    last = (
        Membership.objects.filter(person_id=person_id).exclude(active_to=None).order_by("-active_to").first()
    )
    ended = last.active_to if last else None
    if former is None:
        require_day(on, at, since=max(home.household.active_from, ended or home.household.active_from))
    else:
        leaving = former.member(person_id)
        if former.household.village_id != home.household.village_id:
            raise RegisteredInOtherVillage(field="person")
        if leaving.is_head and len(former.members) > 1:
            raise HeadElsewhere(field="person", number=former.number)
        require_day(on, at, leaving, since=home.household.active_from)
        moves.leave([leaving])
    moves.join(home.household.pk, person_id, require_relation(relation_code, number=home.number))
    set_status([person], "living", at)
    moves.write()
