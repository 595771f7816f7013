"""How far long work is, in a row that a page, the API and a command show alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import F
from django.db.models.functions import Greatest

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound

if TYPE_CHECKING:
    from xinzhi.kernel.jobs.models import Progress

#: Who may see the progress of others in his regions.
WATCH = "jobs.watch"
_CODE = re.compile(r"[a-z][a-z0-9_.]*\Z")


def _model() -> type[Progress]:
    # Late: this module is imported with the package, before the models may be.
    return apps.get_model("jobs", "Progress")


def _code(value: str) -> str:
    if value and not _CODE.match(value):
        raise ValueError(
            f"'{value[:40]}' is not a code. Hint: a kind or message is a code like 'residents.roster'."
        )
    return value


def start_progress(*, kind: str, actor: Actor, total: int, region_id: int | None = None) -> int:
    """Begin to count; returns the id for `report` and for the page `jobs:progress`.

    `kind` and message codes get their words from `labels` in the manifests. Rows of a transaction that has not
    committed are not seen by anybody: start it with the job, report between chunks.
    """
    at = clock.now()
    row = _model().objects.create(
        kind=_code(kind),
        region_id=region_id,
        started_by_id=actor.user_id,
        total=total,
        started_at=at,
        reported_at=at,
    )
    return row.pk


def report(progress_id: int, *, done: int, total: int | None = None, message_code: str = "") -> None:
    """Say how far it is. `done` beyond the total widens the total."""
    widest = Greatest(F("total") if total is None else total, done)
    changed: dict[str, object] = {"done": done, "total": widest, "reported_at": clock.now()}
    if message_code:
        changed["message_code"] = _code(message_code)
    _model().objects.filter(pk=progress_id, state="running").update(**changed)


def finish_progress(progress_id: int, *, message_code: str = "") -> None:
    """All done. Saying so twice changes nothing."""
    at = clock.now()
    _model().objects.filter(pk=progress_id, state="running").update(
        state="done", done=F("total"), message_code=_code(message_code), reported_at=at, finished_at=at
    )


def fail_progress(progress_id: int, *, message_code: str = "") -> None:
    """It could not be finished; `message_code` says why in words people can act on."""
    at = clock.now()
    _model().objects.filter(pk=progress_id, state="running").update(
        state="failed", message_code=_code(message_code), reported_at=at, finished_at=at
    )


def progress_of(*, actor: Actor, progress_id: int) -> Progress:
    """The row, for who started it and for who watches its region. Raises NotFound."""
    row = _model().objects.select_related("region").filter(pk=progress_id).first()
    if row is None:
        raise NotFound()
    mine = actor.user_id is not None and row.started_by_id == actor.user_id
    if not mine and not actor.may(WATCH, scope_path=row.region.scope_path if row.region else ""):
        raise NotFound()
    return row
