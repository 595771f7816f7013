"""Keys, mandates and who am I over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from django.http import HttpRequest
from ninja import Field, Router, Schema

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity import absences, api_keys, proxies
from xinzhi.kernel.identity.api_auth import session_or_key
from xinzhi.kernel.identity.models import Absence, ApiKey, ProxyMandate

router = Router(auth=session_or_key)
_BIG = 2**62


class GrantOut(Schema):
    role: str
    region_id: int
    permissions: list[str]


class Me(Schema):
    user_id: int | None
    api_key_id: int | None
    channel: str
    household_ids: list[int]
    proxy_for_household_id: int | None
    grants: list[GrantOut]


class KeyOut(Schema):
    id: int
    name: str
    prefix: str
    scopes: list[str]
    region_id: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class KeyIn(Schema):
    name: str = Field(max_length=80)
    scopes: list[str] = Field(max_length=200)
    region_id: int = Field(ge=1, le=_BIG)
    expires_at: datetime


class KeyIssued(KeyOut):
    key: str


class MandateOut(Schema):
    id: int
    household_id: int
    person_id: int
    relation: str
    active_from: date
    active_to: date
    revoked_at: datetime | None


class MandateIn(Schema):
    household_id: int = Field(ge=1, le=_BIG)
    person_id: int = Field(ge=1, le=_BIG)
    relation: ProxyMandate.Relation
    active_to: date


def _actor(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@router.get("/me", response=Me, summary="Who I am to the system, and what I may do where")
def get_me(request: HttpRequest) -> object:
    actor = _actor(request)
    return {
        "user_id": actor.user_id,
        "api_key_id": actor.api_key_id,
        "channel": actor.channel,
        "household_ids": list(actor.household_ids),
        "proxy_for_household_id": actor.proxy_for_household_id,
        "grants": [
            {"role": g.role, "region_id": g.region_id, "permissions": sorted(g.permissions)}
            for g in actor.grants
        ],
    }


@router.get("/keys", response=list[KeyOut], summary="API keys of my regions, without their text")
def list_keys(request: HttpRequest) -> list[ApiKey]:
    return api_keys.api_keys(_actor(request))


@router.post(
    "/keys", response={201: KeyIssued}, summary="Issue a key; its text is in this answer and nowhere else"
)
def issue_key(request: HttpRequest, body: KeyIn) -> object:
    key, raw = api_keys.issue_api_key(
        actor=_actor(request),
        name=body.name,
        scopes=body.scopes,
        region_id=body.region_id,
        expires_at=_aware(body.expires_at),
    )
    return 201, KeyIssued(**KeyOut.from_orm(key).dict(), key=raw)


@router.post("/keys/{int:key_id}/revoke", response=KeyOut, summary="End a key at once")
def revoke_key(request: HttpRequest, key_id: int) -> ApiKey:
    return api_keys.revoke_api_key(actor=_actor(request), key_id=min(key_id, _BIG))


@router.get(
    "/households/{int:household_id}/mandates",
    response=list[MandateOut],
    summary="Who may act for a household",
)
def list_mandates(request: HttpRequest, household_id: int) -> list[ProxyMandate]:
    return proxies.mandates(_actor(request), min(household_id, _BIG))


@router.post("/mandates", response={201: MandateOut}, summary="Let a person act for a household until a day")
def give_mandate(request: HttpRequest, body: MandateIn) -> object:
    return 201, proxies.give_proxy(
        actor=_actor(request),
        household_id=body.household_id,
        person_id=body.person_id,
        relation=body.relation,
        active_to=body.active_to,
    )


@router.post("/mandates/{int:mandate_id}/revoke", response=MandateOut, summary="End a mandate at once")
def revoke_mandate(request: HttpRequest, mandate_id: int) -> ProxyMandate:
    return proxies.revoke_proxy(actor=_actor(request), mandate_id=min(mandate_id, _BIG))


class AbsenceIn(Schema):
    substitute_id: int = Field(ge=1, le=_BIG)
    first_day: date
    last_day: date
    user_id: int | None = Field(None, ge=1, le=_BIG)


class AbsenceOut(Schema):
    id: int
    user_id: int
    substitute_id: int
    active_from: date
    active_to: date
    ended_at: datetime | None


@router.post("/absences", response={201: AbsenceOut}, summary="Name who stands in while somebody is away")
def set_absence(request: HttpRequest, body: AbsenceIn) -> object:
    return 201, absences.set_absence(actor=_actor(request), at=clock.now(), **body.dict())


@router.post(
    "/absences/{int:absence_id}/end", response=AbsenceOut, summary="Back earlier: end an absence at once"
)
def end_absence(request: HttpRequest, absence_id: int) -> Absence:
    return absences.end_absence(actor=_actor(request), absence_id=min(absence_id, _BIG), at=clock.now())


def _aware(moment: datetime) -> datetime:
    from xinzhi.kernel.foundation.clock import SHANGHAI

    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
