"""The roster's import as a job: it may take a minute, and says how far it is."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connections, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, DomainError
from xinzhi.kernel.residents import scope
from xinzhi.kernel.residents.roster import waiting
from xinzhi.kernel.residents.roster.columns import COLUMNS
from xinzhi.kernel.residents.roster.importing import Progress, import_roster
from xinzhi.kernel.sheets import read_table

IMPORT = "residents.roster.import"
KIND = "residents.import_roster"


@transaction.atomic
def submit_roster(*, actor: Actor, village_id: int, data: bytes, filename: str, dry_run: bool) -> int:
    """Let a roster be imported by a job; returns the id of its progress. Raises VillageNotFound, Forbidden."""
    village = scope.village(actor, IMPORT, village_id)
    is_csv = filename.lower().endswith((".csv", ".txt"))
    return _defer(actor, village.pk, waiting.keep_file(data), is_csv=is_csv, dry_run=dry_run)


class NothingLooked(Conflict):
    code = "residents.nothing_looked_through"
    sentence = _(
        "This file was brought in already, or was looked through more than a week ago. Send it again to be sure."
    )


@transaction.atomic
def bring_in_looked(*, actor: Actor, village_id: int, progress_id: int) -> int:
    """Import the file that was looked through under this progress; returns the id of the new one.

    The caller has asked `jobs.progress_of`. Raises VillageNotFound, NothingLooked (also for a second click).
    """
    village = scope.village(actor, IMPORT, village_id)
    upload = waiting.take_looked(progress_id)
    if upload is None:
        raise NothingLooked()
    is_csv = not waiting.file_of(upload).startswith(b"PK")  # every .xlsx is a zip archive
    return _defer(actor, village.pk, upload, is_csv=is_csv, dry_run=False)


def _defer(actor: Actor, village_id: int, upload: UUID, *, is_csv: bool, dry_run: bool) -> int:
    progress_id = jobs.start_progress(kind=KIND, actor=actor, total=0, region_id=village_id)
    jobs.defer(
        KIND, upload=upload, village_id=village_id, is_csv=is_csv, dry_run=dry_run,
        progress_id=progress_id, user_id=actor.user_id, language_code=translation.get_language() or "zh-hans",
    )  # fmt: skip
    return progress_id


@jobs.task(KIND, retry=2)
def import_waiting_roster(
    upload: str,
    village_id: int,
    is_csv: bool,
    dry_run: bool,
    progress_id: int,
    user_id: int,
    language_code: str,
) -> None:
    """Import what `submit_roster` kept. Killed in the middle it has imported nothing and begins again."""
    from xinzhi.kernel.identity.actors import actor_of
    from xinzhi.kernel.identity.models import User

    try:
        data = waiting.file_of(UUID(upload))
    except FileNotFoundError:  # the run before a kill had finished already
        jobs.finish_progress(progress_id)
        return
    actor = actor_of(User.objects.get(pk=user_id)).via("import")
    with translation.override(language_code):
        try:
            table = read_table(data, "roster.csv" if is_csv else "roster.xlsx", columns=COLUMNS)
            with _told_elsewhere(progress_id) as progress:
                found = import_roster(
                    actor=actor, village_id=village_id, table=table, dry_run=dry_run, source="roster", at=clock.now(),
                    progress=progress,
                )  # fmt: skip
            waiting.keep_report(progress_id, found)
            if dry_run:
                waiting.keep_for_confirming(UUID(upload), progress_id)
            jobs.finish_progress(progress_id)
        except DomainError as refusal:
            waiting.keep_report(progress_id, None, refusal.message)
            jobs.fail_progress(progress_id)
    waiting.drop_file(UUID(upload))


@contextmanager
def _told_elsewhere(progress_id: int) -> Iterator[Progress]:
    """Report on a connection of its own: what the import's transaction writes nobody sees before its end."""
    told: queue.SimpleQueue[tuple[int, int] | None] = queue.SimpleQueue()

    def tell() -> None:
        try:
            while (step := told.get()) is not None:
                while not told.empty() and (later := told.get()) is not None:
                    step = later
                jobs.report(progress_id, done=step[0], total=step[1])
        finally:
            connections.close_all()

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield lambda done, total: told.put((done, total))
    finally:
        told.put(None)
        teller.join(timeout=10)


@jobs.task("residents.drop_old_reports", cron=jobs.daily("03:40"))
def drop_old_reports() -> None:
    """Reports hold personal values: they go after a week."""
    waiting.drop_old()
