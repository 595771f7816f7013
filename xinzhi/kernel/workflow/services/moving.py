"""Move a case, or ten thousand, by one declared step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.workflow.errors import (
    ReasonNeeded,
    ReasonUnknown,
    TooManyAtOnce,
    UnknownAction,
)
from xinzhi.kernel.workflow.lifecycle import Lifecycle, Transition
from xinzhi.kernel.workflow.models import Step, Task
from xinzhi.kernel.workflow.registry import lifecycle as lifecycle_named
from xinzhi.kernel.workflow.registry import lifecycle_of, model_of
from xinzhi.kernel.workflow.services.judging import Judge, Verdict
from xinzhi.kernel.workflow.services.tables import AnyOf
from xinzhi.kernel.workflow.services.writing import (
    Act,
    check_note,
    permission_for,
    write_audit,
    write_steps,
    write_tasks,
)

MOST_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Moved:
    """What a bulk step did: the ids that moved (or had moved by the same request), and why each other did not."""

    advanced: list[int] = field(default_factory=list)
    refused: dict[int, DomainError] = field(default_factory=dict)


@transaction.atomic
def advance(
    subject: Any,
    action: str,
    *,
    actor: Actor,
    at: datetime,
    reason_code: str = "",
    note: str = "",
    request_key: UUID | None = None,
    due_at: datetime | None = None,
) -> Step:
    """Take one step with a subject, which is locked, judged and changed in place (`state`, `state_since`).

    `due_at` overrides the declared deadline of the next state. The same request key again returns the first step.
    Raises StateHasMoved, FourEyes, OwnHousehold, ReasonNeeded, ReasonUnknown, Forbidden, NotFound and what the guard
    refuses; then nothing has changed.
    """
    lifecycle = lifecycle_of(subject)
    act = _act(lifecycle, action, actor, at, reason_code, note, request_key, due_at)
    moved, steps, rows = _move(act, [subject.pk])
    for refusal in moved.refused.values():
        raise refusal
    locked = rows[subject.pk]
    subject.state, subject.state_since = locked.state, locked.state_since
    return steps[subject.pk]


@transaction.atomic
def advance_many(
    lifecycle: Lifecycle | str,
    ids: Sequence[int],
    action: str,
    *,
    actor: Actor,
    at: datetime,
    reason_code: str = "",
    note: str = "",
    request_key: UUID | None = None,
    due_at: datetime | None = None,
    per_row_refusals: bool = True,
    also: Mapping[str, Any] | None = None,
) -> Moved:
    """Take the same step with many subjects in a constant number of statements, locked in the order of their ids.

    `also`: further columns every row that moves is given, in the same statement as its state.
    With `per_row_refusals` the others move although some are refused; without, the first refusal is raised and
    nothing has changed. Raises TooManyAtOnce and what concerns the whole call (UnknownAction, ReasonNeeded, …).
    """
    if len(ids) > MOST_AT_ONCE:
        raise TooManyAtOnce(most=MOST_AT_ONCE, found=len(ids))
    declared = lifecycle_named(lifecycle) if isinstance(lifecycle, str) else lifecycle
    act = _act(declared, action, actor, at, reason_code, note, request_key, due_at)
    moved, _steps, _rows = _move(act, ids, also)
    if moved.refused and not per_row_refusals:
        raise next(iter(moved.refused.values()))
    return moved


def _act(
    lifecycle: Lifecycle,
    action: str,
    actor: Actor,
    at: datetime,
    reason_code: str,
    note: str,
    request_key: UUID | None,
    due_at: datetime | None,
) -> Act:
    """Judge what is the same for every row: the action's name and the reason."""
    named = lifecycle.named(action)
    if not named:
        known = ", ".join(sorted({t.action for t in lifecycle.transitions}))
        raise UnknownAction(field="action", action=action[:40], lifecycle=lifecycle.label, known=known)
    note = check_note(note)
    reasons = {r.code for t in named for r in t.reasons}
    if any(t.needs_reason for t in named) and not (reason_code or (note and not reasons)):
        raise ReasonNeeded(field="reason_code", action=named[0].label)
    if reason_code and reason_code not in reasons:
        raise ReasonUnknown(field="reason_code", found=reason_code[:40], action=named[0].label)
    return Act(lifecycle, action, actor, at, reason_code, note, request_key, due_at)


def _move(
    act: Act, ids: Sequence[int], also: Mapping[str, Any] | None = None
) -> tuple[Moved, dict[int, Step], dict[int, Any]]:
    model, unique_ids = model_of(act.lifecycle), sorted(set(ids))
    rows = {
        row.pk: row
        for row in model._base_manager.select_for_update(of=("self",), no_key=True)
        .filter(AnyOf("pk", unique_ids))
        .order_by("pk")
    }
    judge = Judge(act, list(rows.values()))
    verdicts = {pk: judge.verdict(row) for pk, row in rows.items()}
    for pk, refusal in judge.guarded(verdicts).items():
        verdicts[pk] = Verdict(refusal=refusal)
    moved = Moved()
    going: dict[int, Transition] = {}
    for pk in unique_ids:
        verdict = verdicts.get(pk)
        if verdict is None:
            moved.refused[pk] = NotFound()
        elif verdict.refusal is not None:
            moved.refused[pk] = verdict.refusal
        else:
            moved.advanced.append(pk)
            if verdict.transition is not None:
                going[pk] = verdict.transition
    judge.explain_moved(moved.refused)
    steps = dict(judge.done_before)
    if going:
        steps |= _write(act, rows, going, also or {})
    return moved, steps, rows


def _write(
    act: Act, rows: dict[int, Any], going: dict[int, Transition], also: Mapping[str, Any]
) -> dict[int, Step]:
    model = model_of(act.lifecycle)
    open_tasks = Task.objects.filter(AnyOf("subject_id", list(going)), lifecycle=act.lifecycle.name)
    was_due, told = {}, False
    for subject_id, level, due_at in open_tasks.values_list("subject_id", "level", "due_at"):
        told = told or level > 0
        if level == 0:
            was_due[subject_id] = due_at
    if told:
        open_tasks.filter(level__gt=0).delete()
    moves = [
        (rows[pk], rows[pk].state, t.target, permission_for(t.permission, rows[pk]))
        for pk, t in going.items()
    ]
    steps = write_steps(act, moves, was_due)
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for pk, transition in going.items():
        groups[(transition.target, *transition.sources)].append(pk)
    for pks in groups.values():
        transition = going[pks[0]]
        model._base_manager.filter(AnyOf("pk", pks)).update(
            state=transition.target, state_since=act.at, **also
        )
        for pk in pks:
            rows[pk].state, rows[pk].state_since = transition.target, act.at
        write_tasks(act, [rows[pk] for pk in pks], transition.target, transition)
    write_audit(act, [rows[pk] for pk in going])
    return steps
