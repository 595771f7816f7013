"""The tree of regions over HTTP, for pickers and integrators. Reading only; strangers get 403."""

from __future__ import annotations

from datetime import date
from typing import Annotated, cast

from django.http import HttpRequest
from ninja import Query, Router, Schema

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Forbidden
from xinzhi.kernel.regions import queries
from xinzhi.kernel.regions.models import Level, Region

router = Router()


class RegionOut(Schema):
    id: int
    name: str
    short_name: str
    level: str
    parent_id: int | None
    active_from: date
    active_to: date | None
    succeeded_by_id: int | None


class RegionDetail(RegionOut):
    code: str | None
    ancestors: list[RegionOut]


class RegionPage(Schema):
    items: list[RegionOut]
    next_cursor: str | None


def _actor(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def _known(request: HttpRequest) -> Actor:
    actor = _actor(request)
    if not actor.is_authenticated:
        raise Forbidden()
    return actor


@router.get("", response=RegionPage, summary="Regions by name, code, level or permission")
def list_regions(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=40, description="Part of the name, or the beginning of a code")] = "",
    level: Level | None = None,
    below: Annotated[int | None, Query(ge=1, le=2**62, description="Only regions below this one")] = None,
    permission: Annotated[
        str | None, Query(max_length=80, description="Only where you hold this permission")
    ] = None,
    include_former: bool = False,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> object:
    page = queries.search(
        _actor(request),
        q=q,
        level=level,
        below=below,
        permission=permission,
        include_former=include_former,
        cursor=cursor,
        limit=limit,
    )
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.get("/by-code/{code}", response=RegionDetail, summary="The region that bears or once bore a code")
def get_region_by_code(request: HttpRequest, code: str, on: date | None = None) -> object:
    _known(request)
    return _detail(queries.region_by_code(code, on), on)


@router.get(
    "/{int:region_id}", response=RegionDetail, summary="One region with its ancestors, today or on a day"
)
def get_region(request: HttpRequest, region_id: int, on: date | None = None) -> object:
    _known(request)
    return _detail(queries.region(_in_range(region_id)), on)


@router.get(
    "/{int:region_id}/children", response=list[RegionOut], summary="Regions right below, today or on a day"
)
def list_children(request: HttpRequest, region_id: int, on: date | None = None) -> object:
    actor = _known(request)
    return queries.children(actor, queries.region(_in_range(region_id)), on)


def _in_range(region_id: int) -> int:
    return region_id if region_id <= 2**62 else 0


def _detail(region: Region, on: date | None) -> RegionDetail:
    return RegionDetail(
        **RegionOut.from_orm(region).dict(),
        code=queries.code_of(region, on),
        ancestors=[RegionOut.from_orm(above) for above in queries.ancestors(region, on)],
    )
