"""The charter holds from a day."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.events import services as events
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.events import CharterInForce
from xinzhi.scenes.governance_points.life_models import CharterDraft
from xinzhi.scenes.governance_points.queries.charter_drafts import clocks_for, look_over
from xinzhi.scenes.governance_points.services.charter import adopt_charter
from xinzhi.scenes.governance_points.services.charter_life import refusals
from xinzhi.scenes.governance_points.services.charter_life.common import locked, standing_vote


@transaction.atomic
def bring_into_force(
    *, actor: Actor, draft_id: int, active_from: date, request_key: UUID, at: datetime
) -> CharterDraft:
    """Adopt what the villagers passed: `adopt_charter` with the rules of the draft, from today or a later day on.

    The charter has hung out, and the township took it on file or let its 30 days pass. Raises StillHangingOut, TownshipStillLooks,
    StartsInThePast, CharterTooFarAhead, VersionStartsTooEarly, StateHasMoved, NotFound.
    """
    draft = locked(actor, draft_id)
    was, today = draft.state, local_date(at)
    workflow.advance(draft, "bring_into_force", actor=actor, at=at, request_key=request_key)
    if draft.state == was:
        return draft
    if draft.published_until is None or today <= draft.published_until:
        raise refusals.StillHangingOut(until=draft.published_until or today)
    if was == "filed" and (draft.correction_until is None or today <= draft.correction_until):
        term = clocks_for(draft.village_id, draft.filed_on or today)["charter.correction"]
        raise refusals.TownshipStillLooks(until=draft.correction_until or today, article=term.article)
    if active_from < today:
        raise refusals.StartsInThePast(field="active_from", today=today, found=active_from)
    vote = standing_vote(draft)
    version = adopt_charter(
        actor=actor, village_id=draft.village_id, charter_rules=look_over(draft, at).rules, resolution=vote.resolution,
        active_from=active_from, publication_days=draft.publication_days, council_deliberates=draft.council_deliberates, at=at,
    )  # fmt: skip
    draft.version_id = version.pk
    draft.save(update_fields=["version_id"])
    events.publish(
        CharterInForce(
            draft_id=draft.pk,
            village_id=draft.village_id,
            version_id=version.pk,
            version_number=version.number,
            active_from=active_from,
        )
    )
    return draft
