"""Put a list on display, or take it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date, start_of_day
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.notices.errors import (
    AlreadyListed,
    DaysOutOfRange,
    NothingToPublish,
    UnknownKind,
    WithdrawalReasonUnknown,
)
from xinzhi.kernel.notices.models import LineState, Publication, PublicationLine, PublicationState
from xinzhi.kernel.notices.numbers import refuse_personal_number
from xinzhi.kernel.notices.ports import Handler, handler_of
from xinzhi.kernel.notices.wording import WITHDRAWAL_REASONS
from xinzhi.kernel.regions.models import Region

OPEN = "notices.publication.open"


@dataclass(frozen=True, slots=True)
class NewLine:
    """One line to publish. `subject` is "lifecycle:id"; `label` the title of a rule or the like, never about a person;
    `on` the day it happened."""

    subject: str
    household_id: int | None
    points_tenths: int | None
    label: str
    on: date | None = None

    @property
    def subject_type(self) -> str:
        return self.subject.rpartition(":")[0]

    @property
    def subject_id(self) -> int:
        return int(self.subject.rpartition(":")[2])


def handler_for(kind: str) -> Handler:
    """The scene's handler. Raises UnknownKind."""
    handler = handler_of(kind)
    if handler is None:
        raise UnknownKind(kind=kind[:64])
    return handler


def end_of_display(starts_at: datetime, days: int) -> datetime:
    """Midnight after the last day. The day of posting is not counted (Civil Code art. 201)."""
    return start_of_day(local_date(starts_at) + timedelta(days=days + 1))


@transaction.atomic
def open_publication(
    *,
    actor: Actor,
    kind: str,
    village_id: int,
    lines: Sequence[NewLine],
    request_key: UUID,
    at: datetime,
    title: str = "",
    days: int | None = None,
    permission: str = OPEN,
) -> Publication:
    """Put a list on display for `days` calendar days from `at` and give it the village's next number of the year.

    Without a title the list is called by its kind; `permission` is what the actor needs in the village.

    The same request key again returns the first publication. Raises UnknownKind, DaysOutOfRange, NothingToPublish,
    LooksPersonal, AlreadyListed, Forbidden, NotFound.
    """
    village = Region.objects.select_for_update(no_key=True).filter(pk=village_id).first()
    if village is None:
        raise NotFound()
    actor.require(permission, scope_path=village.scope_path)
    if earlier := publication_by_key(request_key):
        return earlier
    handler = handler_for(kind)
    days = handler.days_default if days is None else days
    if not handler.days_least <= days <= handler.days_most:
        raise DaysOutOfRange(field="days", least=handler.days_least, most=handler.days_most, found=days)
    if not lines:
        raise NothingToPublish()
    refuse_personal_number(title, where=title[:20], field="title")
    for label in {line.label for line in lines}:
        refuse_personal_number(label, where=label[:6], field="label")
    _refuse_listed_twice(lines)

    day = local_date(at)
    in_year = Publication.objects.filter(village=village, year=day.year)
    publication = Publication.objects.create(
        kind=kind,
        village=village,
        title=title.strip()[:120],
        year=day.year,
        month=day.month,
        sequence=(in_year.aggregate(last=Max("sequence"))["last"] or 0) + 1,
        days=days,
        starts_at=at,
        ends_at=end_of_display(at, days),
        line_count=len(lines),
        opened_by_key=actor.person_key,
        request_key=request_key,
    )
    PublicationLine.objects.bulk_create(
        PublicationLine(
            publication=publication,
            position=position,
            subject_type=line.subject_type,
            subject_id=line.subject_id,
            village_id=village_id,
            household_id=line.household_id,
            points_tenths=line.points_tenths,
            label=line.label.strip()[:120],
            happened_on=line.on,
            ends_at=publication.ends_at,
        )
        for position, line in enumerate(lines, 1)
    )
    audit.record(
        actor=actor,
        action="notices.open_publication",
        subject=f"notices.publication:{publication.pk}",
        at=at,
        region_id=village_id,
        count=len(lines),
    )
    return publication


def _refuse_listed_twice(lines: Sequence[NewLine]) -> None:
    by_type: dict[str, list[int]] = {}
    for line in lines:
        by_type.setdefault(line.subject_type, []).append(line.subject_id)
    count = sum(len(ids) - len(set(ids)) for ids in by_type.values())
    for subject_type, ids in by_type.items():
        count += PublicationLine.objects.filter(
            subject_type=subject_type, subject_id__in=ids, state__in=[LineState.LISTED, LineState.OBJECTED]
        ).count()
    if count:
        raise AlreadyListed(count=count)


def publication_by_key(request_key: UUID) -> Publication | None:
    """The list opened by this request, if it was. For callers that have judged the actor."""
    return Publication.objects.filter(request_key=request_key).first()


@transaction.atomic
def withdraw_publication(
    *, actor: Actor, publication_id: int, reason_code: str, at: datetime, permission: str = OPEN
) -> Publication:
    """Take a list down before its end; its open lines are removed and the scene is told. Again changes nothing.

    Raises WithdrawalReasonUnknown, NotFound.
    """
    publication = (
        Publication.objects.select_for_update(of=("self",), no_key=True)
        .select_related("village")
        .filter(pk=publication_id)
        .first()
    )
    if publication is None or not actor.may(permission, scope_path=publication.village.scope_path):
        raise NotFound()
    if publication.state != PublicationState.OPEN:
        return publication
    if reason_code not in dict(WITHDRAWAL_REASONS):
        raise WithdrawalReasonUnknown(field="reason_code")
    lines = list(
        publication.lines.select_for_update(no_key=True)
        .filter(state__in=[LineState.LISTED, LineState.OBJECTED])
        .order_by("id")
    )
    publication.lines.filter(pk__in=[line.pk for line in lines]).update(
        state=LineState.REMOVED, settled_at=at
    )
    publication.state = PublicationState.WITHDRAWN
    publication.closed_at, publication.withdrawn_reason = at, reason_code[:40]
    publication.save(update_fields=["state", "closed_at", "withdrawn_reason"])
    if handler := handler_of(publication.kind):
        handler.publication_withdrawn(publication=publication, lines=lines, actor=actor, at=at)
    audit.record(
        actor=actor,
        action="notices.withdraw_publication",
        subject=f"notices.publication:{publication.pk}",
        at=at,
        region_id=publication.village_id,
        count=len(lines),
    )
    return publication
