"""The township looks at a filed charter: it takes it on file, or orders a correction in time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.events import services as events
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.charter_lifecycle import REVIEW
from xinzhi.scenes.governance_points.events import CharterCorrectionOrdered
from xinzhi.scenes.governance_points.life_models import CharterDraft
from xinzhi.scenes.governance_points.queries.charter_drafts import clocks_for
from xinzhi.scenes.governance_points.services.charter_life import refusals
from xinzhi.scenes.governance_points.services.charter_life.common import locked


@transaction.atomic
def accept_filing(
    *, actor: Actor, draft_id: int, note: str = "", request_key: UUID | None = None, at: datetime
) -> CharterDraft:
    """Nothing to correct: the village need not wait for the end of the 30 days. Raises FourEyes, StateHasMoved, NotFound."""
    draft = locked(actor, draft_id, REVIEW)
    workflow.advance(draft, "accept", actor=actor, at=at, note=note, request_key=request_key)
    return draft


@transaction.atomic
def order_correction(
    *,
    actor: Actor,
    draft_id: int,
    reason_code: str,
    note: str = "",
    request_key: UUID | None = None,
    at: datetime,
) -> CharterDraft:
    """Order the village to correct its charter. What is ordered stands in the note; the reason is a code everybody reads in words.

    Raises CorrectionTooLate, ReasonNeeded, ReasonUnknown, FourEyes, StateHasMoved, NotFound.
    """
    draft = locked(actor, draft_id, REVIEW)
    was = draft.state
    workflow.advance(
        draft,
        "order_correction",
        actor=actor,
        at=at,
        reason_code=reason_code,
        note=note,
        request_key=request_key,
    )
    if draft.state == was:
        return draft
    if draft.correction_until is not None and local_date(at) > draft.correction_until:
        term = clocks_for(draft.village_id, draft.filed_on or local_date(at))["charter.correction"]
        raise refusals.CorrectionTooLate(until=draft.correction_until, article=term.article)
    draft.correction_reason = reason_code
    draft.save(update_fields=["correction_reason"])
    events.publish(
        CharterCorrectionOrdered(draft_id=draft.pk, village_id=draft.village_id, reason_code=reason_code)
    )
    return draft


@transaction.atomic
def mend(*, actor: Actor, draft_id: int, request_key: UUID, at: datetime) -> CharterDraft:
    """Take the charter up again to correct it. What changes rules is voted on anew. Raises StateHasMoved, NotFound."""
    draft = locked(actor, draft_id)
    workflow.advance(draft, "mend", actor=actor, at=at, request_key=request_key)
    return draft
