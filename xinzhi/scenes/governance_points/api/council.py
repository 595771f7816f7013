"""The points council over HTTP: call a meeting, enter what it decided, file its signed minutes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.reader import reader
from xinzhi.scenes.governance_points.api.common import Id, IdempotencyKey, Moment
from xinzhi.scenes.governance_points.queries import council as queries
from xinzhi.scenes.governance_points.services import council

router = Router()


class MeetingOut(Schema):
    id: int
    number: str
    village_id: int
    state: str
    meets_at: datetime
    place: str
    held_at: datetime | None


class CouncilMemberOut(Schema):
    user_id: int
    is_present: bool


class AgendaItemOut(Schema):
    id: int
    position: int
    deed_id: int
    points_tenths: int
    outcome: str
    votes_for: int
    votes_against: int
    votes_abstaining: int
    recused_user_ids: list[int]
    reason_code: str


class MeetingDetailOut(MeetingOut):
    members: list[CouncilMemberOut]
    items: list[AgendaItemOut]


class MeetingIn(Schema):
    village_id: int = Id
    meets_at: Moment
    place: str = Field(max_length=60)


class VoteIn(Schema):
    item_id: int = Id
    against: int = Field(0, ge=0, le=1000)
    abstaining: int = Field(0, ge=0, le=1000)
    recused_user_ids: list[int] = Field(default_factory=list, max_length=100)
    is_postponed: bool = False
    reason_code: str = Field("", max_length=40)


class DecisionsIn(Schema):
    present_user_ids: list[int] = Field(max_length=200)
    votes: list[VoteIn] = Field(max_length=council.MOST_ITEMS)
    note: str = Field("", max_length=500)


class ScansIn(Schema):
    evidence_ids: list[UUID] = Field(max_length=20)


def _detail(request: HttpRequest, meeting_id: int) -> dict[str, Any]:
    view = queries.meeting_view(actor=reader(request), meeting_id=meeting_id)
    head = {name: getattr(view.meeting, name) for name in MeetingOut.model_fields}
    return {
        **head,
        "members": [
            {"user_id": m.user_id, "is_present": m.user_id in view.present_ids} for m in view.members
        ],
        "items": [
            {**_columns(entry.item), "points_tenths": entry.deed.points_tenths} for entry in view.items
        ],
    }


def _columns(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in AgendaItemOut.model_fields if name != "points_tenths"}


@router.get("/meetings", response=list[MeetingOut])
def list_meetings(request: HttpRequest, village_id: int = Query(ge=1, le=2**63 - 1)) -> Any:
    """The latest meetings of a village's council, newest first."""
    return queries.meetings(actor=reader(request), village_id=village_id)


@router.post("/meetings", response={201: MeetingOut})
def call_meeting(request: HttpRequest, body: MeetingIn, key: UUID = IdempotencyKey) -> Any:
    """Call a meeting; everything that waits for the council is on its agenda."""
    return 201, council.call_meeting(
        actor=reader(request), request_key=key, village_id=body.village_id, meets_at=_zoned(body.meets_at),
        place=body.place, at=clock.now(),
    )  # fmt: skip


def _zoned(moment: datetime) -> datetime:
    """A time without a zone is the village's own."""
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)


@router.get("/meetings/{int:meeting_id}", response=MeetingDetailOut)
def get_meeting(request: HttpRequest, meeting_id: int) -> Any:
    """Agenda, attendance and votes of a meeting."""
    return _detail(request, meeting_id)


@router.post("/meetings/{int:meeting_id}/agenda", response=MeetingDetailOut)
def refresh_agenda(request: HttpRequest, meeting_id: int) -> Any:
    """Put on the agenda what was verified since; doing so again changes nothing."""
    council.refresh_agenda(actor=reader(request), meeting_id=meeting_id, at=clock.now())
    return _detail(request, meeting_id)


@router.post("/meetings/{int:meeting_id}/call-off", response=MeetingOut)
def call_off(request: HttpRequest, meeting_id: int, key: UUID = IdempotencyKey) -> Any:
    """The meeting does not take place; its agenda waits for the next one."""
    return council.call_off(actor=reader(request), meeting_id=meeting_id, request_key=key, at=clock.now())


@router.post("/meetings/{int:meeting_id}/hold", response=MeetingDetailOut)
def hold_meeting(request: HttpRequest, meeting_id: int, body: DecisionsIn, key: UUID = IdempotencyKey) -> Any:
    """Who was there and what was decided about each item; every deed takes its step."""
    votes = [
        council.Vote(
            item_id=v.item_id, against=v.against, abstaining=v.abstaining, recused=frozenset(v.recused_user_ids),
            is_postponed=v.is_postponed, reason_code=v.reason_code,
        )
        for v in body.votes
    ]  # fmt: skip
    council.hold_meeting(
        actor=reader(request), meeting_id=meeting_id, present=body.present_user_ids, votes=votes, note=body.note,
        request_key=key, at=clock.now(),
    )  # fmt: skip
    return _detail(request, meeting_id)


@router.post("/meetings/{int:meeting_id}/minutes", response=MeetingOut)
def file_minutes(request: HttpRequest, meeting_id: int, body: ScansIn, key: UUID = IdempotencyKey) -> Any:
    """Attach the scan of the signed minutes, stored under `/evidence` before."""
    return council.file_minutes(
        actor=reader(request), meeting_id=meeting_id, evidence_ids=body.evidence_ids, request_key=key, at=clock.now()
    )  # fmt: skip
