"""Working days and working hours over a calendar. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from xinzhi.kernel.foundation.clock import SHANGHAI
from xinzhi.kernel.workcalendar.tables import SpecialDay

#: Special days by year; a year that is missing counts Monday to Friday.
Calendars = Mapping[int, Mapping[date, SpecialDay]]
Schedule = Sequence[tuple[time, time]]

#: Office hours in Anji (county-city.md 0.3): seven hours a day.
OFFICE_HOURS: Schedule = ((time(8, 30), time(12)), (time(14), time(17, 30)))
_MAX_DAYS = 20_000


def is_working_day(calendars: Calendars, day: date) -> bool:
    special = calendars.get(day.year, {}).get(day)
    return special.kind == "work" if special else day.weekday() < 5


def next_working_day(calendars: Calendars, day: date) -> date:
    while not is_working_day(calendars, day):
        day += timedelta(days=1)
    return day


def add_working_days(calendars: Calendars, start: date, count: int) -> date:
    if not 0 <= count <= _MAX_DAYS:
        raise ValueError(f"Between 0 and {_MAX_DAYS} working days can be added, found {count}.")
    day = start
    while count:
        day += timedelta(days=1)
        count -= is_working_day(calendars, day)
    return day


def working_days_between(calendars: Calendars, start: date, end: date) -> int:
    if end < start:
        return -working_days_between(calendars, end, start)
    span = (end - start).days
    if span > _MAX_DAYS * 2:
        raise ValueError(f"At most {_MAX_DAYS * 2} days can be counted, found {span}.")
    return sum(is_working_day(calendars, start + timedelta(days=i)) for i in range(1, span + 1))


def deadline_after_hours(
    calendars: Calendars, at: datetime, hours: int | float | Decimal, schedule: Schedule = OFFICE_HOURS
) -> datetime:
    left = timedelta(seconds=round(Decimal(str(hours)) * 3600))
    if not timedelta(0) <= left <= timedelta(hours=_MAX_DAYS):
        raise ValueError(f"Between 0 and {_MAX_DAYS} working hours can be added, found {hours}.")
    local = at.astimezone(SHANGHAI)
    day = local.date()
    for _ in range(_MAX_DAYS * 8):
        if is_working_day(calendars, day):
            for begins, ends in schedule:
                opens = datetime.combine(day, begins, SHANGHAI)
                closes = datetime.combine(day, ends, SHANGHAI)
                start = max(opens, local)
                if start > closes or (start == closes and left):
                    continue
                if start + left <= closes:
                    return (start + left).astimezone(at.tzinfo)
                left -= closes - start
        day += timedelta(days=1)
    raise ValueError("The schedule has no working time.")
