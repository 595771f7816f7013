from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.foundation.clock import SHANGHAI
from xinzhi.kernel.workcalendar import clocks
from xinzhi.kernel.workcalendar.tables import bundled

OFFICIAL = bundled()
days = st.dates(date(2024, 1, 1), date(2026, 12, 31))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_the_national_day_of_2024_is_right_to_the_hour() -> None:
    """county-city.md 0.3: four working days across the holiday and two make-up days. Mon-Fri logic says 10-03."""
    due = clocks.deadline_after_hours(OFFICIAL, at("2024-09-27T16:30"), 28)
    assert due == at("2024-10-09T16:30") and due.strftime("%a") == "Wed"
    assert clocks.deadline_after_hours({}, at("2024-09-27T16:30"), 28) == at("2024-10-03T16:30")


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_bundled_years_agree_with_an_independent_table(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        assert clocks.is_working_day(OFFICIAL, day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-02T09:00", 1, "2026-03-02T10:00"),
        ("2026-03-02T11:30", 1, "2026-03-02T14:30"),  # over lunch
        ("2026-03-02T12:30", 1, "2026-03-02T15:00"),  # from lunch
        ("2026-03-02T08:30", "3.5", "2026-03-02T12:00"),  # to the very end of the morning
        ("2026-03-02T12:00", "0.5", "2026-03-02T14:30"),
        ("2026-03-02T17:30", 7, "2026-03-03T17:30"),
        ("2026-03-02T23:59", 1, "2026-03-03T09:30"),
        ("2026-03-06T17:00", 1, "2026-03-09T09:00"),  # Friday to Monday
        ("2026-03-07T10:00", 0, "2026-03-09T08:30"),  # Saturday: at the first office hour
        ("2026-02-13T17:00", 1, "2026-02-14T09:00"),  # Saturday before the Spring Festival is worked
        ("2026-02-14T17:00", 1, "2026-02-24T09:00"),  # then nine days off
    ],
)
def test_office_hours(start: str, hours: int | str, due: str) -> None:
    assert clocks.deadline_after_hours(OFFICIAL, at(start), Decimal(hours)) == at(due)


def test_the_answer_keeps_the_time_zone_of_the_question() -> None:
    due = clocks.deadline_after_hours(OFFICIAL, datetime(2026, 3, 2, 1, 0, tzinfo=UTC), 1)
    assert (due, due.tzinfo) == (datetime(2026, 3, 2, 2, 0, tzinfo=UTC), UTC)


def test_a_term_that_ends_on_a_day_off_ends_on_the_next_working_day() -> None:
    assert clocks.next_working_day(OFFICIAL, date(2024, 10, 1)) == date(2024, 10, 8)
    assert clocks.next_working_day(OFFICIAL, date(2024, 9, 29)) == date(
        2024, 9, 29
    )  # a Sunday that is worked


@given(days, st.integers(0, 400))
def test_adding_and_counting_are_inverse(start: date, count: int) -> None:
    end = clocks.add_working_days(OFFICIAL, start, count)
    assert clocks.working_days_between(OFFICIAL, start, end) == count
    assert count == 0 or clocks.is_working_day(OFFICIAL, end)
    assert clocks.working_days_between(OFFICIAL, end, start) == -count


@given(st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31)), st.integers(0, 1400), st.integers(0, 1400))
def test_hours_add_up(start: datetime, first: int, second: int) -> None:
    """Quarters of an hour worked one after the other are those worked together."""
    begin = start.replace(microsecond=0, tzinfo=SHANGHAI)
    one = clocks.deadline_after_hours(OFFICIAL, begin, Decimal(first) / 4)
    two = clocks.deadline_after_hours(OFFICIAL, one, Decimal(second) / 4)
    together = clocks.deadline_after_hours(OFFICIAL, begin, Decimal(first + second) / 4)
    assert two == together
    assert clocks.is_working_day(OFFICIAL, together.date())


@pytest.mark.parametrize("hours", [-1, 1e9, float("nan"), float("inf")])
def test_impossible_spans_are_refused(hours: float) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        clocks.deadline_after_hours(OFFICIAL, at("2026-03-02T09:00"), hours)


def test_a_schedule_without_time_ends() -> None:
    with pytest.raises(ValueError, match="no working time"):
        clocks.deadline_after_hours({}, at("2026-03-02T09:00"), 1, ())
    for count in (-1, 10**9):
        with pytest.raises(ValueError, match="working days"):
            clocks.add_working_days({}, date(2026, 1, 1), count)
