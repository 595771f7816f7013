"""From a declared deadline to a moment."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from xinzhi.kernel.foundation.clock import SHANGHAI, local_date, start_of_day
from xinzhi.kernel.workcalendar import queries as workcalendar
from xinzhi.kernel.workflow.lifecycle import Deadline


def due_at(deadline: Deadline, at: datetime) -> datetime:
    """When something begun at `at` (aware) is due: the midnight after the last day, or so many hours later."""
    if deadline.hours:
        return at + timedelta(hours=deadline.hours)
    if deadline.days:
        return start_of_day(local_date(at) + timedelta(days=deadline.days + 1))
    last = workcalendar.add_working_days(local_date(at), deadline.working_days)
    return start_of_day(last + timedelta(days=1))


def last_day(due: datetime) -> date | None:
    """The last whole day of a deadline that ends at midnight; None for one that ends within a day."""
    local = due.astimezone(SHANGHAI)
    return local.date() - timedelta(days=1) if local.time() == time.min else None
