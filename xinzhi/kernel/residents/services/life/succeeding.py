"""Households split (分户) and merge (并户): members, and whatever is held for the household, go over in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.events import services as events
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.residents import ports
from xinzhi.kernel.residents import relations as words
from xinzhi.kernel.residents.events import HouseholdsMerged, HouseholdSplit
from xinzhi.kernel.residents.models import (
    FormerValue,
    Household,
    HouseholdSuccession,
    LifeEvent,
    Membership,
)
from xinzhi.kernel.residents.ports import Share, Succession
from xinzhi.kernel.residents.services.households import HouseholdNumberTaken, write_batch
from xinzhi.kernel.residents.services.life.acting import (
    SOURCE,
    Home,
    Moves,
    earlier,
    lock_homes,
    note,
    relations_to,
    require_day,
    require_next_head,
    require_open,
    require_relation,
    require_seen,
)
from xinzhi.kernel.residents.services.life.bases import require_basis
from xinzhi.kernel.residents.services.life.refusals import (
    AgreementNeeded,
    EverybodyChosen,
    MergedWithItself,
    NobodyChosen,
    OtherVillage,
    ShareNotUnderstood,
)
from xinzhi.kernel.residents.texts import clean_household_no
from xinzhi.kernel.residents.writing import draw_ids

_NO_REQUEST = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Who founds which household. `share_permille`: the part agreed on; None divides by the number of members.

    `relations` and `new_relations` say what people are to the head of the household that stays and of the new one;
    what they leave out is proposed.
    """

    household_id: int
    person_ids: Sequence[int]
    household_no: str
    head_id: int
    on: date
    basis: str
    new_head_id: int | None = None
    share_permille: int | None = None
    relations: Mapping[int, str] | None = None
    new_relations: Mapping[int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merger:
    """Which household goes into which. `relations`: what its members are to the head of the one that stays."""

    household_id: int
    into_household_id: int
    on: date
    basis: str
    relations: Mapping[int, str] | None = None


@transaction.atomic
def split_household(
    *, actor: Actor, request_key: UUID, split: Split, agreed: bool, at: datetime, seen: str = ""
) -> LifeEvent:
    """Members of a household found a new one with a number and a head of its own (分户).

    What is held for the household (points, open cases of who goes) follows in the same transaction, by the share agreed
    on or by the number of members. Of two clerks at once the second works on what the first left. `seen` is the state
    the page had shown. The same request key again returns the first event. Raises NobodyChosen, EverybodyChosen,
    NotAMember, HeadNotAmongThem, HeadMustBeNamed, HouseholdNumberTaken, ShareNotUnderstood, AgreementNeeded,
    ChangedMeanwhile, DayInFuture, DayTooEarly, BasisUnknown, HouseholdClosed, and what a follower refuses.
    """
    [home] = lock_homes(actor, split.household_id)
    if done := earlier(request_key, kind="split", household_id=split.household_id):
        return done
    require_seen(home, seen)
    plan = _plan_split(home, split, at)
    if not agreed:
        raise AgreementNeeded(field="agreed")
    [new_id] = draw_ids("residents_household", 1)
    moves = Moves(split.on, at)
    moves.batch.add_household(
        new_id, village_id=home.household.village_id, group_id=home.household.group_id, number=plan.to_no,
        kind=home.household.kind,
    )  # fmt: skip
    going = [home.members[pk] for pk in plan.person_ids]
    moves.leave(going)
    for person_id, code in relations_to(
        going, split.head_id, split.new_relations or {}, number=plan.to_no
    ).items():
        moves.join(new_id, person_id, code)
    moves.reseat(home, home.but(plan.person_ids), split.new_head_id, split.relations or {})
    moves.close()
    write_batch(moves.batch, plan.to_no)
    new = Household.objects.get(pk=new_id)
    event = note(
        actor=actor, kind="split", home=home, other=new, person_ids=plan.person_ids, on=split.on, basis=split.basis,
        request_key=request_key, at=at,
    )  # fmt: skip
    _succeed(event, plan, actor=actor, at=at)
    events.publish(
        HouseholdSplit(
            event_id=event.pk, village_id=event.village_id, from_household_id=home.household.pk, to_household_id=new_id,
            happened_on=split.on,
        )
    )  # fmt: skip
    return event


@transaction.atomic
def merge_households(
    *, actor: Actor, request_key: UUID, merger: Merger, agreed: bool, at: datetime, seen: str = ""
) -> LifeEvent:
    """All members of a household go over to another of the village; the first is closed and keeps row, number, history (并户).

    Everything that is held for it goes with them. The same request key again returns the first event. Raises
    MergedWithItself, OtherVillage, AgreementNeeded, ChangedMeanwhile, DayInFuture, DayTooEarly, BasisUnknown,
    HouseholdClosed, RelationUnknown, and what a follower refuses (open holds of points).
    """
    home, into = _both(actor, merger)
    if done := earlier(request_key, kind="merged", household_id=merger.household_id):
        return done
    require_seen(home, seen)
    plan = _plan_merger(home, into, merger, at)
    if not agreed:
        raise AgreementNeeded(field="agreed")
    moves = Moves(merger.on, at)
    moves.leave(home.members.values())
    for person_id, code in _relations_in(home, into, merger).items():
        if person_id not in into.members:  # who belongs to both already stays as he is there
            moves.join(into.household.pk, person_id, code)
    moves.write()
    _close(home.household, merger.on, at)
    event = note(
        actor=actor, kind="merged", home=home, other=into.household, person_ids=plan.person_ids, on=merger.on,
        basis=merger.basis, request_key=request_key, at=at,
    )  # fmt: skip
    _succeed(event, plan, actor=actor, at=at)
    events.publish(
        HouseholdsMerged(
            event_id=event.pk, village_id=event.village_id, from_household_id=home.household.pk,
            to_household_id=into.household.pk, happened_on=merger.on,
        )
    )  # fmt: skip
    return event


def _plan_split(home: Home, split: Split, at: datetime) -> Succession:
    require_open(home)
    require_basis("split", split.basis)
    going = [home.member(pk) for pk in dict.fromkeys(split.person_ids)]
    staying = home.but(split.person_ids)
    if not going:
        raise NobodyChosen(field="person", number=home.number)
    if not staying:
        raise EverybodyChosen(field="person", number=home.number, found=len(going))
    number = clean_household_no(split.household_no)
    if Household.objects.filter(village_id=home.household.village_id, household_no=number).exists():
        raise HouseholdNumberTaken(field="household_no", number=number)
    relations_to(going, split.head_id, split.new_relations or {}, number=number)
    require_next_head(home, staying, split.new_head_id)
    if split.new_head_id is not None:
        relations_to(staying, split.new_head_id, split.relations or {}, number=home.number)
    require_day(split.on, at, *going)
    if split.share_permille is None:
        share = Share(parts=len(going), whole=len(home.members), by_members=True)
    elif 0 <= split.share_permille <= 1000:
        share = Share(parts=split.share_permille, whole=1000, by_members=False)
    else:
        raise ShareNotUnderstood(field="share", found=f"{str(split.share_permille)[:12]} ‰")
    return _succession(home, "split", 0, number, going, share, split.on)


def _plan_merger(home: Home, into: Home, merger: Merger, at: datetime) -> Succession:
    require_open(home, into)
    require_basis("merged", merger.basis)
    if home.household.village_id != into.household.village_id:
        raise OtherVillage(field="into", number=into.number)
    members = list(home.members.values())
    _relations_in(home, into, merger)
    require_day(merger.on, at, *members, since=max(home.household.active_from, into.household.active_from))
    share = Share(parts=1, whole=1, by_members=False)
    return _succession(home, "merge", into.household.pk, into.number, members, share, merger.on)


def _both(actor: Actor, merger: Merger) -> tuple[Home, Home]:
    if merger.household_id == merger.into_household_id:
        raise MergedWithItself(field="into")
    home, into = lock_homes(actor, merger.household_id, merger.into_household_id)
    return home, into


def _relations_in(home: Home, into: Home, merger: Merger) -> dict[int, str]:
    """What the members will be to the other household's head; in an empty household their own head stays head."""
    if not into.members:
        return {m.person_id: m.relation_code for m in home.members.values()}
    said = merger.relations or {}
    return {
        pk: require_relation(said.get(pk) or words.OTHER_RELATIVE, number=into.number) for pk in home.members
    }


def _succession(
    home: Home, kind: str, to_id: int, to_no: str, members: Sequence[Membership], share: Share, on: date
) -> Succession:
    return Succession(
        kind=kind, event_id=0, request_key=_NO_REQUEST, village_id=home.household.village_id,
        from_household_id=home.household.pk, from_no=home.number, to_household_id=to_id, to_no=to_no,
        person_ids=tuple(sorted(m.person_id for m in members)), share=share, happened_on=on,
    )  # fmt: skip


def _succeed(event: LifeEvent, plan: Succession, *, actor: Actor, at: datetime) -> None:
    """Write which household came from which, and let everybody who holds something follow."""
    assert event.other_household_id is not None
    done = Succession(
        kind=plan.kind, event_id=event.pk, request_key=event.request_key, village_id=plan.village_id,
        from_household_id=plan.from_household_id, from_no=plan.from_no, to_household_id=event.other_household_id,
        to_no=plan.to_no, person_ids=plan.person_ids, share=plan.share, happened_on=plan.happened_on,
    )  # fmt: skip
    HouseholdSuccession.objects.create(
        event=event, kind=plan.kind, from_household_id=plan.from_household_id, to_household_id=event.other_household_id,
        share_parts=plan.share.parts, share_whole=plan.share.whole, by_members=plan.share.by_members,
        happened_on=plan.happened_on,
    )  # fmt: skip
    for follower in ports.followers():
        follower.follow(done, actor=actor, at=at)


def _close(household: Household, on: date, at: datetime) -> None:
    FormerValue.objects.create(
        household=household, field="status", value=household.status, source=SOURCE, active_to=at
    )
    household.status, household.active_to = "closed", on
    household.save(update_fields=["status", "active_to"])
