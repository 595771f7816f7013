"""From the desk to the villagers: warnings are acknowledged, errors mended, then the draft is put to the vote."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.life_models import CharterDraft
from xinzhi.scenes.governance_points.queries.charter_drafts import look_over
from xinzhi.scenes.governance_points.services.charter import CharterEmpty
from xinzhi.scenes.governance_points.services.charter_life import refusals
from xinzhi.scenes.governance_points.services.charter_life.common import being_written, locked


@transaction.atomic
def acknowledge(*, actor: Actor, draft_id: int, keys: Collection[str], at: datetime) -> CharterDraft:
    """Say that warnings were read and the rules are meant as they are. Only present warnings can be; errors never.

    Raises DraftIsOut, NotFound.
    """
    draft = locked(actor, draft_id)
    being_written(draft)
    present = {f.key for f in look_over(draft, at).warnings}
    kept = sorted(present & (set(draft.acknowledged) | set(keys)))
    if kept != draft.acknowledged:
        draft.acknowledged = kept
        draft.save(update_fields=["acknowledged"])
        audit.record(
            actor=actor, action="governance_points.acknowledge_charter_warnings", subject=draft.reference, at=at,
            region_id=draft.village_id, count=len(kept),
        )  # fmt: skip
    return draft


@transaction.atomic
def put_to_vote(*, actor: Actor, draft_id: int, request_key: UUID, at: datetime) -> CharterDraft:
    """Nothing is wrong any more: everybody may read the draft, and the villagers vote about it as it stands.

    Raises CharterEmpty, CellsToMend, LinterStops, WarningsOpen, StateHasMoved, NotFound.
    """
    draft = locked(actor, draft_id)
    was = draft.state
    workflow.advance(draft, "check", actor=actor, at=at, request_key=request_key)
    if draft.state == was:  # the same request again
        return draft
    looked = look_over(draft, at)
    if looked.problems:
        raise refusals.CellsToMend(count=len(looked.problems))
    if not looked.rules:
        raise CharterEmpty()
    if first := next(iter(looked.errors), None):
        raise refusals.LinterStops(
            count=len({f.rule_code for f in looked.errors}),
            rule=first.rule_code or "–",
            what=first.what,
            article=first.article,
        )
    if looked.open_warnings:
        raise refusals.WarningsOpen(count=len(looked.open_warnings))
    draft.checked_on = local_date(at)
    draft.published_on = draft.published_until = draft.filed_on = draft.correction_until = None
    draft.save(
        update_fields=["checked_on", "published_on", "published_until", "filed_on", "correction_until"]
    )
    return draft


@transaction.atomic
def reopen(*, actor: Actor, draft_id: int, request_key: UUID, at: datetime) -> CharterDraft:
    """Take the draft back before the vote, to change it. Raises StateHasMoved, NotFound."""
    draft = locked(actor, draft_id)
    workflow.advance(draft, "reopen", actor=actor, at=at, request_key=request_key)
    return draft


@transaction.atomic
def withdraw(*, actor: Actor, draft_id: int, request_key: UUID, at: datetime) -> CharterDraft:
    """Give the draft up. What has been published stays until it is filed and in force. Raises StateHasMoved, NotFound."""
    draft = locked(actor, draft_id)
    workflow.advance(draft, "withdraw", actor=actor, at=at, request_key=request_key)
    return draft
