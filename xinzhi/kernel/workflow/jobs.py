"""The clock of workflow."""

from __future__ import annotations

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.workflow.services import escalate_overdue


@jobs.task("workflow.escalate_overdue", cron=jobs.minutes(15))
def sweep_overdue() -> None:
    """Tell the next level about whatever passed its deadline."""
    escalate_overdue(at=clock.now())
