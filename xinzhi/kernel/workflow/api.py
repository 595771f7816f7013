"""The inbox, the buttons and the timeline over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.params.functions import Path, Query

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.api_auth import session_or_key
from xinzhi.kernel.workflow import queries, registry, services
from xinzhi.kernel.workflow.queries.decisions import subject_for
from xinzhi.kernel.workflow.queries.inbox import InboxFilters

router = Router(auth=session_or_key)
_BIG = 2**62


def _actor(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


class TaskOut(Schema):
    id: int
    lifecycle: str
    lifecycle_label: str
    subject_id: int
    state: str
    state_label: str
    village_id: int
    household_id: int | None
    level: int
    opened_at: datetime
    due_at: datetime
    last_day: date | None
    is_overdue: bool
    title: str
    subtitle: str
    warning: str
    barred: str


class Inbox(Schema):
    items: list[TaskOut]
    next_cursor: str | None


class StepOut(Schema):
    id: int
    action: str
    from_state: str
    to_state: str
    at: datetime
    reason_code: str


class TimelineEntryOut(Schema):
    id: int
    at: datetime
    action: str
    word: str
    from_state: str
    to_state: str
    to_label: str
    role: str
    who: str
    channel: str
    reason: str
    note: str
    was_late: bool


class DecisionIn(Schema):
    reason_code: str = Field("", max_length=40)
    note: str = Field("", max_length=2000)
    request_key: UUID


class DecisionManyIn(DecisionIn):
    ids: list[int] = Field(min_length=1, max_length=1000)


class Refused(Schema):
    id: int
    code: str
    sentence: str


class ManyOut(Schema):
    advanced: list[int]
    refused: list[Refused]


@router.get("/inbox", response=Inbox, summary="What waits for me, soonest first")
def list_inbox(
    request: HttpRequest,
    lifecycle: str = Query("", max_length=64),
    village_id: int | None = Query(None, ge=1, le=_BIG),
    overdue: bool = False,
    actionable: bool = False,
    cursor: str | None = Query(None, max_length=300),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    filters = InboxFilters(lifecycle, village_id, overdue, actionable)
    return queries.inbox(_actor(request), at=clock.now(), cursor=cursor, limit=limit, filters=filters)


@router.get(
    "/{lifecycle}/{subject_id}/timeline", response=list[TimelineEntryOut], summary="What happened to a case"
)
def show_timeline(request: HttpRequest, lifecycle: str, subject_id: int = Path(..., ge=1, le=_BIG)) -> Any:
    actor = _actor(request)
    subject = subject_for(actor=actor, lifecycle=registry.lifecycle(lifecycle), subject_id=subject_id)
    return queries.timeline(subject, actor=actor)


@router.post("/{lifecycle}/many/{action}", response=ManyOut, summary="Take one step with many cases")
def decide_many(request: HttpRequest, lifecycle: str, action: str, body: DecisionManyIn) -> Any:
    moved = services.decide_many(
        actor=_actor(request),
        lifecycle_name=lifecycle,
        subject_ids=[i for i in body.ids if 0 < i < _BIG],
        action=action,
        reason_code=body.reason_code,
        note=body.note,
        request_key=body.request_key,
        at=clock.now(),
    )
    refused = [{"id": pk, "code": r.code, "sentence": str(r)} for pk, r in moved.refused.items()]
    return {"advanced": moved.advanced, "refused": refused}


@router.post("/{lifecycle}/{subject_id}/{action}", response=StepOut, summary="Take one step with a case")
def decide(
    request: HttpRequest,
    lifecycle: str,
    action: str,
    body: DecisionIn,
    subject_id: int = Path(..., ge=1, le=_BIG),
) -> Any:
    return services.decide(
        actor=_actor(request),
        lifecycle_name=lifecycle,
        subject_id=subject_id,
        action=action,
        reason_code=body.reason_code,
        note=body.note,
        request_key=body.request_key,
        at=clock.now(),
    )
