"""Jobs whose worker died stay "doing" for ever, unless somebody puts them back."""

from __future__ import annotations

import logging

from django.db import connection, transaction

from xinzhi.kernel.jobs.running import LOCK_CLASS

log = logging.getLogger("xinzhi.jobs")

#: A job that took its worker down this often is given up (out of memory, a crash in a library).
MAX_DEATHS = 20

_STALLED = """
SELECT job.id, job.task_name, job.attempts FROM procrastinate_jobs job
  LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
 WHERE job.status = 'doing'
   AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %s))
   AND NOT EXISTS (
       SELECT 1 FROM pg_locks held
        WHERE held.locktype = 'advisory' AND held.classid = %s AND held.objid = (job.id %% 2147483648)::oid
          AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND held.granted)
   FOR UPDATE OF job SKIP LOCKED
"""


@transaction.atomic
def sweep_stalled(*, after_seconds: float) -> list[int]:
    """Put back the jobs of workers without a heartbeat for so long; returns their ids.

    A job still held by a living session is left alone, however long its heartbeat is overdue.
    """
    back = []
    with connection.cursor() as cursor:
        cursor.execute(_STALLED, [after_seconds, LOCK_CLASS])
        for job_id, name, attempts in cursor.fetchall():
            if attempts >= MAX_DEATHS:
                log.error("job %s (%s) was given up: %s workers died with it", job_id, name, attempts)
                cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [job_id])
                continue
            log.warning("job %s (%s) lost its worker and runs again", job_id, name)
            cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job_id])
            # The insert trigger wakes workers for new jobs only.
            back.append(job_id)
    return back
