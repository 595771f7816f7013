"""The story of one deed, for the household that asks why; and who looked at its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from xinzhi.kernel.audit import queries as audit
from xinzhi.kernel.audit.queries import Look
from xinzhi.kernel.evidence import queries as evidence
from xinzhi.kernel.evidence.flags import Flag, flags_of
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.paging import Page
from xinzhi.kernel.notices import queries as notices
from xinzhi.kernel.notices.models import Publication
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.workflow import queries as workflow
from xinzhi.kernel.workflow.deadlines import last_day
from xinzhi.scenes.governance_points.charter import CharterRule, rule_of
from xinzhi.scenes.governance_points.lifecycle import ANSWER, CORRECT, DEED, ENTER, REVERSAL_REASONS, VERIFY
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.charter import expires_on
from xinzhi.scenes.governance_points.queries.deeds import deed as visible_deed
from xinzhi.scenes.governance_points.queries.statement import household_for
from xinzhi.scenes.governance_points.scoring import explain

#: What members of the household do themselves is no look from outside.
OWN_ROLES = ("household", "villager")


@dataclass(frozen=True, slots=True)
class Story:
    """Everything a household may know about one deed."""

    deed: Deed
    rule: CharterRule
    why: Sequence[str]
    evidence: Sequence[Any]
    timeline: Sequence[Any]
    publication: Publication | None
    expires_on: date
    flags: Sequence[Flag] = ()

    @property
    def last_day(self) -> date:
        """The last day on which its points can be used."""
        return self.expires_on - timedelta(days=1)

    @property
    def state_label(self) -> str:
        return str(DEED.state(self.deed.state).label)


def story(*, actor: Actor, deed_id: int) -> Story:
    """Rule text and version, why so many points, evidence, who did what when, the list. Raises NotFound."""
    deed = visible_deed(actor=actor, deed_id=deed_id)
    return Story(
        deed=deed,
        rule=rule_of(deed.rule),
        why=explain(deed.steps),
        evidence=_evidence(deed, actor),
        timeline=workflow.timeline(deed, actor=actor),
        publication=Publication.objects.filter(pk=deed.publication_id).first()
        if deed.publication_id
        else None,
        expires_on=expires_on(deed),
        flags=_flags(deed, actor),
    )


def _evidence(deed: Deed, actor: Actor) -> list[Any]:
    """Its own photos, and those of the scene that saw it, where the reader may see these."""
    subjects = [s for s in (deed.evidence_subject, deed.reference) if s]
    found = evidence.of_subjects(subjects, actor)
    return [item for subject in subjects for item in found.get(subject, [])]


def _flags(deed: Deed, actor: Actor) -> list[Flag]:
    """Remarks on the photos are for who verifies in this village, and never about his own household's deed."""
    path = deed.village.scope_path
    verifies = any(
        actor.scope_paths(p) and actor.may(p, scope_path=path) for p in VERIFY.permissions.values()
    )
    if not verifies or deed.household_id in actor.household_ids:
        return []
    return flags_of(deed.evidence_subject or deed.reference, actor=actor, happened_on=deed.done_on)


def page_context(*, actor: Actor, deed_id: int) -> dict[str, Any]:
    """The story with what the reader may do about it, for the phone and the desk. Raises NotFound."""
    told = story(actor=actor, deed_id=deed_id)
    deed = told.deed
    path, own = deed.village.scope_path, actor.may(ANSWER, household_id=deed.household_id)
    is_deduction = deed.raw_tenths < 0
    in_hearing = is_deduction and deed.state in ("noticed", "heard")
    due = workflow.due_of(DEED, [deed.pk]).get(deed.pk) if deed.state == "noticed" else None
    return {
        "story": told,
        "deed": deed,
        "is_deduction": is_deduction,
        "answer_until": last_day(due) if due else None,
        "may_answer": in_hearing and own,
        "may_repair": own and (in_hearing or (is_deduction and deed.state == "posted")),
        "may_enter_answer": in_hearing and not own and actor.may(ENTER, scope_path=path),
        "may_print_letter": is_deduction and actor.may(ENTER, scope_path=path),
        "may_complete": deed.state == "returned"
        and (own if deed.claimant == "household" else actor.may(ENTER, scope_path=path)),
        "may_correct": deed.state == "posted" and actor.may(CORRECT, scope_path=path),
        "reversal_reasons": {r.code: r.label for r in REVERSAL_REASONS},
    }


def member_names(household_id: int) -> list[tuple[int, str]]:
    """Members of one's own household, to choose who did it."""
    ids = [m.person_id for m in residents.members(household_id)]
    names = residents.display_names(ids)
    return [(pk, names.get(pk, "")) for pk in ids]


def own_evidence(*, actor: Actor, ids: Sequence[UUID]) -> list[Any]:
    """Evidence uploaded by the actor and not yet attached: kept when a form comes back with an error."""
    return list(evidence.unattached(ids, actor)) if ids else []


def open_publications(*, actor: Actor, village_id: int, at: datetime) -> list[Publication]:
    """Lists that are out in the village now."""
    return list(notices.open_publications(actor=actor, village_id=village_id, at=at))


def looks(*, actor: Actor, household_id: int, cursor: str | None) -> Page[Look]:
    """Who from outside looked at the household's data or acted for it, when, for what. Raises NotFound."""
    household_for(actor=actor, household_id=household_id)
    page = audit.looks_at_household(household_id, cursor)
    return Page([look for look in page.items if look.role not in OWN_ROLES], page.next_cursor)
