"""The charter hangs out, and is filed with the township in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.events import services as events
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.events import CharterFiled
from xinzhi.scenes.governance_points.life_models import CharterDraft
from xinzhi.scenes.governance_points.queries.charter_drafts import clocks_for
from xinzhi.scenes.governance_points.services.charter_life import refusals
from xinzhi.scenes.governance_points.services.charter_life.common import locked, standing_vote

DAYS_DEFAULT = 7


@transaction.atomic
def publish_draft(
    *, actor: Actor, draft_id: int, days: int = DAYS_DEFAULT, request_key: UUID, at: datetime
) -> CharterDraft:
    """Hang the charter and the outcome of the vote out for some days; it is to be filed within 10 days of the vote.

    The day of posting is not counted. Raises PublicationTime, StateHasMoved, NotFound.
    """
    draft = locked(actor, draft_id)
    was, today = draft.state, local_date(at)
    clocks = clocks_for(draft.village_id, today)
    for limit in (clocks["charter.publication_least"], clocks["charter.publication_most"]):
        if not limit.holds_for(days):
            least, most = clocks["charter.publication_least"].days, clocks["charter.publication_most"].days
            raise refusals.PublicationTime(
                field="days", least=least, most=most, found=days, article=limit.article
            )
    vote = standing_vote(draft) if was == "signed" else None
    due = clocks["charter.filing"].ends_at(vote.held_on) if vote else None
    workflow.advance(draft, "publish", actor=actor, at=at, request_key=request_key, due_at=due)
    if draft.state != was:
        draft.published_on, draft.published_until = today, today + timedelta(days=days)
        draft.save(update_fields=["published_on", "published_until"])
    return draft


@transaction.atomic
def file_with_township(*, actor: Actor, draft_id: int, request_key: UUID, at: datetime) -> CharterDraft:
    """File the charter; the township has 30 days to order a correction. Late filing is filing: the page says how late.

    Raises StateHasMoved, NotFound.
    """
    draft = locked(actor, draft_id)
    was, today = draft.state, local_date(at)
    term = clocks_for(draft.village_id, today)["charter.correction"]
    workflow.advance(draft, "file", actor=actor, at=at, request_key=request_key, due_at=term.ends_at(today))
    if draft.state != was:
        draft.filed_on, draft.correction_until = today, term.last_day_from(today)
        draft.save(update_fields=["filed_on", "correction_until"])
        events.publish(CharterFiled(draft_id=draft.pk, village_id=draft.village_id, filed_on=today))
    return draft
