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
from xinzhi.scenes.governance_points.overview.titles import TitleTable, title_table, who_reached
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


class TitleOut(Schema):
    village_id: int
    title: str
    households: int


class VetoOut(Schema):
    village_id: int
    vetoed: int
    households: int


class TitlesOut(Schema):
    """Titles reached in the year of the day; `vetoed` have lost theirs."""

    as_of: date
    titles: list[TitleOut]
    villages: list[VetoOut]


class StandingOut(Schema):
    household_id: int
    household_no: str
    given_tenths: int
    taken_tenths: int
    score_tenths: int
    title: str
    is_vetoed: bool
    dividend_tenths: int


class StandingPage(Schema):
    items: list[StandingOut]
    next_cursor: str | None


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


@router.get("/titles", response=TitlesOut)
def get_titles(request: HttpRequest, village_id: int | None = VillageId, as_of: Day | None = None) -> Any:
    """How many households have reached which title of the year; empty beyond 40 villages."""
    shown = villages.shown(villages.named(reader(request), statement.VIEW), village_id)
    day = as_of or clock.today()
    found = title_table(shown, as_of=day, now=clock.now()) or TitleTable([], [])
    titles = [
        {"village_id": r.village_id, "title": t, "households": n} for r in found.rows for t, n in r.cells
    ]
    return {"as_of": day, "titles": titles, "villages": list(found.rows)}


@router.get("/standings", response=StandingPage)
def get_standings(
    request: HttpRequest,
    village_id: int = Query(ge=1, le=2**63 - 1),
    title: str = Query("", max_length=12),
    as_of: Day | None = None,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Households with a title of the year, by number; "-": those that lost theirs by a veto."""
    villages.shown(villages.named(reader(request), statement.VIEW), village_id)
    return who_reached(
        village_id, title=title, as_of=as_of or clock.today(), now=clock.now(), cursor=cursor, limit=limit
    )


@router.get("/oddities", response=list[OddityOut])
def get_oddities(request: HttpRequest, village_id: int | None = VillageId, as_of: Day | None = None) -> Any:
    """Patterns of the last 30 days worth a second look. They accuse nobody."""
    shown = villages.shown(villages.named(reader(request), statement.VIEW), village_id)
    end = clock.start_of_day(min(as_of or clock.today(), clock.today()) + timedelta(days=1))
    return oddities(list(shown), until=min(end, clock.now()))
