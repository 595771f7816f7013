"""What the ledger does by itself: give back holds whose time is over, let lots end on their day."""

from __future__ import annotations

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.ledger import services

EXPIRE = "ledger.expire_lots"


@jobs.task("ledger.release_holds", cron=jobs.minutes(1))
def release_holds() -> None:
    """Give back every hold whose time is over."""
    services.release_expired_holds(at=clock.now())


@jobs.task("ledger.find_expired_lots", cron=jobs.daily("00:10"))
def find_expired_lots() -> None:
    """Shortly after midnight: one job for each book in which something has expired."""
    for book in services.books_with_expired_lots(clock.today()):
        lock = f"ledger.expiry:{book}"
        jobs.defer(EXPIRE, lock=lock, queueing_lock=lock, book=book)


@jobs.task(EXPIRE)
def expire_lots(book: int) -> None:
    """Let the lots of one book end; a run that was killed is simply run again."""
    services.expire_lots(book=book, on=clock.today(), actor_key=SYSTEM.person_key, at=clock.now())
