"""One run of one job, never two at the same time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection

from xinzhi.kernel.jobs.tasks import Declared
from xinzhi.kernel.jobs.troubles import name_of, trail_of

log = logging.getLogger("xinzhi.jobs")

#: First half of the advisory lock that says "this job is being run"; the second half is the job's id.
LOCK_CLASS = 0x586A6F62


class StillRunning(Exception):
    """Another worker holds this job: it was thought dead and is not. Asked again later."""


class JobFailed(Exception):
    """What the queue gets to see of a failure: class and place, not the values."""


@contextmanager
def holding(job_id: int) -> Iterator[bool]:
    """Hold the job for this database session; yields False when another session has it.

    The lock dies with the session, so a killed worker gives it back at once, while one that only
    lost its heartbeat (a sleeping laptop) keeps it and is not overtaken.
    """
    key = job_id % 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, key])
        (held,) = cursor.fetchone()
    try:
        yield held
    finally:
        if held:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, key])
            except DatabaseError:
                connection.close()  # the session is broken; closing it gives the lock back


def run_once(declared: Declared, job_id: int | None, kwargs: dict[str, Any]) -> None:
    """Run a job for the queue. Failures are logged once, without the values in their messages."""
    with holding(job_id or 0) as held:
        if not held:
            raise StillRunning
        try:
            declared.function(**kwargs)
        except Exception as trouble:
            log.error(
                "job %s (%s) failed: %s\n%s", job_id, declared.name, name_of(trouble), trail_of(trouble)
            )
            raise JobFailed(name_of(trouble)) from None
