"""Lists and objections over HTTP."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.params.functions import Path, Query

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.api_auth import session_or_key
from xinzhi.kernel.notices import queries, services
from xinzhi.kernel.notices.models import Objection, SendingRule

router = Router(auth=session_or_key)
_BIG = 2**62


def _actor(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


class HeadOut(Schema):
    id: int
    kind: str
    village_id: int
    village_name: str
    title: str
    number: str
    days: int
    starts_at: datetime
    ends_at: datetime
    state: str
    is_on_display: bool
    line_count: int


class Heads(Schema):
    items: list[HeadOut]
    next_cursor: str | None


class LineOut(Schema):
    id: int
    position: int
    household_no: str
    name: str
    label: str
    points_tenths: int | None
    happened_on: date | None
    state: str
    remark: str
    is_own: bool
    may_object: bool


class ListOut(Schema):
    head: HeadOut
    audience: str
    lines: list[LineOut]
    next_cursor: str | None
    has_ended: bool
    needs_purpose: bool
    hidden_deductions: int


class ObjectionIn(Schema):
    line_id: int = Field(ge=1, le=_BIG)
    grounds_code: str = Field(max_length=40)
    note: str = Field("", max_length=2000)
    on_behalf_of_household_id: int | None = Field(None, ge=1, le=_BIG)
    request_key: UUID


class ObjectionDecisionIn(Schema):
    outcome: str = Field(max_length=20)
    reason_code: str = Field(max_length=40)
    note: str = Field("", max_length=2000)
    request_key: UUID


class ObjectionOut(Schema):
    id: int
    line_id: int
    state: str
    grounds_code: str
    channel: str
    filed_at: datetime
    decided_at: datetime | None


class MessageOut(Schema):
    id: int
    text: str
    subject: str
    at: datetime
    is_read: bool


class Messages(Schema):
    items: list[MessageOut]
    next_cursor: str | None


class ChannelOut(Schema):
    channel: str
    label: str
    is_open: bool
    is_known: bool
    is_wanted: bool


class ChannelChoiceIn(Schema):
    is_wanted: bool


class AccountIn(Schema):
    address: str = Field("", max_length=64)


class ReasonOut(Schema):
    failure_code: str
    channel_label: str
    reason: str
    count: int


class UndeliveredOut(Schema):
    id: int
    village_id: int | None
    household_no: str
    name: str
    text: str
    channel: str
    failure_code: str
    reason: str
    provider_code: str
    tries: int
    may_have_arrived: bool
    at: datetime | None


class Undelivered(Schema):
    items: list[UndeliveredOut]
    next_cursor: str | None
    reasons: list[ReasonOut]


class DeliveriesIn(Schema):
    delivery_ids: list[Annotated[int, Field(ge=1, le=_BIG)]] = Field(min_length=1, max_length=500)


class CountOut(Schema):
    count: int


class SendingRuleIn(Schema):
    region_id: int = Field(ge=1, le=_BIG)
    quiet_from: time
    quiet_until: time
    most_per_day: int = Field(ge=1, le=20)
    active_from: date


class SendingRuleOut(Schema):
    region_id: int
    quiet_from: time
    quiet_until: time
    most_per_day: int
    active_from: date


@router.get("/publications", response=Heads, summary="The lists of a village, newest first")
def list_publications(
    request: HttpRequest,
    village_id: int = Query(..., ge=1, le=_BIG),
    cursor: str | None = Query(None, max_length=300),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    return queries.publications(
        actor=_actor(request), village_id=village_id, at=clock.now(), cursor=cursor, limit=limit
    )


@router.get("/publications/{publication_id}", response=ListOut, summary="One list, as the caller may see it")
def show_publication(
    request: HttpRequest,
    publication_id: int = Path(..., ge=1, le=_BIG),
    purpose: str = Query("", max_length=20),
    cursor: str | None = Query(None, max_length=300),
    limit: int = Query(200, ge=1, le=1000),
) -> Any:
    return queries.view_publication(
        actor=_actor(request),
        publication_id=publication_id,
        at=clock.now(),
        purpose=purpose,
        cursor=cursor,
        limit=limit,
    )


@router.post("/objections", response={201: ObjectionOut}, summary="Object to a published line")
def file_objection(request: HttpRequest, body: ObjectionIn) -> tuple[int, Objection]:
    return 201, services.object_to_line(actor=_actor(request), at=clock.now(), **body.dict())


@router.post("/objections/{objection_id}/decision", response=ObjectionOut, summary="Answer an objection")
def decide_objection(
    request: HttpRequest, body: ObjectionDecisionIn, objection_id: int = Path(..., ge=1, le=_BIG)
) -> Objection:
    return services.decide_objection(
        actor=_actor(request), objection_id=objection_id, at=clock.now(), **body.dict()
    )


@router.get("/messages", response=Messages, summary="My messages, newest first")
def list_messages(
    request: HttpRequest,
    cursor: str | None = Query(None, max_length=300),
    limit: int = Query(20, ge=1, le=100),
) -> Any:
    return queries.messages(actor=_actor(request), cursor=cursor, limit=limit)


@router.get("/channels", response=list[ChannelOut], summary="By which channels I am told")
def list_channels(request: HttpRequest) -> Any:
    return queries.own_channels(actor=_actor(request))


@router.put("/channels/{channel}", response=list[ChannelOut], summary="Want to be told by a channel, or not")
def choose_channel(
    request: HttpRequest, body: ChannelChoiceIn, channel: str = Path(..., max_length=20)
) -> Any:
    services.choose_channel(actor=_actor(request), channel=channel, is_wanted=body.is_wanted, at=clock.now())
    return queries.own_channels(actor=_actor(request))


@router.put(
    "/channels/{channel}/account", response=list[ChannelOut], summary="Bind an account of mine; empty unbinds"
)
def bind_channel(request: HttpRequest, body: AccountIn, channel: str = Path(..., max_length=20)) -> Any:
    services.bind_channel(actor=_actor(request), channel=channel, address=body.address, at=clock.now())
    return queries.own_channels(actor=_actor(request))


@router.get("/undelivered", response=Undelivered, summary="Messages that did not arrive, newest first")
def list_undelivered(
    request: HttpRequest,
    cursor: str | None = Query(None, max_length=300),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    found = queries.undelivered(actor=_actor(request), cursor=cursor, limit=limit)
    return {
        "items": found.items,
        "next_cursor": found.next_cursor,
        "reasons": queries.reasons(actor=_actor(request)),
    }


@router.post("/undelivered/again", response=CountOut, summary="Send messages again that did not arrive")
def try_again(request: HttpRequest, body: DeliveriesIn) -> Any:
    count = services.try_again(actor=_actor(request), delivery_ids=body.delivery_ids, at=clock.now())
    return {"count": count}


@router.post("/undelivered/told", response=CountOut, summary="Note that they were told in person")
def told_in_person(request: HttpRequest, body: DeliveriesIn) -> Any:
    count = services.told_in_person(actor=_actor(request), delivery_ids=body.delivery_ids, at=clock.now())
    return {"count": count}


@router.put(
    "/sending-rules", response=SendingRuleOut, summary="Set quiet hours and the daily cap of a region"
)
def set_sending_rule(request: HttpRequest, body: SendingRuleIn) -> SendingRule:
    return services.set_sending_rule(actor=_actor(request), at=clock.now(), **body.dict())
