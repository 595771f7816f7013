"""The same over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from annotated_types import Ge, Le
from django.http import HttpRequest
from ninja import Field, Header, Query, Router, Schema, Status
from pydantic import AwareDatetime

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.paging import MAX_PAGE_SIZE
from xinzhi.kernel.identity.actors import for_household
from xinzhi.kernel.identity.api_auth import session_or_key
from xinzhi.kernel.identity.reader import reader
from xinzhi.scenes.volunteering.models import MOST_PLACES, Activity, Certificate, Hours, SignUp
from xinzhi.scenes.volunteering.queries import activities as queries
from xinzhi.scenes.volunteering.queries import hours as hours_queries
from xinzhi.scenes.volunteering.services import activities, certificates, presence, signing
from xinzhi.scenes.volunteering.services import hours as services

router = Router(auth=session_or_key)
Key = Header(alias="Idempotency-Key")
Id = Field(ge=1, le=2**63 - 1)
Day = Annotated[date, Ge(date(1900, 1, 1)), Le(date(2999, 12, 31))]
MOST_CONFIRMED = 500


class ActivityOut(Schema):
    id: int
    village_id: int
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    places: int
    taken: int
    roles: list[str]
    insurance: str
    state: str


class ActivityPage(Schema):
    items: list[ActivityOut]
    next_cursor: str | None


class ActivityIn(Schema):
    village_id: int = Id
    title: str = Field(min_length=1, max_length=activities.LONGEST_TITLE)
    place: str = Field(min_length=1, max_length=activities.LONGEST_PLACE)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    places: int = Field(ge=1, le=MOST_PLACES)
    roles: list[str] = Field(default_factory=list, max_length=activities.MOST_ROLES)
    insurance: str = Field(min_length=1, max_length=activities.LONGEST_INSURANCE)


class MoveIn(Schema):
    """`action`: open, begin, finish or call_off, which needs a reason."""

    action: str = Field(max_length=40)
    reason_code: str = Field("", max_length=40)


class SignUpIn(Schema):
    household_id: int = Id
    person_id: int = Id
    role: str = Field("", max_length=activities.LONGEST_ROLE)


class SignUpOut(Schema):
    id: int
    activity_id: int
    household_id: int
    person_id: int
    role: str
    status: str


class CheckIn(Schema):
    """`token`: what stands in the organiser's code."""

    token: str = Field(min_length=1, max_length=80)
    household_id: int = Id
    person_id: int = Id


class TickIn(Schema):
    person_ids: list[int] = Field(min_length=1, max_length=presence.MOST_TICKED)


class HoursOut(Schema):
    id: int
    activity_id: int
    village_id: int
    household_id: int
    person_id: int
    source: str
    served_on: date
    came_at: datetime
    left_at: datetime | None
    hours_tenths: int
    state: str


class HoursPage(Schema):
    items: list[HoursOut]
    next_cursor: str | None


class ConfirmIn(Schema):
    hours_ids: list[int] = Field(min_length=1, max_length=MOST_CONFIRMED)


class Refused(Schema):
    id: int
    code: str
    message: str


class ConfirmOut(Schema):
    confirmed: list[int]
    refused: list[Refused]


class CorrectIn(Schema):
    came_at: AwareDatetime
    left_at: AwareDatetime
    reason_code: str = Field(max_length=40)


class WithdrawIn(Schema):
    reason_code: str = Field(max_length=40)


class CertificateIn(Schema):
    household_id: int = Id
    person_id: int = Id
    until_day: Day


class CertificateOut(Schema):
    id: int
    household_id: int
    person_id: int
    hours_tenths: int
    until_day: date
    code: str


@router.get("/activities", response=ActivityPage, summary="Activities, newest first")
def list_activities(
    request: HttpRequest,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=MAX_PAGE_SIZE),
) -> object:
    page = queries.activities(actor=reader(request), cursor=cursor, limit=limit)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.post("/activities", response={201: ActivityOut}, summary="Plan an activity")
def plan_activity(request: HttpRequest, body: ActivityIn, key: UUID = Key) -> Status[Activity]:
    """The same Idempotency-Key again returns the first activity."""
    planned = activities.plan_activity(actor=reader(request), request_key=key, at=clock.now(), **body.dict())
    return Status(201, planned)


@router.post(
    "/activities/{activity_id}/move", response=ActivityOut, summary="Open, begin, finish or call off"
)
def move_activity(request: HttpRequest, activity_id: int, body: MoveIn, key: UUID = Key) -> Activity:
    return activities.move_activity(
        actor=reader(request), activity_id=activity_id, action=body.action, reason_code=body.reason_code, request_key=key,
        at=clock.now(),
    )  # fmt: skip


@router.post("/activities/{activity_id}/sign-ups", response={201: SignUpOut}, summary="Take a place")
def sign_up(request: HttpRequest, activity_id: int, body: SignUpIn, key: UUID = Key) -> Status[SignUp]:
    signed = signing.sign_up(
        actor=for_household(reader(request), body.household_id), request_key=key, activity_id=activity_id,
        household_id=body.household_id, person_id=body.person_id, role=body.role, at=clock.now(),
    )  # fmt: skip
    return Status(201, signed)


@router.post("/sign-ups/{sign_up_id}/off", response=SignUpOut, summary="Give the place back")
def sign_off(request: HttpRequest, sign_up_id: int) -> SignUp:
    return signing.sign_off(actor=reader(request), sign_up_id=sign_up_id, at=clock.now())


@router.post("/check-in", response=HoursOut, summary="Check in by the activity's code")
def check_in(request: HttpRequest, body: CheckIn, key: UUID = Key) -> Hours:
    actor = for_household(reader(request), body.household_id)
    return presence.check_in(actor=actor, request_key=key, at=clock.now(), **body.dict())


@router.post("/check-out", response=HoursOut, summary="Check out by the activity's code")
def check_out(request: HttpRequest, body: CheckIn, key: UUID = Key) -> Hours:
    actor = for_household(reader(request), body.household_id)
    return presence.check_out(actor=actor, request_key=key, at=clock.now(), **body.dict())


@router.post("/activities/{activity_id}/tick", response=list[HoursOut], summary="Note who was there")
def tick(request: HttpRequest, activity_id: int, body: TickIn, key: UUID = Key) -> list[Hours]:
    return presence.tick(
        actor=reader(request),
        request_key=key,
        activity_id=activity_id,
        person_ids=body.person_ids,
        at=clock.now(),
    )


@router.get("/hours", response=HoursPage, summary="Records of hours, newest first; recorded as a look")
def list_hours(
    request: HttpRequest,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=MAX_PAGE_SIZE),
) -> dict[str, Any]:
    actor, at = reader(request), clock.now()
    page = hours_queries.hours_list(actor=actor, cursor=cursor, limit=limit)
    looked = {h.household_id: h.village_id for h in page.items if h.household_id not in actor.household_ids}
    audit.record_many(
        audit.Entry(
            actor=actor, action="audit.view", subject=f"household:{pk}", at=at, region_id=village_id, household_id=pk,
            fields=("times",), page="volunteering.hours",
        )
        for pk, village_id in sorted(looked.items())
    )  # fmt: skip
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.post("/hours/confirm", response=ConfirmOut, summary="Confirm records, as first or second person")
def confirm(request: HttpRequest, body: ConfirmIn, key: UUID = Key) -> dict[str, Any]:
    """Each record takes the confirmation it waits for; a refused one holds nobody up."""
    moved = services.confirm(body.hours_ids, actor=reader(request), at=clock.now(), request_key=key)
    return {
        "confirmed": moved.advanced,
        "refused": [{"id": pk, "code": r.code, "message": r.message} for pk, r in moved.refused.items()],
    }


@router.post("/hours/{hours_id}/correct", response=HoursOut, summary="Put the times of a record right")
def correct(request: HttpRequest, hours_id: int, body: CorrectIn, key: UUID = Key) -> Hours:
    return services.correct_hours(
        actor=reader(request), hours_id=hours_id, came_at=body.came_at, left_at=body.left_at, reason_code=body.reason_code,
        request_key=key, at=clock.now(),
    )  # fmt: skip


@router.post("/hours/{hours_id}/withdraw", response=HoursOut, summary="Withdraw a record")
def withdraw(request: HttpRequest, hours_id: int, body: WithdrawIn, key: UUID = Key) -> Hours:
    return services.withdraw_hours(
        actor=reader(request),
        hours_id=hours_id,
        reason_code=body.reason_code,
        request_key=key,
        at=clock.now(),
    )


@router.post("/certificates", response={201: CertificateOut}, summary="Certify confirmed hours")
def issue(request: HttpRequest, body: CertificateIn, key: UUID = Key) -> Status[Certificate]:
    actor = for_household(reader(request), body.household_id)
    issued = certificates.issue_certificate(actor=actor, request_key=key, at=clock.now(), **body.dict())
    return Status(201, issued)
