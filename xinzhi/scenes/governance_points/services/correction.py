"""Correct a wrong entry: by reversal, so that both stay visible."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from xinzhi.kernel.events import services as events
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.ledger import services as ledger
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.events import DeedReversed
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.overview import sums

CORRECT = "governance_points.deed.correct"


@transaction.atomic
def reverse_deed(*, actor: Actor, request_key: UUID, deed_id: int, reason_code: str, at: datetime) -> Deed:
    """Take a posted deed back by a contra entry (冲正). The same request key again changes nothing.

    Raises ReasonNeeded, ReasonUnknown, NotFound, StateHasMoved, and the ledger's refusal when the points are spent already.
    """
    deed = Deed.objects.select_for_update(of=("self",)).select_related("village").filter(pk=deed_id).first()
    if deed is None or not actor.may(CORRECT, scope_path=deed.village.scope_path):
        raise NotFound()
    was = deed.state
    workflow.advance(deed, "reverse", actor=actor, at=at, reason_code=reason_code, request_key=request_key)
    if was == "reversed":  # the same request again; another one has been refused with what happened
        return deed
    take_back(deed, request_key=request_key, reason_code=reason_code, actor=actor, at=at)
    return deed


def take_back(deed: Deed, *, request_key: UUID, reason_code: str, actor: Actor, at: datetime) -> None:
    """Write the contra entry of a posted deed and tell whoever listens. The caller holds the transaction.

    Where nothing moved (a deed beyond its cap, a deduction from an empty account) there is nothing to take back.
    """
    sums.add_years(deed.village_id, [deed], sign=-1)
    if deed.journal_id is None:
        return
    journal = ledger.reverse(
        book=ledger.book_of_region(deed.village_id),
        journal_id=deed.journal_id,
        request_key=uuid5(request_key, "reverse"),
        reason_code=reason_code,
        actor_key=actor.person_key,
        at=at,
    )
    sums.add_reversal(deed.village_id, local_date(at), deed.rule.category, sums.moved_tenths(deed))
    events.publish(
        DeedReversed(
            deed_id=deed.pk, household_id=deed.household_id, village_id=deed.village_id, journal_id=journal.id
        )
    )
