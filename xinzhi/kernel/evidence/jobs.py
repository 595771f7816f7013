"""Periodic work of the store."""

from __future__ import annotations

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM


@jobs.task("evidence.sweep", cron="17 * * * *")
def sweep() -> None:
    """Every hour: uploads nobody sent in, files of erased persons, contents without a row."""
    from xinzhi.kernel.evidence.services import sweep as sweep_store

    sweep_store(actor=SYSTEM, at=clock.now())
