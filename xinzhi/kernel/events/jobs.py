"""Bring facts to their listeners."""

from __future__ import annotations

from xinzhi.kernel import jobs
from xinzhi.kernel.events import delivering


@jobs.task("events.deliver")
def deliver(first_id: int, last_id: int) -> None:
    delivering.deliver_range(first_id, last_id)


@jobs.task("events.deliver_due", cron=jobs.minutes(1))
def deliver_due() -> None:
    """Whatever is due although its job is gone (an operator emptied the queue)."""
    delivering.deliver_due()
