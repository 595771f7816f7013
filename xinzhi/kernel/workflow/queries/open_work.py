"""What a scene may ask about the work on its own subjects. The caller has scoped them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection

from xinzhi.kernel.workflow.lifecycle import Lifecycle
from xinzhi.kernel.workflow.models import Note, Step, Task


def due_of(lifecycle: Lifecycle, subject_ids: Sequence[int]) -> dict[int, datetime]:
    """Until when each subject must take its next step; ended ones are left out. One query."""
    tasks = Task.objects.filter(lifecycle=lifecycle.name, subject_id__in=list(subject_ids), level=0)
    return dict(tasks.values_list("subject_id", "due_at"))


def due_subjects(lifecycle: Lifecycle, state: str, at: datetime, *, limit: int) -> list[int]:
    """Subjects in a state whose deadline has passed, the longest waiting first."""
    tasks = Task.objects.filter(lifecycle=lifecycle.name, state=state, level=0, due_at__lte=at)
    return list(tasks.order_by("due_at", "id").values_list("subject_id", flat=True)[:limit])


def notes_of(
    lifecycle: Lifecycle, subject_ids: Sequence[int], *, actions: Collection[str]
) -> dict[int, list[tuple[str, str]]]:
    """What was written with these actions, as (word for the action, text), oldest first. Two queries."""
    steps = list(
        Step.objects.filter(
            lifecycle=lifecycle.name,
            subject_id__in=list(subject_ids),
            action__in=list(actions),
            note_id__isnull=False,
        ).order_by("id")
    )
    texts = dict(Note.objects.filter(pk__in=[s.note_id for s in steps]).values_list("pk", "text"))
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for step in steps:
        if text := texts.get(step.note_id or 0):
            found[step.subject_id].append((str(lifecycle.word_for(step.action)), text))
    return dict(found)


def states_at(
    lifecycle: Lifecycle, subject_ids: Sequence[int], at: datetime
) -> dict[int, tuple[str, datetime]]:
    """In which state each subject was just before a moment, and since when; those that began later are left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.subject_id, step.to_state, step.at FROM unnest(%s::bigint[]) AS s(subject_id)"
            " CROSS JOIN LATERAL (SELECT to_state, at FROM workflow_step WHERE lifecycle = %s"
            " AND subject_id = s.subject_id AND at < %s ORDER BY id DESC LIMIT 1) step",
            [list(subject_ids), lifecycle.name, at],
        )
        return {pk: (state, since) for pk, state, since in cursor.fetchall()}
