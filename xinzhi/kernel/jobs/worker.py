"""The process that runs jobs: started and stopped by whoever supervises processes, killable at any moment."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections
from procrastinate.contrib.django import app as queue_app
from procrastinate.contrib.django.django_connector import DjangoConnector

from xinzhi.kernel.jobs.stalled import sweep_stalled

log = logging.getLogger("xinzhi.jobs")

HEARTBEAT_SECONDS = 3.0
STALLED_AFTER_SECONDS = 15.0
#: A periodic job missed by less than this (the laptop slept) is made up for.
MAKE_UP_SECONDS = 86_400


def run(
    *,
    concurrency: int = 2,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
    stalled_after_seconds: float = STALLED_AFTER_SECONDS,
) -> None:
    """Run jobs until SIGINT or SIGTERM; the job under way is finished first.

    Also enqueues periodic jobs and takes back the jobs of workers that died. The database connection must be
    one of session mode (the worker listens on it).
    """
    asyncio.run(_run(concurrency, heartbeat_seconds, stalled_after_seconds))


async def _run(concurrency: int, heartbeat: float, stalled_after: float) -> None:
    connector = queue_app.connector
    assert isinstance(connector, DjangoConnector)
    # A second app that shares the tasks: the worker's own statements go through its async pool, while
    # `defer` inside a job stays on Django's connection and in its transaction.
    app = queue_app.with_connector(connector.get_worker_connector())
    app.periodic_defaults = {"max_delay": MAKE_UP_SECONDS}
    async with app.open_async():
        sweeper = asyncio.create_task(_sweep_forever(stalled_after))
        log.info("worker ready, %d jobs at a time", concurrency)
        try:
            await app.run_worker_async(
                concurrency=concurrency,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=heartbeat,
                stalled_worker_timeout=stalled_after,
            )
        finally:
            sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await sweeper


async def _sweep_forever(stalled_after: float) -> None:
    sweep = sync_to_async(_sweep, thread_sensitive=False)
    while True:
        await sweep(stalled_after)
        await asyncio.sleep(max(stalled_after / 3, 0.5))


def _sweep(stalled_after: float) -> None:
    try:
        close_old_connections()
        sweep_stalled(after_seconds=stalled_after)
    except DatabaseError as trouble:  # the database restarts: ask again next time
        log.warning("stalled jobs could not be looked for: %s", type(trouble).__name__)
    finally:
        close_old_connections()
