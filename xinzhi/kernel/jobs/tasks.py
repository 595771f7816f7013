"""Declare jobs and put them into the queue, on Django's own connection."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import app as queue_app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job

from xinzhi.kernel.foundation import clock

F = TypeVar("F", bound=Callable[..., Any])

#: A code, an id or a reference; nothing somebody wrote.
_CODE = re.compile(r"[A-Za-z0-9_.:/+\-]{0,200}\Z")
#: What looks like an identity number or a mobile phone is refused, even though it is a "code".
_PERSONAL = re.compile(r"(?<!\d)(\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")


class ArgumentNotPlain(TypeError):
    """Job arguments are ids and codes: they stand in a table that is never masked."""


class UnknownTask(LookupError):
    """No job of that name was declared."""


@dataclass(frozen=True, slots=True)
class Declared:
    name: str
    function: Callable[..., Any]
    attempts: int
    cron: str | None


_declared: dict[str, Declared] = {}


class Backoff(BaseRetryStrategy):
    """Wait 10 s, 20 s, 40 s … at most an hour, and give up after `attempts` runs."""

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts

    def decide(self, trouble: BaseException, attempts: int) -> datetime | None:
        """When to try again after so many earlier runs, or None to give up."""
        from xinzhi.kernel.jobs.running import StillRunning

        if isinstance(trouble, StillRunning):
            return clock.now() + timedelta(seconds=10)
        if attempts + 1 >= self.attempts:
            return None
        return clock.now() + timedelta(seconds=min(10 * 2**attempts, 3600))

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        at = self.decide(exception, job.attempts)
        return None if at is None else RetryDecision(retry_at=at)


def minutes(every: int) -> str:
    """A cron line: every so many minutes."""
    return f"*/{every} * * * *" if every > 1 else "* * * * *"


def daily(at: str) -> str:
    """A cron line: every day at "02:30" Shanghai time (cron lines count in UTC; Shanghai has no summer time)."""
    hour, minute = (int(part) for part in at.split(":"))
    return f"{minute} {(hour - 8) % 24} * * *"


def task(name: str, *, queue: str = "default", retry: int = 5, cron: str | None = None) -> Callable[[F], F]:
    """Declare a job in `<package>/jobs.py`. It is tried `retry` times, with growing pauses.

    `name` is "<slug>.<verb>". A job may run twice (its worker was killed): it must not mind. Long work
    goes in chunks of one transaction each, so that a kill loses at most the chunk under way.
    `cron` (see `minutes`, `daily`) makes it periodic; it then takes no arguments.
    """

    def declare(function: F) -> F:
        if name in _declared and _declared[name].function.__qualname__ != function.__qualname__:
            raise ImproperlyConfigured(
                f"Job '{name}' is declared twice. Hint: begin the name with the slug of its package."
            )
        _declared[name] = Declared(name, function, retry, cron)

        def run(context: JobContext, /, **kwargs: Any) -> None:
            from xinzhi.kernel.jobs.running import run_once

            if cron:
                kwargs.pop("timestamp", None)
            run_once(_declared[name], context.job.id, kwargs)

        made = queue_app.task(name=name, queue=queue, retry=Backoff(retry), pass_context=True)(run)
        if cron:
            queue_app.periodic(cron=cron, periodic_id="", queueing_lock=name)(made)  # type: ignore[arg-type]
        return function

    return declare


def declared() -> dict[str, Declared]:
    """Every job whose module has been imported, by name."""
    return dict(_declared)


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_CODE.match(value)) and not _PERSONAL.search(value)
    if isinstance(value, list | tuple):
        return all(isinstance(part, int) for part in value)
    return value is None or isinstance(value, bool | int | UUID)


def loads(stored: Any) -> dict[str, Any]:
    """The stored arguments, whether the driver parsed the JSON or not."""
    return dict(json.loads(stored) if isinstance(stored, str) else stored)


def plain(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments as they are stored. Raises ArgumentNotPlain for anything but ids and codes."""
    kept: dict[str, Any] = {}
    for key, value in arguments.items():
        if not _is_plain(value):
            raise ArgumentNotPlain(
                f"Job '{name}': argument '{key}' must be an id, a code, a boolean or a list of ids, found "
                f"{type(value).__name__}. Hint: pass the id and read the row in the job."
            )
        kept[key] = (
            str(value) if isinstance(value, UUID) else list(value) if isinstance(value, tuple) else value
        )
    return kept


def defer(
    name: str,
    /,
    *,
    lock: str | None = None,
    queueing_lock: str | None = None,
    at: datetime | None = None,
    **kwargs: Any,
) -> int | None:
    """Enqueue a job in the current transaction: rolled back with it, run soon after it commits.

    Jobs with the same `lock` never run at the same time. While one with the same `queueing_lock` waits, another
    is not added; then None is returned instead of the job's id. `at`: not before that moment.
    Raises UnknownTask and ArgumentNotPlain.
    """
    if name not in _declared:
        close = difflib.get_close_matches(name, _declared, n=1)
        hint = (
            f"did you mean '{close[0]}'?" if close else "declare it with @jobs.task in the package's jobs.py."
        )
        raise UnknownTask(f"No job is called '{name}'. Hint: {hint}")
    arguments = plain(name, kwargs)
    job = queue_app.configure_task(name, lock=lock, queueing_lock=queueing_lock, schedule_at=at)
    try:
        # A savepoint, so that the refusal of a second job does not spoil the caller's transaction.
        with transaction.atomic():
            return job.defer(**arguments)
    except AlreadyEnqueued:
        return None
