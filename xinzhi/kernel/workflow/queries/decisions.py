"""One subject as the decision panel shows it: what it is, what may be done with it, and what may not and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _t

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.workflow import ports, registry
from xinzhi.kernel.workflow.deadlines import last_day
from xinzhi.kernel.workflow.lifecycle import Lifecycle, Presented, Transition
from xinzhi.kernel.workflow.models import Task
from xinzhi.kernel.workflow.queries.reach import has_to_do_with
from xinzhi.kernel.workflow.queries.timeline import TimelineEntry, timeline
from xinzhi.kernel.workflow.services.judging import Judge
from xinzhi.kernel.workflow.services.writing import Act


@dataclass(frozen=True, slots=True)
class Decision:
    """One button. `refusal` is the sentence shown instead of it."""

    action: str
    label: str
    kind: str
    needs_reason: bool
    reasons: Sequence[tuple[str, str]]
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class CaseView:
    """A subject with its panel, timeline and the scene's own evidence."""

    lifecycle: Lifecycle
    subject: Any
    title: str
    subtitle: str
    warning: str
    detail_url: str
    state_label: str
    due_at: datetime | None
    last_day: date | None
    is_overdue: bool
    decisions: Sequence[Decision]
    timeline: Sequence[TimelineEntry]
    template: str
    context: Mapping[str, Any]

    @property
    def reference(self) -> str:
        return f"{self.lifecycle.name}:{self.subject.pk}"


def subject_for(*, actor: Actor, lifecycle: Lifecycle, subject_id: int) -> Any:
    """The subject, when the actor holds any permission of its lifecycle there (or for its household). Raises NotFound."""
    model = registry.model_of(lifecycle)
    found = model._base_manager.filter(pk=subject_id).first()
    if found is None or not has_to_do_with(actor, lifecycle, found):
        raise NotFound()
    return found


def decisions(subject: Any, *, actor: Actor, at: datetime) -> list[Decision]:
    """The buttons of the state the subject is in. Those that need another permission are left out."""
    lifecycle = registry.lifecycle_of(subject)
    found = []
    for transition in lifecycle.from_state(subject.state):
        if transition.button:
            refusal = _refusal(lifecycle, transition, subject, actor, at)
            if not isinstance(refusal, Forbidden | NotFound) or refusal.code.startswith("workflow."):
                found.append(_decision(transition, str(refusal or "")))
    return found


def _refusal(
    lifecycle: Lifecycle, transition: Transition, subject: Any, actor: Actor, at: datetime
) -> Exception | None:
    judge = Judge(Act(lifecycle, transition.action, actor, at), [subject])
    verdict = judge.verdict(subject)
    return verdict.refusal or judge.guarded({subject.pk: verdict}).get(subject.pk)


def _decision(transition: Transition, refusal: str) -> Decision:
    return Decision(
        action=transition.action,
        label=str(transition.label),
        kind=transition.kind,
        needs_reason=transition.needs_reason,
        reasons=[(r.code, str(r.label)) for r in transition.reasons],
        refusal=refusal,
    )


def case_view(*, actor: Actor, lifecycle_name: str, subject_id: int, at: datetime) -> CaseView:
    """Everything the panel shows for one subject. Raises UnknownLifecycle, NotFound."""
    lifecycle = registry.lifecycle(lifecycle_name)
    subject = subject_for(actor=actor, lifecycle=lifecycle, subject_id=subject_id)
    port = ports.port_of(lifecycle_name)
    context = port.detail_context(subject_id, actor=actor, at=at) if port.detail_context else {}
    shown = port.present_many([subject_id], actor=actor).get(subject_id) or Presented(
        title=_t("%(kind)s no. %(id)s") % {"kind": lifecycle.label, "id": subject_id}
    )
    task = Task.objects.filter(lifecycle=lifecycle_name, subject_id=subject_id, level=0).first()
    return CaseView(
        lifecycle=lifecycle,
        subject=subject,
        title=shown.title,
        subtitle=shown.subtitle,
        warning=shown.warning,
        detail_url=shown.detail_url,
        state_label=lifecycle.label_of(subject.state),
        due_at=task.due_at if task else None,
        last_day=last_day(task.due_at) if task else None,
        is_overdue=task is not None and task.due_at <= at,
        decisions=decisions(subject, actor=actor, at=at),
        timeline=timeline(subject, actor=actor),
        template=port.detail_template,
        context=context,
    )
