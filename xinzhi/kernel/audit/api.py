"""Who looked at a household, for its members and for those who supervise."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.params.functions import Query

from xinzhi.kernel.audit import queries
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.api_auth import session_or_key
from xinzhi.kernel.residents import scope

router = Router(auth=session_or_key)


class LookOut(Schema):
    id: int
    at: datetime
    role: str
    actor_label: str
    action: str
    page: str
    fields: list[str]
    purpose: str


class LookPage(Schema):
    items: list[LookOut]
    next_cursor: str | None


@router.get("/looks", response=LookPage, summary="Who looked at a household, newest first")
def list_looks(
    request: HttpRequest,
    household_id: int = Query(..., ge=1, le=2**62),
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=200),
) -> object:
    actor = cast(Actor, request.actor)  # type: ignore[attr-defined]
    scope.household(actor, queries.READ_LOOKS, household_id)
    page = queries.looks_at_household(household_id, cursor, limit=limit)
    items = [
        LookOut(
            id=look.id,
            at=look.at,
            role=look.role,
            actor_label=look.actor_label,
            action=look.action,
            page=look.page,
            fields=list(look.fields),
            purpose=look.purpose,
        )
        for look in page.items
    ]
    return {"items": items, "next_cursor": page.next_cursor}
