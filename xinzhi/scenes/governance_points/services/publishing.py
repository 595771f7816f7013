"""Publish verified deeds, and post them to the ledger when their publication ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.events import services as events
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Conflict
from xinzhi.kernel.ledger import services as ledger
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.notices.models import Publication, PublicationLine
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.accounts import HONOUR, POINTS, accounts_of
from xinzhi.scenes.governance_points.charter import expiry_of
from xinzhi.scenes.governance_points.events import DeedPosted
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.charter import charter_on
from xinzhi.scenes.governance_points.services.charter import village_for

PUBLISH = "governance_points.deed.publish"
KIND = "governance_points.deeds"
POSTING = UUID("4c1f3b9e-1a53-4f0e-9d0e-6f2f6a1f6a01")


class NothingToPublish(Conflict):
    code = "governance_points.nothing_to_publish"
    sentence = _("No verified deeds are waiting in this village. Verify some first.")


@transaction.atomic
def publish_deeds(
    *,
    actor: Actor,
    request_key: UUID,
    village_id: int,
    deed_ids: Sequence[int] | None = None,
    days: int | None = None,
    at: datetime,
) -> Publication:
    """Publish verified deeds of a village as one masked, dated list (公示); the clock begins.

    Without `deed_ids` all that wait are published. The same request key again returns the first list.
    Raises NothingToPublish, PublicationDaysOutOfRange.
    """
    village = village_for(actor=actor, village_id=village_id, permission=PUBLISH)
    if earlier := notices.publication_by_key(request_key):
        return earlier
    waiting = Deed.objects.select_for_update(of=("self",)).filter(village=village, state="verified")
    if deed_ids is not None:
        waiting = waiting.filter(pk__in=set(deed_ids))
    deeds = list(waiting.select_related("rule").order_by("pk"))
    if not deeds:
        raise NothingToPublish()
    charter = charter_on(village.pk, local_date(at))
    publication = notices.open_publication(
        actor=actor,
        request_key=request_key,
        kind=KIND,
        village_id=village.pk,
        permission=PUBLISH,
        days=days if days is not None else charter.publication_days,
        lines=[
            notices.NewLine(
                subject=d.reference,
                household_id=d.household_id,
                points_tenths=d.points_tenths,
                label=d.rule.title,
                on=d.done_on,
            )
            for d in deeds
        ],
        at=at,
    )
    workflow.advance_many(DEED, [d.pk for d in deeds], "publish", actor=actor, at=at, per_row_refusals=False)
    Deed.objects.filter(pk__in=[d.pk for d in deeds]).update(publication_id=publication.pk)
    return publication


def post_deeds(*, actor: Actor, village_id: int, deed_ids: Sequence[int], at: datetime) -> int:
    """Post published deeds to the ledger; deeds already posted are left as they are. Returns how many were posted.

    The caller holds the transaction: line, deed, ledger, audit and fact move together.
    """
    deeds = list(
        Deed.objects.select_for_update(of=("self",))
        .filter(pk__in=set(deed_ids), village_id=village_id, state="published")
        .order_by("pk")
    )
    if not deeds:
        return 0
    book = ledger.book_of_region(village_id)
    accounts = accounts_of(book, [d.household_id for d in deeds if d.points_tenths])
    items = []
    counting = [d for d in deeds if d.points_tenths]  # a deed beyond its cap is confirmed, but moves nothing
    for deed in counting:
        own = accounts.of(deed.household_id)
        tenths = deed.points_tenths
        items.append(
            ledger.BatchItem(
                request_key=uuid5(POSTING, str(deed.pk)),
                legs=(
                    ledger.Leg(accounts.points_issuance, POINTS, -tenths),
                    ledger.Leg(own.spendable, POINTS, tenths),
                    ledger.Leg(accounts.honour_issuance, HONOUR, -tenths),
                    ledger.Leg(own.honour, HONOUR, tenths),
                ),
                effective_date=deed.done_on,
                source=deed.reference,
                expires_on=expiry_of(deed.done_on),
            )
        )
    journal_ids = ledger.post_batch(book=book, items=items, actor_key=actor.person_key, at=at)
    for deed, journal_id in zip(counting, journal_ids, strict=True):
        deed.journal_id = journal_id
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_points_deed d SET journal_id = s.journal_id"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS s(id, journal_id) WHERE d.id = s.id",
            [[d.pk for d in counting], journal_ids],
        )
    workflow.advance_many(DEED, [d.pk for d in deeds], "post", actor=actor, at=at, per_row_refusals=False)
    audit.record(
        actor=actor, action="governance_points.post_deeds", subject=f"regions.region:{village_id}", at=at,
        region_id=village_id, count=len(deeds),
    )  # fmt: skip
    events.publish_many(
        DeedPosted(
            deed_id=d.pk,
            household_id=d.household_id,
            village_id=d.village_id,
            rule_code=d.rule_code,
            points_tenths=d.points_tenths,
            journal_id=d.journal_id or 0,
        )
        for d in counting
    )
    return len(deeds)


def close_lines(*, publication_id: int, lines: Sequence[PublicationLine], at: datetime) -> None:  # noqa: ARG001
    """Port of the publication's end: a chunk of lines nobody objected to becomes ledger entries."""
    by_village: dict[int, list[int]] = defaultdict(list)
    for line in lines:
        by_village[line.village_id].append(line.subject_id)
    for village_id, deed_ids in sorted(by_village.items()):
        post_deeds(actor=SYSTEM, village_id=village_id, deed_ids=deed_ids, at=at)


def strike_line(*, line: PublicationLine, at: datetime, **_who: object) -> None:
    """Port of an upheld objection: the deed leaves the list and is not posted.

    Who decided stands with the objection; the deed follows by itself.
    """
    workflow.advance(Deed.objects.get(pk=line.subject_id), "strike", actor=SYSTEM, at=at)


def publications_of(village_id: int) -> list[Publication]:
    """The latest lists of deeds of a village. The caller has scoped the village."""
    return list(Publication.objects.filter(village_id=village_id, kind=KIND).order_by("-pk")[:20])
