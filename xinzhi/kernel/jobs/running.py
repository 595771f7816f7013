"""One run of one job, never two at the same time."""

from __future__ import annotations

from typing import Any

from xinzhi.kernel.jobs.tasks import Declared


def run_once(declared: Declared, job_id: int | None, kwargs: dict[str, Any]) -> None:
    del job_id
    declared.function(**kwargs)
