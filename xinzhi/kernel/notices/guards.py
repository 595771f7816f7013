"""Who may answer an objection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.notices.errors import AppealTooLate, NotTheObjector, WasInvolved
from xinzhi.kernel.notices.lifecycle import APPEAL_WITHIN, FILE
from xinzhi.kernel.notices.models import Objection, PublicationLine
from xinzhi.kernel.workflow import registry
from xinzhi.kernel.workflow.deadlines import due_at, last_day
from xinzhi.kernel.workflow.errors import OwnHousehold
from xinzhi.kernel.workflow.models import Step


def not_involved(subjects: Sequence[Objection], *, actor: Actor, at: datetime) -> dict[int, DomainError]:  # noqa: ARG001
    """Refuse who took a step in the case behind the line, and the objecting household itself."""
    if actor.is_system:
        return {}
    refused: dict[int, DomainError] = {}
    lines = PublicationLine.objects.in_bulk([o.line_id for o in subjects])
    mine = Step.objects.filter(
        person_key=actor.person_key,
        lifecycle__in={line.subject_type for line in lines.values()},
        subject_id__in=[line.subject_id for line in lines.values()],
    )
    actions = {(s.lifecycle, s.subject_id): s.action for s in mine}
    known = registry.lifecycles()
    for objection in subjects:
        line = lines[objection.line_id]
        if objection.objector_household_id in actor.household_ids:
            refused[objection.pk] = OwnHousehold()
        elif action := actions.get((line.subject_type, line.subject_id)):
            lifecycle = known.get(line.subject_type)
            word = lifecycle.word_for(action) if lifecycle else action
            refused[objection.pk] = WasInvolved(action=str(word))
    return refused


def in_time(subjects: Sequence[Objection], *, actor: Actor, at: datetime) -> dict[int, DomainError]:  # noqa: ARG001
    """An appeal comes within its working days after the answer."""
    refused: dict[int, DomainError] = {}
    for objection in subjects:
        until = appeal_until(objection)
        if until is not None and at >= until:
            refused[objection.pk] = AppealTooLate(day=last_day(until))
    return refused


def may_appeal(subjects: Sequence[Objection], *, actor: Actor, at: datetime) -> dict[int, DomainError]:
    """Only the objecting household appeals, and in time."""
    return in_time(subjects, actor=actor, at=at) | by_objector(subjects, actor=actor, at=at)


def appeal_until(objection: Objection) -> datetime | None:
    """Until when the answer may be appealed; None while there is none."""
    return due_at(APPEAL_WITHIN, objection.decided_at) if objection.decided_at else None


def by_objector(subjects: Sequence[Objection], *, actor: Actor, at: datetime) -> dict[int, DomainError]:  # noqa: ARG001
    """Only the objecting household takes its objection back."""
    own = actor.own_households(FILE)
    return {o.pk: NotTheObjector() for o in subjects if o.objector_household_id not in own}
