"""What happened to a subject, step by step, with names looked up when it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xinzhi.kernel.audit import labels
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.workflow.lifecycle import Lifecycle
from xinzhi.kernel.workflow.models import Note, Step
from xinzhi.kernel.workflow.queries.reach import has_role_in
from xinzhi.kernel.workflow.registry import lifecycle_of


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One step, ready for the page. `who` is role and, for those who may know it, name."""

    id: int
    at: datetime
    action: str
    word: str
    from_state: str
    to_state: str
    to_label: str
    role: str
    who: str
    channel: str
    reason: str
    note: str
    was_late: bool


def timeline(subject: Any, *, actor: Actor) -> list[TimelineEntry]:
    """The steps of a subject the caller lets the actor see, oldest first, in at most four queries.

    Names and notes are for the household concerned and for officers (of a confidential lifecycle for its officers
    alone); others read roles only.
    """
    lifecycle = lifecycle_of(subject)
    steps = list(Step.objects.filter(lifecycle=lifecycle.name, subject_id=subject.pk).order_by("id"))
    if actor.is_system:
        in_full = True
    elif lifecycle.confidential:
        in_full = has_role_in(actor, lifecycle, subject)
    else:
        in_full = bool(actor.grants) or getattr(subject, "household_id", None) in actor.household_ids
    return _entries(lifecycle, steps, in_full=in_full)


def _entries(lifecycle: Lifecycle, steps: Sequence[Step], *, in_full: bool) -> list[TimelineEntry]:
    names = labels.actor_names({s.person_key for s in steps}) if in_full else {}
    note_ids = [s.note_id for s in steps if s.note_id is not None]
    notes = (
        dict(Note.objects.filter(pk__in=note_ids).values_list("pk", "text")) if in_full and note_ids else {}
    )
    reasons = {r.code: str(r.label) for t in lifecycle.transitions for r in t.reasons}
    return [
        TimelineEntry(
            id=step.pk,
            at=step.at,
            action=step.action,
            word=str(lifecycle.word_for(step.action)),
            from_state=step.from_state,
            to_state=step.to_state,
            to_label=lifecycle.label_of(step.to_state),
            role=labels.role_label(step.role),
            who=labels.actor_label(step.role, "", names.get(step.person_key, "")),
            channel=step.channel,
            reason=reasons.get(step.reason_code, step.reason_code),
            note=notes.get(step.note_id, "") if step.note_id is not None else "",
            was_late=step.was_due_at is not None and step.at > step.was_due_at,
        )
        for step in steps
    ]
