"""Evidence over HTTP: what the pages can do. Positions and hashes are never handed out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from ninja.params.functions import Query as ninja_query
from pydantic import Field

from xinzhi.kernel.evidence import queries, services
from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.evidence.serving import file_response
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.api_auth import session_or_key

router = Router(auth=session_or_key)

_Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
_Subject = Annotated[str, Field(max_length=120)]
_Size = Literal["display", "thumb"]
_DISTANCE: Any = ninja_query(6, ge=0, le=20)


class EvidenceOut(Schema):
    id: UUID
    kind: str
    media_type: str
    size_bytes: int
    width: int | None
    height: int | None
    taken_at: datetime | None
    uploaded_at: datetime
    subject: str
    digest: str


class SimilarOut(Schema):
    evidence_id: UUID
    distance: int
    subject: str
    is_visible: bool
    is_same_household: bool


class OriginalIn(Schema):
    purpose: str = Field(max_length=40)


def _actor(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@router.post("", response={201: EvidenceOut})
def upload(
    request: HttpRequest,
    file: File[UploadedFile],
    request_key: Form[UUID],
    household_id: Form[_Id | None] = None,
    village_id: Form[_Id | None] = None,
) -> Status[Evidence]:
    """Keep a photo, voice note or PDF; the same request key again returns the first. Not attached to anything yet."""
    return Status(
        201,
        services.store(
            actor=_actor(request),
            data=file,
            village_id=village_id,
            household_id=household_id,
            at=clock.now(),
            request_key=request_key,
        ),
    )


@router.get("", response=list[EvidenceOut])
def of_subject(request: HttpRequest, subject: Query[_Subject]) -> list[Evidence]:
    """Files of a subject such as governance_points.deed:12; empty when it is not visible to the caller."""
    return queries.of_subject(subject.replace("\0", ""), _actor(request))


@router.get("/{uuid:evidence_id}", response=EvidenceOut)
def get(request: HttpRequest, evidence_id: UUID) -> Evidence:
    return queries.get(_actor(request), evidence_id)


@router.delete("/{uuid:evidence_id}", response={204: None})
def discard(request: HttpRequest, evidence_id: UUID) -> Status[None]:
    """Take back an own upload that belongs to nothing yet."""
    services.discard(actor=_actor(request), evidence_id=evidence_id, at=clock.now())
    return Status(204, None)


@router.get("/{uuid:evidence_id}/similar", response=list[SimilarOut])
def similar(request: HttpRequest, evidence_id: UUID, max_distance: int = _DISTANCE) -> list[queries.Similar]:
    """Photos of the village that look the same, nearest first."""
    return queries.similar(evidence_id, _actor(request), max_distance)


@router.get("/{uuid:evidence_id}/file")
def display(request: HttpRequest, evidence_id: UUID, size: Query[_Size] = "display") -> HttpResponse:
    """The copy without position and tags; size "display" or "thumb"."""
    return file_response(request, services.open_display(_actor(request), evidence_id, size))


@router.post("/{uuid:evidence_id}/original")
def original(request: HttpRequest, evidence_id: UUID, body: OriginalIn) -> HttpResponse:
    """The original, for a purpose; the opening is recorded."""
    opened = services.open_original(_actor(request), evidence_id, body.purpose, at=clock.now())
    return file_response(request, opened, original=True)
