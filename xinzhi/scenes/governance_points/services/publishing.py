"""Publish deeds, and let them count when their publication ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Conflict
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.notices.models import Publication, PublicationLine
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.charter import charter_on
from xinzhi.scenes.governance_points.queries.deeds import ready_to_publish
from xinzhi.scenes.governance_points.services.charter import village_for
from xinzhi.scenes.governance_points.services.correction import take_back
from xinzhi.scenes.governance_points.services.posting import post_deeds

PUBLISH = "governance_points.deed.publish"
KIND = "governance_points.deeds"


class NothingToPublish(Conflict):
    code = "governance_points.nothing_to_publish"
    sentence = _(
        "No deeds are ready to be published in this village. They must be verified and, where the charter asks for it, "
        "approved by the council."
    )


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
    """Publish the deeds of a village that are ready as one masked, dated list (公示); the clock begins.

    Ready is what the council approved, and what is verified where charter and rule do not ask for the council.
    Without `deed_ids` all that are ready are published. The same request key again returns the first list.
    Raises NothingToPublish, PublicationDaysOutOfRange.
    """
    village = village_for(actor=actor, village_id=village_id, permission=PUBLISH)
    charter = charter_on(village.pk, local_date(at))
    waiting = ready_to_publish(village.pk, charter).select_for_update(of=("self",))
    if deed_ids is not None:
        waiting = waiting.filter(pk__in=set(deed_ids))
    deeds = list(waiting.select_related("rule").order_by("pk"))
    # Asked under the lock: of two clicks at once the second finds the list of the first.
    if earlier := notices.publication_by_key(request_key):
        return earlier
    if not deeds:
        raise NothingToPublish()
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
                # A deduction of which nothing is left is still none of the neighbours' business.
                points_tenths=d.points_tenths or min(0, d.raw_tenths),
                label=d.rule.title,
                on=d.done_on,
            )
            for d in deeds
        ],
        at=at,
    )
    workflow.advance_many(
        DEED, [d.pk for d in deeds], "publish", actor=actor, at=at, per_row_refusals=False,
        also={"publication_id": publication.pk},
    )  # fmt: skip
    return publication


def close_lines(*, publication_id: int, lines: Sequence[PublicationLine], at: datetime) -> None:  # noqa: ARG001
    """Port of the publication's end: a chunk of lines nobody objected to becomes ledger entries."""
    by_village: dict[int, list[int]] = defaultdict(list)
    for line in lines:
        by_village[line.village_id].append(line.subject_id)
    for village_id, deed_ids in sorted(by_village.items()):
        post_deeds(actor=SYSTEM, village_id=village_id, deed_ids=deed_ids, at=at)
        for deed in Deed.objects.filter(pk__in=deed_ids, is_unsaid=True, state="posted").select_related(
            "rule"
        ):
            unsay_posted(deed, actor=SYSTEM, at=at)


def unsay_posted(deed: Deed, *, actor: Actor, at: datetime) -> None:
    """A posted deed whose scene took it back: the contra entry, so that both stay visible. The caller holds the transaction."""
    workflow.advance(deed, "reverse", actor=SYSTEM, at=at, reason_code="not_done")
    take_back(deed, request_key=deed.request_key, reason_code="not_done", actor=actor, at=at)


def strike_line(*, line: PublicationLine, at: datetime, **_who: object) -> None:
    """Port of an upheld objection: the deed leaves the list and is not posted.

    Who decided stands with the objection; the deed follows by itself.
    """
    workflow.advance(Deed.objects.get(pk=line.subject_id), "strike", actor=SYSTEM, at=at)


def revoke_line(*, line: PublicationLine, actor: Actor, at: datetime, **_who: object) -> None:
    """Port of an appeal upheld after the deed was posted: the contra entry takes it back."""
    deed = Deed.objects.select_for_update(of=("self",)).get(pk=line.subject_id)
    if deed.state == "posted":
        workflow.advance(deed, "reverse", actor=SYSTEM, at=at, reason_code="not_done")
        take_back(deed, request_key=deed.request_key, reason_code="appeal_upheld", actor=actor, at=at)


def publications_of(village_id: int) -> list[Publication]:
    """The latest lists of deeds of a village. The caller has scoped the village."""
    return list(Publication.objects.filter(village_id=village_id, kind=KIND).order_by("-pk")[:20])
