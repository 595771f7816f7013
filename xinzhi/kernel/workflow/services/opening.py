"""Begin the life of a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.workflow.errors import UnknownAction
from xinzhi.kernel.workflow.lifecycle import Lifecycle
from xinzhi.kernel.workflow.registry import model_of
from xinzhi.kernel.workflow.services.tables import AnyOf
from xinzhi.kernel.workflow.services.writing import Act, check_note, write_audit, write_steps, write_tasks


def start(
    subject: Any,
    *,
    lifecycle: Lifecycle,
    actor: Actor,
    at: datetime,
    action: str = "",
    note: str = "",
    request_key: UUID | None = None,
    due_at: datetime | None = None,
    concerns: Sequence[int] = (),
) -> Any:
    """Save a new subject in its first state, with its first step and its first task. Returns the subject.

    Who may begin a case is the scene's rule; `action` is one of the lifecycle's opening actions (the first by
    default) and what later four-eyes rules compare with. `concerns` are further households
    whose erasure empties the note. Raises UnknownAction.
    """
    return start_many(
        [subject], lifecycle=lifecycle, actor=actor, at=at, action=action, note=note, request_key=request_key,
        due_at=due_at, concerns=concerns,
    )[0]  # fmt: skip


def start_many(
    subjects: Sequence[Any],
    *,
    lifecycle: Lifecycle,
    actor: Actor,
    at: datetime,
    action: str = "",
    note: str = "",
    request_key: UUID | None = None,
    due_at: datetime | None = None,
    concerns: Sequence[int] = (),
) -> Sequence[Any]:
    """`start` for many new subjects in a constant number of statements. Already saved ones only get their step."""
    opening = tuple(lifecycle.opening_actions)
    action = action or opening[0]
    if action not in opening:
        raise UnknownAction(action=action[:40], lifecycle=lifecycle.label, known=", ".join(opening))
    if not subjects:
        return subjects
    act = Act(
        lifecycle=lifecycle, action=action, actor=actor, at=at, note=check_note(note), request_key=request_key,
        due_at=due_at, concerns=tuple(concerns),
    )  # fmt: skip
    first = lifecycle.opening_state(action)
    for subject in subjects:
        subject.state, subject.state_since = first, at
    fresh = [s for s in subjects if s.pk is None]
    kept = [s for s in subjects if s.pk is not None]
    # Inside a service no savepoint of its own: what fails here fails the service.
    with transaction.atomic(savepoint=False):
        if len(fresh) == 1:
            fresh[0].save(force_insert=True)
        elif fresh:
            model_of(lifecycle)._base_manager.bulk_create(fresh)
        if kept:
            rows = model_of(lifecycle)._base_manager.filter(AnyOf("pk", [s.pk for s in kept]))
            rows.update(state=first, state_since=at)
        write_steps(act, [(s, "", first, "") for s in subjects])
        write_tasks(act, subjects, first, None, is_first=True)
        write_audit(act, subjects)
    return subjects
