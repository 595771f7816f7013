"""What the scene brings to the kernel's ports: the act, the inbox, messages, the household's own copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.evidence import ports as evidence
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.notices.wording import OUTSIDE
from xinzhi.kernel.rules import ports as rules
from xinzhi.kernel.workflow import ports as workflow
from xinzhi.kernel.workflow.lifecycle import Act, Presented
from xinzhi.kernel.workflow.services import Moved

SUBJECT_PREFIX = "volunteering.hours:"


def connect() -> None:
    """Called once when the apps are ready."""
    from xinzhi.kernel.notices import wording
    from xinzhi.kernel.residents import everything
    from xinzhi.scenes.volunteering import holdings
    from xinzhi.scenes.volunteering.lifecycle import ACTIVITY, HOURS
    from xinzhi.scenes.volunteering.services import activities, hours, signing

    rules.register_act(rules.Act(hours.ACT, _("Volunteer hours served"), measure="quantity", unit=_("hours")))
    many = {"confirm_first": hours.confirm_first, "confirm_second": hours.confirm_second}
    workflow.register(ACTIVITY.name, workflow.Port(present_many=_present_activities))
    workflow.register(
        HOURS.name,
        workflow.Port(
            present_many=_present_hours, acts={a: _one(act) for a, act in many.items()}, acts_many=many
        ),
    )
    wording.register(
        activities.CALLED_OFF,
        _("“%(title)s” on %(day)s does not take place. You need not come."),
        going=OUTSIDE,
    )
    wording.register(
        signing.PLACE_FREE, _("A place became free: you can come to “%(title)s” on %(day)s."), going=OUTSIDE
    )
    wording.register_page(ACTIVITY.name, "volunteering:activity")
    wording.register_page(HOURS.name, "volunteering:hours-record")
    evidence.register_access(SUBJECT_PREFIX, _visible_subjects)
    everything.register("volunteering", _("Volunteer hours"), holdings.hours)


def _one(act: Callable[..., Moved]) -> Callable[[Act], Any]:
    """The bulk service behind the button of one record: its refusal is raised."""

    def take(asked: Act) -> None:
        moved = act(
            [asked.subject_id], actor=asked.actor, at=asked.at, request_key=asked.request_key,
            reason_code=asked.reason_code, note=asked.note,
        )  # fmt: skip
        for refusal in moved.refused.values():
            raise refusal

    return take


def _present_activities(ids: Sequence[int], *, actor: Actor) -> dict[int, Presented]:
    from xinzhi.scenes.volunteering.queries.activities import visible_activities

    return {
        a.pk: Presented(title=a.title, subtitle=a.place, detail_url=reverse("volunteering:run", args=[a.pk]))
        for a in visible_activities(actor).filter(pk__in=ids)
    }


def _present_hours(ids: Sequence[int], *, actor: Actor) -> dict[int, Presented]:
    from xinzhi.kernel.residents import queries as residents
    from xinzhi.scenes.volunteering.queries.hours import visible_hours

    rows = list(visible_hours(actor).filter(pk__in=ids).select_related("activity"))
    names = residents.masked_names([h.person_id for h in rows])
    return {
        h.pk: Presented(
            title=f"{h.activity.title} · {names.get(h.person_id, '')}",
            subtitle=str(_("%(hours)s hours")) % {"hours": format_points(h.hours_tenths)},
            detail_url=reverse("volunteering:hours-record", args=[h.pk]),
            warning=str(_("Nobody checked out; the end of the activity was taken."))
            if h.closed_by_end
            else "",
        )
        for h in rows
    }


def _visible_subjects(actor: Actor, subjects: Iterable[str]) -> set[str]:
    """Evidence of hours is seen with the hours."""
    from xinzhi.scenes.volunteering.queries.hours import visible_hours

    numbers = {s.removeprefix(SUBJECT_PREFIX) for s in subjects}
    ids = {int(n) for n in numbers if n.isascii() and n.isdigit() and len(n) < 19}
    return {
        f"{SUBJECT_PREFIX}{pk}" for pk in visible_hours(actor).filter(pk__in=ids).values_list("pk", flat=True)
    }
