"""What the scene brings to the kernel's ports: the act, the inbox, messages, who sees which photo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.evidence import ports as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.notices.wording import OUTSIDE
from xinzhi.kernel.rules import ports as rules
from xinzhi.kernel.workflow import ports as workflow
from xinzhi.kernel.workflow.lifecycle import Presented

SUBJECT_PREFIX = "courtyards.yard:"


def connect() -> None:
    """Called once when the apps are ready."""
    from xinzhi.kernel.notices import wording
    from xinzhi.kernel.residents import everything
    from xinzhi.scenes.courtyards import holdings
    from xinzhi.scenes.courtyards.lifecycle import YARD
    from xinzhi.scenes.courtyards.queries.agreement import pairs_of_scores
    from xinzhi.scenes.courtyards.services.grading import ACT, RECTIFY
    from xinzhi.scenes.courtyards.sheet import GRADE_LABELS

    rules.register_act(
        rules.Act(
            ACT,
            _("Courtyard graded"),
            measure="grade",
            grades=tuple((code, GRADE_LABELS[code]) for code in ("A", "B", "C")),
        )
    )
    rules.register_ratings("courtyards", _("Courtyards"), pairs_of_scores)
    workflow.register(YARD.name, workflow.Port(present_many=_present_many))
    wording.register(
        RECTIFY,
        _(
            "On %(day)s something in your courtyard was not in order yet. Nothing has been taken. You have until %(until)s; then somebody looks again."
        ),
        going=OUTSIDE,
    )
    wording.register_page(YARD.name, "courtyards:yard")
    evidence.register_access(SUBJECT_PREFIX, _visible_subjects)
    everything.register("courtyards", _("Courtyards"), holdings.courtyards)


def _present_many(ids: Sequence[int], *, actor: Actor) -> dict[int, Presented]:
    from xinzhi.scenes.courtyards.queries.rounds import visible_yards

    return {
        y.pk: Presented(
            title=str(_("Courtyard of household %(number)s")) % {"number": y.household.household_no},
            subtitle=f"{y.round.year} Q{y.round.quarter}",
            detail_url=reverse("courtyards:yard", args=[y.pk]),
        )
        for y in visible_yards(actor).filter(pk__in=ids).select_related("household", "round")
    }


def _visible_subjects(actor: Actor, subjects: Iterable[str]) -> set[str]:
    """Photos are seen with the scores: not before nobody can be swayed by them any more."""
    from xinzhi.scenes.courtyards.lifecycle import TOLD_STATES
    from xinzhi.scenes.courtyards.queries.rounds import visible_yards

    numbers = {s.removeprefix(SUBJECT_PREFIX) for s in subjects}
    ids = {int(n) for n in numbers if n.isascii() and n.isdigit() and len(n) < 19}
    found = visible_yards(actor).filter(pk__in=ids, state__in=TOLD_STATES)
    return {f"{SUBJECT_PREFIX}{pk}" for pk in found.values_list("pk", flat=True)}
