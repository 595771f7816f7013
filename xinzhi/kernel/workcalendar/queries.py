"""Is it a working day, and when is it due. Official calendars; a year without one counts Monday to Friday."""

from __future__ import annotations

import time
from datetime import date, datetime
from decimal import Decimal
from threading import Lock

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.workcalendar import clocks
from xinzhi.kernel.workcalendar.clocks import OFFICE_HOURS, Schedule
from xinzhi.kernel.workcalendar.models import ImportedDay, ImportedYear
from xinzhi.kernel.workcalendar.tables import SpecialDay, bundled

#: Another process sees an import this many seconds later at most.
_FRESH_SECONDS = 60.0
_lock = Lock()
_kept: tuple[float, dict[int, dict[date, SpecialDay]]] | None = None


def calendars() -> dict[int, dict[date, SpecialDay]]:
    """Special days by year: the bundled ones, and over them the imported ones. Remembered for a minute."""
    global _kept
    kept = _kept
    if kept is not None and time.monotonic() - kept[0] < _FRESH_SECONDS:
        return kept[1]
    found = dict(bundled())
    imported: dict[int, dict[date, SpecialDay]] = {
        year: {} for year in ImportedYear.objects.values_list("year", flat=True)
    }
    if imported:
        for row in ImportedDay.objects.all():
            imported.setdefault(row.year_id, {})[row.day] = SpecialDay(row.day, row.kind, row.name)
    found |= imported
    with _lock:
        _kept = (time.monotonic(), found)
    return found


def forget_cached() -> None:
    """Read the imported calendars again at the next question."""
    global _kept
    with _lock:
        _kept = None


def is_working_day(day: date) -> bool:
    """Whether offices work on this day: holidays off, make-up days (调休) on."""
    return clocks.is_working_day(calendars(), day)


def next_working_day(day: date) -> date:
    """The day itself, or the first working day after it (a term that ends on a day off, Civil Code art. 203)."""
    return clocks.next_working_day(calendars(), day)


def add_working_days(start: date, n: int) -> date:
    """The n-th working day after `start`, which is not counted (Civil Code art. 201). Raises ValueError below 0."""
    return clocks.add_working_days(calendars(), start, n)


def working_days_between(start: date, end: date) -> int:
    """How many working days after `start` up to and including `end`; negative when `end` comes first.

    The inverse of `add_working_days`.
    """
    return clocks.working_days_between(calendars(), start, end)


def deadline_after_hours(
    at: datetime, hours: int | float | Decimal, schedule: Schedule = OFFICE_HOURS
) -> datetime:
    """The moment when so many working hours have passed since `at` (aware), in the time zone of `at`.

    Counted in Asia/Shanghai, 08:30–12:00 and 14:00–17:30 unless another schedule is given.
    """
    return clocks.deadline_after_hours(calendars(), at, hours, schedule)


def year_is_provisional(year: int) -> bool:
    """Whether the year has no official calendar yet, so that Monday to Friday is assumed."""
    return year not in calendars()


def span_is_provisional(start: date, end: date) -> bool:
    """Whether a deadline counted from `start` to `end` rests on a year without an official calendar."""
    return any(year_is_provisional(year) for year in range(start.year, end.year + 1))


def provisional_years(today: date | None = None) -> list[int]:
    """Years an administrator should import now: this one, and from November (when notices appear) the next."""
    today = today or clock.today()
    wanted = [today.year, today.year + 1] if today.month >= 11 else [today.year]
    return [year for year in wanted if year_is_provisional(year)]
