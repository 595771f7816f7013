"""The clock of publications, and messages on their way out."""

from __future__ import annotations

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.notices import services
from xinzhi.kernel.notices.models import Publication
from xinzhi.kernel.notices.services import close_lines_of, delivering, due_publications
from xinzhi.kernel.notices.services.leaving import DELIVER, send_soon

CLOSE = "notices.close_publication"


@jobs.task("notices.close_due_publications", cron=jobs.minutes(5))
def close_due_publications() -> None:
    """Begin to close every list whose time is over; one job for each list."""
    for publication_id in due_publications(clock.now()):
        lock = f"notices.publication:{publication_id}"
        jobs.defer(CLOSE, lock=lock, queueing_lock=lock, publication_id=publication_id)


@jobs.task("notices.hand_over_unanswered", cron=jobs.minutes(15))
def hand_over_unanswered() -> None:
    """Objections the village has not answered in seven working days go to the township."""
    services.hand_over_unanswered(clock.now())


@jobs.task(CLOSE)
def close_publication(publication_id: int) -> None:
    """Let the lines of one list take effect, chunk by chunk; a run that was killed is simply run again."""
    publication = Publication.objects.filter(pk=publication_id).first()
    if publication is None:
        return
    progress_id: int | None = None

    def say(done: int, total: int) -> None:
        nonlocal progress_id
        if progress_id is None:
            progress_id = jobs.start_progress(
                kind="notices.closing", actor=SYSTEM, region_id=publication.village_id, total=total
            )
        jobs.report(progress_id, done=done, total=total)

    try:
        close_lines_of(publication_id=publication_id, at=clock.now(), report=say)
    except Exception:
        if progress_id is not None:
            jobs.fail_progress(progress_id)
        raise
    if progress_id is not None:
        jobs.finish_progress(progress_id)


@jobs.task("notices.deliver_due", cron=jobs.minutes(1))
def deliver_due() -> None:
    """What waited for the morning or for another try, and what a killed worker left behind."""
    for channel in delivering.channels_with_work(clock.now()):
        send_soon(channel)


@jobs.task(DELIVER)
def deliver(channel: str) -> None:
    """Send what is due by one channel. Deferred by `send_soon` alone, whose lock keeps two runs apart."""
    delivering.deliver(channel)
