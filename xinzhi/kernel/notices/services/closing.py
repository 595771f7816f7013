"""At the end of the display every unopposed line takes effect, exactly once, in chunks that survive a kill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.notices.models import LineState, Publication, PublicationLine, PublicationState
from xinzhi.kernel.notices.ports import kinds
from xinzhi.kernel.notices.services.publishing import handler_for

CHUNK = 500
RETRY = timedelta(days=1)
OPEN_LINES = (LineState.LISTED, LineState.OBJECTED)


def _due(at: datetime) -> Q:
    return Q(state=LineState.LISTED, ends_at__lte=at) & (Q(retry_after__isnull=True) | Q(retry_after__lte=at))


def due_publications(at: datetime) -> list[int]:
    """Ids of lists with lines whose time is over, or with nothing left to wait for."""
    with_due_lines = PublicationLine.objects.filter(_due(at)).values("publication_id")
    still_open = PublicationLine.objects.filter(state__in=OPEN_LINES).values("publication_id")
    open_lists = Publication.objects.filter(state=PublicationState.OPEN, ends_at__lte=at, kind__in=kinds())
    due = open_lists.filter(Q(pk__in=with_due_lines) | ~Q(pk__in=still_open))
    return list(due.order_by("pk").values_list("pk", flat=True))


def close_lines_of(
    *, publication_id: int, at: datetime, report: Callable[[int, int], None] | None = None, chunk: int = CHUNK
) -> int:
    """Let the due lines of a list take effect chunk by chunk, each chunk in one transaction. Returns how many.

    Safe to run again, and twice at once: a line is confirmed in the transaction that makes it count. `report(done,
    total)` is called after every chunk. The list is closed when no line waits any more.
    """
    total = PublicationLine.objects.filter(_due(at), publication_id=publication_id).count()
    confirmed = seen = 0
    while True:
        handled, done = _close_chunk(publication_id, at, chunk)
        if not handled:
            break
        seen, confirmed = seen + handled, confirmed + done
        if report is not None:
            report(min(seen, total), total)
    _close_when_settled(publication_id, at)
    return confirmed


@transaction.atomic
def _close_chunk(publication_id: int, at: datetime, chunk: int) -> tuple[int, int]:
    publication = Publication.objects.filter(pk=publication_id, state=PublicationState.OPEN).first()
    if publication is None:
        return 0, 0
    lines = list(
        PublicationLine.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(_due(at), publication_id=publication_id)
        .order_by("id")[:chunk]
    )
    if not lines:
        return 0, 0
    problems = _take_effect(publication, lines, at)
    done = [line.pk for line in lines if line.pk not in problems]
    PublicationLine.objects.filter(pk__in=done).update(
        state=LineState.CONFIRMED, settled_at=at, problem_code="", retry_after=None
    )
    for pk, problem in problems.items():
        PublicationLine.objects.filter(pk=pk).update(problem_code=problem.code[:80], retry_after=at + RETRY)
    return len(lines), len(done)


def _take_effect(
    publication: Publication, lines: list[PublicationLine], at: datetime
) -> Mapping[int, DomainError]:
    """Ask the scene for the chunk; when it refuses the whole, line by line, so that one line stops no other."""
    handler = handler_for(publication.kind)
    try:
        with transaction.atomic():
            return handler.close_lines(publication_id=publication.pk, lines=lines, at=at) or {}
    except DomainError as refusal:
        if len(lines) == 1:
            return {lines[0].pk: refusal}
    problems: dict[int, DomainError] = {}
    for line in lines:
        problems |= _take_effect(publication, [line], at)
    return problems


@transaction.atomic
def _close_when_settled(publication_id: int, at: datetime) -> None:
    publication = Publication.objects.select_for_update(no_key=True).get(pk=publication_id)
    if publication.state != PublicationState.OPEN or publication.ends_at > at:
        return
    if publication.lines.filter(state__in=OPEN_LINES).exists():
        return
    publication.state, publication.closed_at = PublicationState.CLOSED, at
    publication.save(update_fields=["state", "closed_at"])
    audit.record(
        actor=SYSTEM,
        action="notices.close_publication",
        subject=f"notices.publication:{publication.pk}",
        at=at,
        region_id=publication.village_id,
        count=publication.lines.filter(state=LineState.CONFIRMED).count(),
    )
