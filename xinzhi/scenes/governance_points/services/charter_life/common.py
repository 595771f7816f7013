"""What the steps share."""

from __future__ import annotations

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.scenes.governance_points.charter_lifecycle import CHARTER_DRAFT, MANAGE, VIEW_DRAFTS
from xinzhi.scenes.governance_points.life_models import CharterDraft, CharterVote
from xinzhi.scenes.governance_points.services.charter_life.refusals import DraftChangedMeanwhile, DraftIsOut


def locked(actor: Actor, draft_id: int, permission: str = MANAGE) -> CharterDraft:
    """The draft, locked. Whoever may not see it finds nothing; whoever sees it and may not do this is told so.

    Raises NotFound, Forbidden, SwitchedOff.
    """
    found = (
        CharterDraft.objects.select_for_update(of=("self",))
        .select_related("village")
        .filter(pk=draft_id)
        .first()
    )
    if found is None or not actor.may(VIEW_DRAFTS, scope_path=found.village.scope_path):
        raise NotFound()
    actor.require(permission, scope_path=found.village.scope_path)
    assembly.require_enabled("governance_points", region_id=found.village_id)
    return found


def being_written(draft: CharterDraft, revision: int | None = None) -> None:
    """Raises DraftIsOut, DraftChangedMeanwhile."""
    if draft.state != "draft":
        raise DraftIsOut(state=CHARTER_DRAFT.label_of(draft.state))
    if revision is not None and revision != draft.revision:
        raise DraftChangedMeanwhile()


def standing_vote(draft: CharterDraft) -> CharterVote:
    """The vote by which the draft passed. Raises NotFound where there is none, which no state after it allows."""
    vote = CharterVote.objects.filter(draft=draft, passed=True).order_by("-round").first()
    if vote is None:
        raise NotFound()
    return vote
