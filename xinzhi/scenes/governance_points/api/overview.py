"""Overview over HTTP: the figures of the page, and what stands out, with the deeds behind each."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.reader import reader
from xinzhi.scenes.governance_points.api.common import Day
from xinzhi.scenes.governance_points.overview.figures import AGES
from xinzhi.scenes.governance_points.overview.figures import overview as figures
from xinzhi.scenes.governance_points.overview.oddities import oddities
from xinzhi.scenes.governance_points.queries import statement, villages

router = Router()

VillageId = Query(None, ge=1, le=2**63 - 1)


class OpenOut(Schema):
    state: str
    by_age: list[int]
    total: int


class CategoryOut(Schema):
    category: str
    tenths_by_month: list[int]
    total_tenths: int


class VillageOut(Schema):
    village_id: int
    name: str
    open: int
    older: int
    deeds: int
    net_tenths: int


class OverviewOut(Schema):
    as_of: date
    ages_days: list[int]
    months: list[date]
    open: list[OpenOut]
    categories: list[CategoryOut]
    deeds_by_month: list[int]
    villages: list[VillageOut]


class OddityOut(Schema):
    code: str
    text: str
    village_id: int
    deed_ids: list[int]


@router.get("/overview", response=OverviewOut)
def get_overview(request: HttpRequest, village_id: int | None = VillageId, as_of: Day | None = None) -> Any:
    """What waits and how long, points by category and month, of my villages or one, as of a past day (today without one).

    `by_age` counts up to 3, 7, 14, 30 days, and older.
    """
    mine = villages.named(reader(request), statement.VIEW)
    found = figures(villages.shown(mine, village_id), as_of=as_of or clock.today(), now=clock.now())
    return {
        "as_of": found.as_of, "ages_days": list(AGES), "months": list(found.months),
        "open": [{"state": r.state, "by_age": list(r.ages), "total": r.total} for r in found.states],
        "categories": [
            {"category": r.category, "tenths_by_month": list(r.tenths), "total_tenths": r.total}
            for r in found.categories
        ],
        "deeds_by_month": list(found.deeds_by_month), "villages": list(found.villages),
    }  # fmt: skip


@router.get("/oddities", response=list[OddityOut])
def get_oddities(request: HttpRequest, village_id: int | None = VillageId, as_of: Day | None = None) -> Any:
    """Patterns of the last 30 days worth a second look. They accuse nobody."""
    shown = villages.shown(villages.named(reader(request), statement.VIEW), village_id)
    end = clock.start_of_day(min(as_of or clock.today(), clock.today()) + timedelta(days=1))
    return oddities(list(shown), until=min(end, clock.now()))
