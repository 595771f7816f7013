"""The same over HTTP."""

from __future__ import annotations

from datetime import date
from typing import cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Header, Query, Router, Schema, Status

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.paging import MAX_PAGE_SIZE
from xinzhi.kernel.identity.api_auth import session_or_key
from xinzhi.scenes._example import queries, services
from xinzhi.scenes._example.models import Entry

router = Router(auth=session_or_key)
IdempotencyKey = Header(alias="Idempotency-Key")


class EntryOut(Schema):
    id: int
    village_id: int
    title: str
    noted_on: date


class EntryPage(Schema):
    items: list[EntryOut]
    next_cursor: str | None


class EntryIn(Schema):
    village_id: int = Field(ge=1, le=2**62)
    title: str = Field(min_length=1, max_length=services.LONGEST_TITLE)
    noted_on: date


def _actor(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@router.get("/entries", response=EntryPage, summary="The register, newest first")
def list_entries(
    request: HttpRequest,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=MAX_PAGE_SIZE),
) -> object:
    page = queries.entries(actor=_actor(request), cursor=cursor, limit=limit)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.post("/entries", response={201: EntryOut}, summary="Note something in the register")
def note_entry(request: HttpRequest, body: EntryIn, key: UUID = IdempotencyKey) -> Status[Entry]:
    """The same Idempotency-Key again returns the first entry."""
    entry = services.note_entry(
        actor=_actor(request),
        request_key=key,
        village_id=body.village_id,
        title=body.title,
        noted_on=body.noted_on,
        at=clock.now(),
    )
    return Status(201, entry)
