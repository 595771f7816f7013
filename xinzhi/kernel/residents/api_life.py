"""What happens to households, over HTTP: the same acts as on a household's page. `dry_run` says what would be, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.params.functions import Header, Path, Query

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.api_auth import session_or_key
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.residents import history, queries, services
from xinzhi.kernel.residents.models import LifeEvent

router = Router(auth=session_or_key)
_BIG = 2**62
Id = Field(ge=1, le=_BIG)
MaybeId = Field(None, ge=1, le=_BIG)
Key: Any = Header(..., alias="Idempotency-Key")
DryRun: Any = Query(False)
Home: Any = Path(..., ge=1, le=_BIG)


class MemberIn(Schema):
    name: str = Field(max_length=200)
    relation_code: str = Field(max_length=8)
    sex_code: str = Field("0", max_length=8)
    id_number: str = Field("", max_length=40)
    birth_date: date | None = None
    phone: str = Field("", max_length=40)
    is_collective_member: bool = False

    def new(self) -> services.NewMember:
        return services.NewMember(**self.dict())


class OnIn(Schema):
    on: date
    basis: str = Field(max_length=40)


class BirthIn(Schema):
    member: MemberIn
    basis: str = Field(max_length=40)


class LeavingIn(OnIn):
    new_head_id: int | None = MaybeId
    relations: dict[int, str] = Field(
        default_factory=dict, description="GB/T 4761 code to the new head, by person id"
    )


class DeathIn(LeavingIn):
    person_id: int = Id


class MarriageInIn(OnIn):
    member: MemberIn | None = None
    person_id: int | None = MaybeId
    relation_code: str = Field("", max_length=8)


class MarriageOutIn(LeavingIn):
    person_id: int = Id
    to_household_id: int | None = MaybeId
    relation_code: str = Field("", max_length=8)


class MovingIn(LeavingIn):
    person_ids: list[int] = Field(max_length=100)


class ReturnIn(OnIn):
    person_id: int = Id
    relation_code: str = Field(max_length=8)


class HeadIn(OnIn):
    new_head_id: int = Id
    relations: dict[int, str] = Field(default_factory=dict)


class SplitIn(LeavingIn):
    person_ids: list[int] = Field(max_length=100)
    household_no: str = Field(max_length=80)
    head_id: int = Id
    new_relations: dict[int, str] = Field(default_factory=dict)
    share_permille: int | None = Field(
        None, description="tenths of a per cent; left out: by the number of members"
    )
    agreed: bool = False
    seen: str = Field("", max_length=40)


class MergeIn(OnIn):
    into_household_id: int = Id
    relations: dict[int, str] = Field(default_factory=dict)
    agreed: bool = False
    seen: str = Field("", max_length=40)


class SeatOut(Schema):
    person_id: int
    name: str
    relation_code: str
    is_head: bool
    changed: bool


class SideOut(Schema):
    household_id: int
    number: str
    is_new: bool
    closes: bool
    before: list[SeatOut]
    after: list[SeatOut]


class HeldOut(Schema):
    label: str
    amounts: list[tuple[str, str]]


class ActOut(Schema):
    """`event_id` is null in a dry run, which fills `sides`, `held` (before and after, by side) and `seen`."""

    event_id: int | None = None
    kind: str
    household_id: int
    other_household_id: int | None = None
    seen: str = ""
    sides: list[SideOut] = Field(default_factory=list)
    held: list[HeldOut] = Field(default_factory=list)


class EventOut(Schema):
    id: int
    kind: str
    happened_on: date
    basis: str
    person_ids: list[int]
    from_id: int
    from_no: str
    to_id: int | None
    to_no: str
    recorded_at: datetime


@router.get(
    "/households/{household_id}/history", response=list[EventOut], summary="What happened to a household"
)
def get_history(request: HttpRequest, household_id: int = Home) -> Any:
    actor = reader(request)
    found = history.happened(actor, household_id)
    audit.record_view(
        actor=actor, page="residents.household", household_id=household_id,
        region_id=queries.household(actor, household_id).village_id, at=clock.now(),
    )  # fmt: skip
    return [{name: getattr(event, name) for name in EventOut.model_fields} for event in found]


def _act(
    request: HttpRequest,
    home_id: int,
    dry_run: bool,
    do: Callable[..., LifeEvent],
    /,
    other: int | None = None,
    **what: Any,
) -> ActOut:
    """Do it; or do and undo it, and say what it did."""
    actor: Actor = reader(request)

    def act() -> LifeEvent:
        return do(actor=actor, at=clock.now(), **what)

    if not dry_run:
        event = act()
        return ActOut(
            event_id=event.pk,
            kind=event.kind,
            household_id=event.household_id,
            other_household_id=event.other_household_id,
        )
    found = services.rehearse(act, household_ids=[home_id, *([other] if other else [])])
    audit.record_view(
        actor=actor, page="residents.household", household_id=home_id,
        region_id=queries.household(actor, home_id).village_id, at=clock.now(), fields=("name",),
    )  # fmt: skip
    return ActOut.model_validate(
        {
            "kind": found.kind, "household_id": home_id, "other_household_id": other, "seen": found.seen,
            "sides": [SideOut.from_orm(side) for side in found.sides], "held": [HeldOut.from_orm(line) for line in found.held],
        }
    )  # fmt: skip


@router.post("/households/{household_id}/birth", response=ActOut)
def birth(
    request: HttpRequest, body: BirthIn, household_id: int = Home, key: UUID = Key, dry_run: bool = DryRun
) -> Any:
    """A child was born into the household. The same Idempotency-Key again returns the first event."""
    return _act(
        request, household_id, dry_run, services.record_birth, request_key=key, household_id=household_id,
        member=body.member.new(), basis=body.basis,
    )  # fmt: skip


@router.post("/households/{household_id}/death", response=ActOut)
def death(
    request: HttpRequest, body: DeathIn, household_id: int = Home, key: UUID = Key, dry_run: bool = DryRun
) -> Any:
    """A member has died: memberships, login and mandates end, points stay with the household."""
    return _act(
        request,
        household_id,
        dry_run,
        services.record_death,
        request_key=key,
        household_id=household_id,
        **body.dict(),
    )


@router.post("/households/{household_id}/marriage-in", response=ActOut)
def marriage_in(
    request: HttpRequest,
    body: MarriageInIn,
    household_id: int = Home,
    key: UUID = Key,
    dry_run: bool = DryRun,
) -> Any:
    """Somebody new (`member`), or of the register (`person_id`), marries into the household."""
    return _act(
        request, household_id, dry_run, services.record_marriage_in, request_key=key, household_id=household_id, on=body.on,
        basis=body.basis, member=body.member.new() if body.member else None, person_id=body.person_id,
        relation_code=body.relation_code,
    )  # fmt: skip


@router.post("/households/{household_id}/marriage-out", response=ActOut)
def marriage_out(
    request: HttpRequest,
    body: MarriageOutIn,
    household_id: int = Home,
    key: UUID = Key,
    dry_run: bool = DryRun,
) -> Any:
    """A member marries into another household of the village, or away from it."""
    return _act(
        request, household_id, dry_run, services.record_marriage_out, other=body.to_household_id, request_key=key,
        household_id=household_id, **body.dict(),
    )  # fmt: skip


@router.post("/households/{household_id}/move-away", response=ActOut)
def move_away(
    request: HttpRequest, body: MovingIn, household_id: int = Home, key: UUID = Key, dry_run: bool = DryRun
) -> Any:
    """Members move away from the village."""
    return _act(
        request,
        household_id,
        dry_run,
        services.record_moving_away,
        request_key=key,
        household_id=household_id,
        **body.dict(),
    )


@router.post("/households/{household_id}/come-back", response=ActOut)
def come_back(
    request: HttpRequest, body: ReturnIn, household_id: int = Home, key: UUID = Key, dry_run: bool = DryRun
) -> Any:
    """Somebody who had left lives in this household again."""
    return _act(
        request,
        household_id,
        dry_run,
        services.record_return,
        request_key=key,
        household_id=household_id,
        **body.dict(),
    )


@router.post("/households/{household_id}/head", response=ActOut)
def head(
    request: HttpRequest, body: HeadIn, household_id: int = Home, key: UUID = Key, dry_run: bool = DryRun
) -> Any:
    """Another member becomes the head."""
    return _act(
        request,
        household_id,
        dry_run,
        services.change_head,
        request_key=key,
        household_id=household_id,
        **body.dict(),
    )


@router.post("/households/{household_id}/split", response=ActOut)
def split(
    request: HttpRequest, body: SplitIn, household_id: int = Home, key: UUID = Key, dry_run: bool = DryRun
) -> Any:
    """Members found a household of their own; points are divided. Both parties must have `agreed`."""
    given = body.dict(exclude={"agreed", "seen"})
    return _act(
        request, household_id, dry_run, services.split_household, request_key=key, agreed=body.agreed or dry_run, seen=body.seen,
        split=services.Split(household_id=household_id, **given),
    )  # fmt: skip


@router.post("/households/{household_id}/merge", response=ActOut)
def merge(
    request: HttpRequest, body: MergeIn, household_id: int = Home, key: UUID = Key, dry_run: bool = DryRun
) -> Any:
    """All members and points go over to another household; this one is closed. Both parties must have `agreed`."""
    given = body.dict(exclude={"agreed", "seen"})
    return _act(
        request, household_id, dry_run, services.merge_households, other=body.into_household_id, request_key=key,
        agreed=body.agreed or dry_run, seen=body.seen, merger=services.Merger(household_id=household_id, **given),
    )  # fmt: skip
