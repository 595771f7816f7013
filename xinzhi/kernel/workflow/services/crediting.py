"""A case goes over to another household: its state, its owner and its deadline stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.workflow.lifecycle import HOUSEHOLD_CHANGED, Lifecycle
from xinzhi.kernel.workflow.models import Task
from xinzhi.kernel.workflow.registry import model_of
from xinzhi.kernel.workflow.services.tables import AnyOf
from xinzhi.kernel.workflow.services.writing import Act, write_steps


@transaction.atomic
def credit_household(
    lifecycle: Lifecycle, ids: Sequence[int], *, household_id: int, actor: Actor, at: datetime
) -> int:
    """Let open cases credit another household from now on (its households split or merged); returns how many do.

    The step stands in the timeline with the household that had the case until then. Tasks follow, so that nobody
    decides about his own household; notes can be emptied for either. Cases that ended or credit it already stay.
    """
    model = model_of(lifecycle)
    ended = [state.code for state in lifecycle.states if state.terminal]
    found: list[Any] = list(
        model._base_manager.select_for_update(of=("self",))
        .filter(AnyOf("pk", ids))
        .exclude(state__in=ended)
        .exclude(household_id=household_id)
        .order_by("pk")
    )
    if not found:
        return 0
    moving = [subject.pk for subject in found]
    act = Act(lifecycle=lifecycle, action=HOUSEHOLD_CHANGED, actor=actor, at=at)
    write_steps(act, [(subject, subject.state, subject.state, "") for subject in found])
    model._base_manager.filter(AnyOf("pk", moving)).update(household_id=household_id)
    Task.objects.filter(AnyOf("subject_id", moving), lifecycle=lifecycle.name).update(
        household_id=household_id
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflow_note SET household_ids = household_ids || %s::bigint"
            " WHERE lifecycle = %s AND subject_id = ANY(%s) AND NOT household_ids @> ARRAY[%s::bigint]",
            [household_id, lifecycle.name, moving, household_id],
        )
    return len(moving)
