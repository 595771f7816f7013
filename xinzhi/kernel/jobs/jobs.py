"""The house's own periodic work."""

from __future__ import annotations

from django.db import connection

from xinzhi.kernel import jobs

KEEP_FINISHED_HOURS = 72


@jobs.task("jobs.remove_finished", cron=jobs.daily("03:40"))
def remove_finished() -> None:
    """Forget jobs that succeeded days ago; failed ones stay until somebody has looked at them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE status = 'succeeded' AND id IN (SELECT job_id FROM"
            " procrastinate_events GROUP BY job_id HAVING max(at) < now() - make_interval(hours => %s))",
            [KEEP_FINISHED_HOURS],
        )
