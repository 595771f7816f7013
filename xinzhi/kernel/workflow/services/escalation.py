"""Nothing dies silently: what is overdue is told to the next level, and then to the one above."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from xinzhi.kernel.workflow import registry
from xinzhi.kernel.workflow.deadlines import due_at
from xinzhi.kernel.workflow.models import Task

CHUNK = 1000


def escalate_overdue(*, at: datetime, limit: int = CHUNK) -> int:
    """Tell the next level about every task that is overdue. Returns how many; safe to run twice at once."""
    total = 0
    while found := _escalate_chunk(at, limit):
        total += found
    return total


@transaction.atomic
def _escalate_chunk(at: datetime, limit: int) -> int:
    overdue = list(
        Task.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(overdue_since__isnull=True, due_at__lte=at)
        .order_by("due_at")[:limit]
    )
    if not overdue:
        return 0
    known = registry.lifecycles()
    told = []
    for task in overdue:
        lifecycle = known.get(task.lifecycle)
        state = next((s for s in lifecycle.states if s.code == task.state), None) if lifecycle else None
        if lifecycle is None or state is None:
            continue  # its scene or state was removed; the task stays marked
        table = lifecycle.escalation_of(state)
        if task.level < len(table):
            step = table[task.level]
            told.append(
                Task(
                    lifecycle=task.lifecycle,
                    subject_id=task.subject_id,
                    level=task.level + 1,
                    state=task.state,
                    village_id=task.village_id,
                    household_id=task.household_id,
                    permission=step.permission,
                    opened_at=at,
                    due_at=due_at(step.deadline, at),
                )
            )
    # What waited for a clock that never came is now work for its owner.
    Task.objects.filter(pk__in=[t.pk for t in overdue]).update(overdue_since=at, waiting=False)
    Task.objects.bulk_create(told, ignore_conflicts=True)
    return len(overdue)
