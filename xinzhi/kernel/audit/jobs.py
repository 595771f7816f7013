"""Seal what was recorded, every five minutes."""

from __future__ import annotations

from xinzhi.kernel import jobs
from xinzhi.kernel.audit import services
from xinzhi.kernel.foundation import clock


@jobs.task("audit.seal", cron=jobs.minutes(5))
def seal() -> None:
    services.seal(clock.now())
