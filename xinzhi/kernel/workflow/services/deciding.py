"""What a person asked for on a panel goes to the scene's own service, or straight to `advance`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.workflow import ports, registry
from xinzhi.kernel.workflow.errors import UnknownAction
from xinzhi.kernel.workflow.lifecycle import Act, Lifecycle, Transition
from xinzhi.kernel.workflow.models import Step
from xinzhi.kernel.workflow.services.moving import Moved, advance, advance_many


def _button(lifecycle: Lifecycle, action: str, *, many: bool) -> Transition:
    """The transition behind a button. Steps that only services take are unknown here."""
    for transition in lifecycle.named(action):
        if transition.button and (transition.bulk or not many):
            return transition
    known = sorted({t.action for t in lifecycle.transitions if t.button and (t.bulk or not many)})
    raise UnknownAction(field="action", action=action[:40], lifecycle=lifecycle.label, known=", ".join(known))


@transaction.atomic
def decide(
    *,
    actor: Actor,
    lifecycle_name: str,
    subject_id: int,
    action: str,
    reason_code: str = "",
    note: str = "",
    request_key: UUID | None = None,
    at: datetime,
) -> Step:
    """Press one button for one subject and return the step taken. Raises what `advance` and the scene's service raise."""
    from xinzhi.kernel.workflow.queries.decisions import subject_for

    lifecycle = registry.lifecycle(lifecycle_name)
    subject = subject_for(actor=actor, lifecycle=lifecycle, subject_id=subject_id)
    _button(lifecycle, action, many=False)
    act = ports.port_of(lifecycle_name).acts.get(action)
    if act is None:
        return advance(
            subject, action, actor=actor, at=at, reason_code=reason_code, note=note, request_key=request_key
        )
    act(Act(subject_id, action, actor, at, reason_code, note, request_key))
    steps = Step.objects.filter(lifecycle=lifecycle_name, subject_id=subject_id)
    if request_key is not None and (taken := steps.filter(request_key=request_key).first()):
        return taken
    return steps.latest("id")


@transaction.atomic
def decide_many(
    *,
    actor: Actor,
    lifecycle_name: str,
    subject_ids: Sequence[int],
    action: str,
    reason_code: str = "",
    note: str = "",
    request_key: UUID | None = None,
    at: datetime,
) -> Moved:
    """Press the same button for many subjects; each refused one comes back with its reason."""
    lifecycle = registry.lifecycle(lifecycle_name)
    _button(lifecycle, action, many=True)
    values: dict[str, Any] = {
        "actor": actor, "at": at, "reason_code": reason_code, "note": note, "request_key": request_key
    }  # fmt: skip
    act_many = ports.port_of(lifecycle_name).acts_many.get(action)
    if act_many is None:
        return advance_many(lifecycle, subject_ids, action, **values)
    moved: Moved = act_many(subject_ids, **values)
    return moved


def refusals_counted(moved: Moved) -> list[tuple[str, int]]:
    """The sentences of refused rows with how many each concerns, most frequent first; for the page after a bulk act.

    What is not the actor's to see or do is one sentence.
    """
    sentences = Counter(
        str(NotFound()) if type(refusal) in (NotFound, Forbidden) else str(refusal)
        for refusal in moved.refused.values()
    )
    return sentences.most_common(5)
