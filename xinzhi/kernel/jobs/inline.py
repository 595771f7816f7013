"""Run what is due in this process: for tests and for building the demo."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.jobs import tasks
from xinzhi.kernel.jobs.running import holding

_NEXT = """
SELECT job.id, job.task_name, job.args, job.attempts FROM procrastinate_jobs job
 WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= %s)
   AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs other WHERE other.lock = job.lock AND other.status = 'doing')
 ORDER BY job.priority DESC, job.id LIMIT 1 FOR UPDATE OF job SKIP LOCKED
"""


def run_inline(*, periodic: bool = False, limit: int = 100_000) -> int:
    """Run every due job, also those the jobs enqueue, until none is left; returns how many ran.

    Due is judged by `clock.now()`. With `periodic`, every periodic job runs once first. A job that raises
    goes the way of the worker (tried again later, or failed) and its exception is raised here.
    """
    ran = 0
    if periodic:
        for declared in tasks.declared().values():
            if declared.cron:
                declared.function()
                ran += 1
    while _run_next():
        ran += 1
        if ran >= limit:
            raise RuntimeError(f"{limit} jobs ran and there are still more. Hint: does a job enqueue itself?")
    return ran


def _run_next() -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NEXT, [clock.now()])
        row = cursor.fetchone()
        if row is None:
            return False
        job_id, name, arguments, attempts = row
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job_id])
    declared = tasks.declared().get(name)
    if declared is None:
        _finish(job_id, "failed")
        return True
    arguments = tasks.loads(arguments)
    arguments.pop("timestamp", None)
    try:
        with holding(job_id):
            if connection.in_atomic_block:
                with transaction.atomic():  # so that a failure leaves the caller's transaction usable
                    declared.function(**arguments)
            else:
                declared.function(**arguments)
    except Exception as trouble:
        decision = tasks.Backoff(declared.attempts).decide(trouble, attempts)
        if decision is None:
            _finish(job_id, "failed")
        else:
            _retry(job_id, decision)
        raise
    _finish(job_id, "succeeded")
    return True


def _finish(job_id: int, status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT procrastinate_finish_job_v1(%s, %s::procrastinate_job_status, false)", [job_id, status]
        )


def _retry(job_id: int, at: datetime | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_retry_job_v2(%s, %s, NULL, NULL, NULL)", [job_id, at])
