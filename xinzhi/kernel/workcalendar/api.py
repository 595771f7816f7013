"""Deadlines over HTTP, and the import of a year."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, cast

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import SHANGHAI, local_date
from xinzhi.kernel.identity.api_auth import session_or_key
from xinzhi.kernel.workcalendar import queries, services
from xinzhi.kernel.workcalendar.tables import SpecialDay

router = Router(auth=session_or_key)

# Dates beyond these have no working days anybody could plan with.
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)
_FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=SHANGHAI)
_LAST_MOMENT = datetime(2100, 12, 31, tzinfo=SHANGHAI)


class DeadlineOut(Schema):
    due_at: datetime
    is_provisional: bool = Field(description="Rests on a year without an official calendar")


class DueDayOut(Schema):
    due_date: date
    is_provisional: bool


class DayOut(Schema):
    day: date
    kind: str
    name: str


class YearOut(Schema):
    year: int
    is_provisional: bool
    days: list[DayOut]


class YearIn(Schema):
    table: str = Field(
        max_length=40_000, description="CSV with the header day,kind,name; kind is off or work"
    )
    source: str = Field(max_length=120, description="Number of the notice")


class Imported(Schema):
    year: int
    count: int


@router.get("/deadline", response=DeadlineOut, summary="When so many working hours have passed")
def get_deadline(request: HttpRequest, at: datetime, hours: Annotated[float, Query(ge=0, le=5000)]) -> object:
    at = at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
    at = min(max(at, _FIRST_MOMENT), _LAST_MOMENT)
    due = queries.deadline_after_hours(at, hours).astimezone(SHANGHAI)
    return {"due_at": due, "is_provisional": queries.span_is_provisional(local_date(at), due.date())}


@router.get("/due-day", response=DueDayOut, summary="The n-th working day after a day")
def get_due_day(
    request: HttpRequest,
    start: Annotated[date, Query(ge=_FIRST, le=_LAST)],
    working_days: Annotated[int, Query(ge=0, le=2000)],
) -> object:
    due = queries.add_working_days(start, working_days)
    return {"due_date": due, "is_provisional": queries.span_is_provisional(start, due)}


@router.get("/years/{int:year}", response=YearOut, summary="Days of a year that differ from Monday to Friday")
def get_year(request: HttpRequest, year: int) -> object:
    special: list[SpecialDay] = sorted(queries.calendars().get(year, {}).values(), key=lambda d: d.day)
    return {
        "year": year,
        "is_provisional": queries.year_is_provisional(year),
        "days": [{"day": d.day, "kind": d.kind, "name": d.name} for d in special],
    }


@router.put("/years/{int:year}", response=Imported, summary="Import the official calendar of a year")
def put_year(request: HttpRequest, year: int, body: YearIn) -> object:
    actor = cast(Actor, request.actor)  # type: ignore[attr-defined]
    count = services.import_year(actor=actor, year=year, table=body.table, source=body.source)
    return {"year": year, "count": count}
