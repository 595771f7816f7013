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
from xinzhi.kernel.identity.api_auth import session_or_key
from xinzhi.kernel.identity.reader import reader
from xinzhi.scenes.courtyards.lifecycle import KEEP
from xinzhi.scenes.courtyards.models import Courtyard, Round, Yard
from xinzhi.scenes.courtyards.queries import rounds as queries
from xinzhi.scenes.courtyards.services import grading, sheets, visits
from xinzhi.scenes.courtyards.services import rounds as services

router = Router(auth=session_or_key)
Key = Header(alias="Idempotency-Key")
Id = Field(ge=1, le=2**63 - 1)
Day = Annotated[date, Ge(date(1900, 1, 1)), Le(date(2999, 12, 31))]


class CourtyardRound(Schema):
    id: int
    village_id: int
    year: int
    quarter: int
    raters: int
    last_day: date
    opened_at: datetime
    closed_at: datetime | None


class CourtyardRoundPage(Schema):
    items: list[CourtyardRound]
    next_cursor: str | None


class RoundProgress(Schema):
    total: int
    graded: int
    one_score: int
    third: int
    rectifying: int
    unscored: int
    untouched: int
    not_met: int


class YardOut(Schema):
    id: int
    position: int
    household_id: int
    household_no: str
    head_name: str
    yard_class: str
    state: str
    scores: int
    result_tenths: int | None
    grade: str
    rank: int | None


class RoundDetail(Schema):
    round: CourtyardRound
    progress: RoundProgress
    yards: list[YardOut]


class YardLook(Schema):
    turn: int
    visited_at: datetime
    total_tenths: int
    consent: str
    lost: dict[str, int]
    bonus: int
    vetoes: list[str]
    photo_ids: list[UUID]


class YardDetail(Schema):
    id: int
    round_id: int
    household_id: int
    state: str
    grade: str
    result_tenths: int | None
    until: datetime | None
    looks: list[YardLook]


class YardSheetIn(Schema):
    village_id: int = Id
    resolution: str = Field(min_length=1, max_length=sheets.LONGEST_RESOLUTION)
    active_from: Day
    raters: int = Field(2, ge=1, le=2)


class YardSheetOut(Schema):
    id: int
    number: int
    active_from: date
    resolution: str


class RoundIn(Schema):
    village_id: int = Id
    last_day: Day


class RoutePlace(Schema):
    position: int
    household_id: int
    household_no: str
    yard_class: str


class RouteChange(Schema):
    village_id: int = Id
    household_no: str = Field(min_length=1, max_length=40)
    yard_class: str = Field(max_length=12)
    after_no: str | None = Field(None, max_length=40)


class VisitRecord(Schema):
    """`marks` are points by line of the sheet; photos were sent to /evidence before and are named here."""

    key: UUID
    yard_id: int = Id
    outcome: str = Field(max_length=12)
    scored_at: AwareDatetime
    consent: str = Field("", max_length=8)
    consented_at: AwareDatetime | None = None
    marks: dict[str, int] = Field(default_factory=dict, max_length=40)
    vetoes: list[str] = Field(default_factory=list, max_length=10)
    evidence_ids: list[UUID] = Field(default_factory=list, max_length=visits.MOST_PHOTOS)


class VisitBatch(Schema):
    records: list[VisitRecord] = Field(min_length=1, max_length=visits.MOST_AT_ONCE)


class VisitAnswer(Schema):
    key: UUID
    status: str
    visit_id: int | None = None
    total_tenths: int | None = None
    code: str = ""
    message: str = ""


class VisitAnswers(Schema):
    answers: list[VisitAnswer]


class AsideIn(Schema):
    reason_code: str = Field(max_length=40)


class YardState(Schema):
    id: int
    state: str
    grade: str


@router.get("/rounds", response=CourtyardRoundPage, summary="Rounds, newest first")
def list_rounds(
    request: HttpRequest,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=MAX_PAGE_SIZE),
) -> object:
    page = queries.rounds(actor=reader(request), cursor=cursor, limit=limit)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.post("/rounds", response={201: CourtyardRound}, summary="Open this quarter's round")
def open_round(request: HttpRequest, body: RoundIn, key: UUID = Key) -> Status[Round]:
    """The same Idempotency-Key again returns the first round."""
    found = services.open_round(
        actor=reader(request),
        request_key=key,
        village_id=body.village_id,
        last_day=body.last_day,
        at=clock.now(),
    )
    return Status(201, found)


@router.get(
    "/rounds/{round_id}",
    response=RoundDetail,
    summary="Progress of a round and its courtyards in walking order",
)
def one_round(request: HttpRequest, round_id: int) -> object:
    found = queries.round_for(actor=reader(request), round_id=round_id)
    return {"round": found, "progress": queries.progress(found), "yards": queries.yard_rows(found)}


@router.post("/rounds/{round_id}/close", response=CourtyardRound, summary="End a round")
def close_round(request: HttpRequest, round_id: int) -> Round:
    return services.close_round(actor=reader(request), round_id=round_id, at=clock.now())


@router.get(
    "/yards/{yard_id}", response=YardDetail, summary="A courtyard with what was seen; recorded as a look"
)
def one_yard(request: HttpRequest, yard_id: int) -> dict[str, Any]:
    actor = reader(request)
    story = queries.yard_story(actor=actor, yard_id=yard_id)
    yard = story.yard
    if yard.household_id not in actor.household_ids:
        audit.record_view(
            actor=actor, page="courtyards.yard", household_id=yard.household_id, at=clock.now(),
            fields=("marks", "photos"), region_id=yard.village_id,
        )  # fmt: skip
    return {
        "id": yard.pk, "round_id": yard.round_id, "household_id": yard.household_id, "state": yard.state, "grade": yard.grade,
        "result_tenths": yard.result_tenths if story.is_told else None, "until": story.until,
        "looks": [
            {
                "turn": x.turn, "visited_at": x.visited_at, "total_tenths": x.total_tenths, "consent": x.consent,
                "lost": {m.item.code: m.lost for m in x.missed}, "bonus": x.bonus, "vetoes": [v.code for v in x.vetoes],
                "photo_ids": [p.pk for p in x.photos],
            }
            for x in story.looks
        ],
    }  # fmt: skip


@router.post("/yards/{yard_id}/stand", response=YardState, summary="Let the first score stand")
def let_stand(request: HttpRequest, yard_id: int, key: UUID = Key) -> Yard:
    return grading.let_stand(actor=reader(request), yard_id=yard_id, at=clock.now(), request_key=key)


@router.post("/yards/{yard_id}/set-aside", response=YardState, summary="Set a grade aside")
def set_aside(request: HttpRequest, yard_id: int, body: AsideIn, key: UUID = Key) -> Yard:
    return grading.set_aside(
        actor=reader(request), yard_id=yard_id, reason_code=body.reason_code, at=clock.now(), request_key=key
    )


@router.post("/visits", response=VisitAnswers, summary="Take in visits, answered one by one")
def sync_visits(request: HttpRequest, body: VisitBatch) -> dict[str, Any]:
    """Each record counts once by its key; a refused one holds nobody up."""
    told = visits.sync_visits(
        actor=reader(request), photos={}, evidence_ids={r.key: r.evidence_ids for r in body.records}, at=clock.now(),
        records=[
            visits.Record(
                record_key=r.key, yard_id=r.yard_id, outcome=r.outcome, scored_at=r.scored_at, consent=r.consent,
                consented_at=r.consented_at, marks=r.marks, vetoes=r.vetoes,
            )
            for r in body.records
        ],
    )  # fmt: skip
    return {
        "answers": [
            {"key": a.record_key, "status": "refused", "code": a.refusal.code, "message": a.refusal.message}
            if a.refusal
            else {
                "key": a.record_key, "status": "kept", "visit_id": a.visit.pk if a.visit else None,
                "total_tenths": a.visit.total_tenths if a.visit else None,
            }
            for a in told
        ]
    }  # fmt: skip


@router.post("/sheets", response={201: YardSheetOut}, summary="Adopt the 100-point sheet")
def adopt_sheet(request: HttpRequest, body: YardSheetIn) -> Status[Any]:
    version = sheets.adopt_sheet(
        actor=reader(request), village_id=body.village_id, resolution=body.resolution, active_from=body.active_from,
        raters=body.raters, at=clock.now(),
    )  # fmt: skip
    return Status(201, version)


def _place(courtyard: Courtyard) -> dict[str, Any]:
    return {
        "position": courtyard.position, "household_id": courtyard.household_id,
        "household_no": courtyard.household.household_no, "yard_class": courtyard.yard_class,
    }  # fmt: skip


@router.get("/route", response=list[RoutePlace], summary="The route of a village in walking order")
def route(request: HttpRequest, village_id: int = Query(..., ge=1, le=2**63 - 1)) -> list[dict[str, Any]]:
    village = sheets.village_for(actor=reader(request), village_id=village_id, permission=KEEP)
    return [_place(c) for c in queries.route(village.pk)]


@router.put("/route", response=RoutePlace, summary="Give a courtyard its class and place")
def change_route(request: HttpRequest, body: RouteChange) -> dict[str, Any]:
    """`after_no`: behind which household it stands; "" is the beginning, null leaves its place."""
    return _place(
        services.change_courtyard(
            actor=reader(request),
            village_id=body.village_id,
            household_no=body.household_no,
            yard_class=body.yard_class,
            after_no=body.after_no,
            at=clock.now(),
        )
    )
