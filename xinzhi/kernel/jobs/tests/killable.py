"""A worker process of the tests with one long job of twelve chunks. Run as a program: it works until killed."""

from __future__ import annotations

import sys
import time

import django

if __name__ == "__main__":
    django.setup()

from django.db import connection, transaction

from xinzhi.kernel import jobs

CHUNKS = 12


def chunk(progress_id: int) -> bool:
    """One chunk and how far we are, in one transaction; False at the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT done FROM jobs_progress WHERE id = %s FOR UPDATE", [progress_id])
        (done,) = cursor.fetchone()
        if done >= CHUNKS:
            return False
        cursor.execute("INSERT INTO jobs_test_chunks (chunk) VALUES (%s)", [done + 1])
        time.sleep(0.15)  # inside the transaction: the kill hits it in the middle
        jobs.report(progress_id, done=done + 1)
    return True


@jobs.task("jobs_test.long")
def long_work(progress_id: int) -> None:
    while chunk(progress_id):
        pass
    jobs.finish_progress(progress_id)


if __name__ == "__main__":
    from xinzhi.kernel.jobs import worker

    worker.run(concurrency=1, heartbeat_seconds=0.4, stalled_after_seconds=float(sys.argv[1]))
