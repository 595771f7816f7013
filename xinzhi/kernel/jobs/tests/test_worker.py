"""A job survives the kill of its worker; a worker that only looks dead is not overtaken."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.jobs.models import Progress
from xinzhi.kernel.jobs.running import LOCK_CLASS
from xinzhi.kernel.jobs.stalled import MAX_DEATHS, sweep_stalled

HERE = Path(__file__).parent
pytestmark = pytest.mark.django_db(transaction=True)


@jobs.task("jobs_test.short")
def short_work(number: int) -> None:
    del number


@pytest.fixture
def chunks() -> Iterator[Callable[[], list[int]]]:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS jobs_test_chunks")
        cursor.execute("CREATE TABLE jobs_test_chunks (chunk integer)")

    def read() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT chunk FROM jobs_test_chunks ORDER BY chunk")
            return [row[0] for row in cursor.fetchall()]

    yield read
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE jobs_test_chunks")


@pytest.fixture
def start_worker() -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []

    def start(stalled_after: float = 2.0) -> subprocess.Popen[bytes]:
        settings = connection.settings_dict
        host = settings["HOST"]
        where = f"{host}:{settings['PORT']}" if host and not host.startswith("/") else ""
        login = settings["USER"] + (f":{settings['PASSWORD']}" if settings["PASSWORD"] else "")
        socket = f"?host={host}&port={settings['PORT'] or 5432}" if host.startswith("/") else ""
        environment = os.environ | {
            "DATABASE_URL": f"postgresql://{login}@{where}/{settings['NAME']}{socket}",
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "xinzhi.config.settings"),
            "PYTHONPATH": os.pathsep.join([str(HERE.parents[3]), os.environ.get("PYTHONPATH", "")]),
        }
        process = subprocess.Popen(
            [sys.executable, str(HERE / "killable.py"), str(stalled_after)], env=environment
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.05)


def test_job_killed_in_the_middle_is_finished_by_another_worker_with_each_chunk_once(chunks, start_worker):
    from xinzhi.kernel.jobs.tests import killable

    # given a worker in the middle of twelve chunks
    progress_id = jobs.start_progress(kind="jobs_test.long", actor=SYSTEM, total=killable.CHUNKS)
    job_id = jobs.defer("jobs_test.long", progress_id=progress_id)
    first = start_worker()
    wait_until(lambda: len(chunks()) >= 3)
    # when it is killed without warning and another one starts
    first.send_signal(signal.SIGKILL)
    first.wait()
    at_the_kill = len(chunks())
    assert at_the_kill < killable.CHUNKS
    start_worker()
    wait_until(lambda: ProcrastinateJob.objects.get(pk=job_id).status == "succeeded")
    # then every chunk was done exactly once, and the progress says so
    assert chunks() == list(range(1, killable.CHUNKS + 1))
    row = Progress.objects.get(pk=progress_id)
    assert (row.state, row.done, row.total) == ("done", killable.CHUNKS, killable.CHUNKS)


def a_job_of_a_dead_worker(attempts: int = 0) -> int:
    job_id = jobs.defer("jobs_test.short", number=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        (worker_id,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = %s WHERE id = %s",
            [worker_id, attempts, job_id],
        )
    return job_id


def test_job_of_a_worker_without_heartbeat_is_put_back_once():
    job_id = a_job_of_a_dead_worker()

    assert (sweep_stalled(after_seconds=15), sweep_stalled(after_seconds=15)) == ([job_id], [])
    assert ProcrastinateJob.objects.get(pk=job_id).status == "todo"


def test_job_of_a_worker_with_heartbeat_is_left_alone():
    a_job_of_a_dead_worker()

    assert sweep_stalled(after_seconds=7200) == []


def test_job_still_held_by_a_living_session_is_left_alone():
    job_id = a_job_of_a_dead_worker()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK_CLASS, job_id])
        try:
            assert sweep_stalled(after_seconds=15) == []
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, job_id])
    assert sweep_stalled(after_seconds=15) == [job_id]


def test_job_that_took_many_workers_down_is_given_up():
    job_id = a_job_of_a_dead_worker(attempts=MAX_DEATHS)

    assert sweep_stalled(after_seconds=15) == []
    assert ProcrastinateJob.objects.get(pk=job_id).status == "failed"
