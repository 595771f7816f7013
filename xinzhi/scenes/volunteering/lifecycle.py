"""The life of an activity, and of the hours somebody served: two different persons confirm them, nobody his own household's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, DomainError
from xinzhi.kernel.workflow.lifecycle import Deadline, Lifecycle, Reason, State, Transition
from xinzhi.scenes.volunteering.models import Hours

VIEW = "volunteering.activity.view"
JOIN = "volunteering.activity.join"
RUN = "volunteering.activity.run"
CONFIRM = "volunteering.hours.confirm"

CALL_OFF_REASONS = (
    Reason("weather", _("The weather does not allow it")),
    Reason("too_few", _("Too few people can come")),
    Reason("not_needed", _("It is not needed any more")),
)
CORRECT_REASONS = (
    Reason("time_wrong", _("The time in or out was not right")),
    Reason("code_failed", _("The phone or the code did not work")),
    Reason("left_early", _("He left earlier, or came later")),
)
WITHDRAW_REASONS = (
    Reason("not_there", _("He was not there")),
    Reason("entered_twice", _("The same hours stand in another record")),
    Reason("wrong_person", _("It was somebody else")),
)


class NothingCounted(Conflict):
    code = "volunteering.nothing_counted"
    sentence = _(
        "There is no full half hour to confirm here. Correct the times with a reason, or withdraw the record."
    )


def something_counted(subjects: Sequence[Hours], *, actor: Actor, at: datetime) -> dict[int, DomainError]:  # noqa: ARG001
    return {h.pk: NothingCounted() for h in subjects if not h.hours_tenths}


ACTIVITY = Lifecycle(
    name="volunteering.activity",
    label=_("Activity"),
    model="volunteering.Activity",
    initial="draft",
    opening_actions={"planned": _("planned")},
    states=(
        State("draft", _("draft"), owner=RUN, deadline=Deadline(days=30, basis="house")),
        State("open", _("open for sign-up"), owner=RUN, waiting=True, deadline=Deadline(days=30, basis="house")),
        State("running", _("running"), owner=RUN, waiting=True, deadline=Deadline(hours=24, basis="house")),
        State("done", _("done"), terminal=True),
        State("called_off", _("called off"), terminal=True),
    ),
    transitions=(
        Transition("open", "draft", "open", _("Open for sign-up"), RUN, past=_("opened for sign-up"), button=False),
        Transition("begin", "open", "running", _("Begin"), RUN, past=_("began"), button=False),
        Transition("finish", ("open", "running"), "done", _("Finish"), RUN, past=_("finished"), button=False),
        Transition("call_off", ("draft", "open"), "called_off", _("Call off"), RUN, past=_("called off"), needs_reason=True,
                   reasons=CALL_OFF_REASONS, button=False),
    ),
)  # fmt: skip

HOURS = Lifecycle(
    name="volunteering.hours",
    label=_("Volunteer hours"),
    model="volunteering.Hours",
    initial="present",
    opening_actions={"checked_in": _("checked in by code"), "ticked": _("noted by the organiser")},
    opening_states={"ticked": "recorded"},
    states=(
        State("present", _("there now"), owner=RUN, waiting=True, deadline=Deadline(hours=24, basis="house")),
        State("recorded", _("waits for the first confirmation"), owner=RUN, deadline=Deadline(working_days=5, basis="house")),
        State("once", _("waits for the second confirmation"), owner=CONFIRM, deadline=Deadline(working_days=5, basis="house")),
        State("confirmed", _("confirmed by two"), terminal=True),
        State("withdrawn", _("withdrawn"), terminal=True),
    ),
    transitions=(
        Transition("leave", "present", "recorded", _("Check out"), JOIN, past=_("checked out"), not_own_household=False, button=False),
        Transition("end", "present", "recorded", _("End"), RUN, past=_("the activity ended without a check-out"), not_own_household=False,
                   button=False),
        Transition("confirm_first", "recorded", "once", _("Confirm"), RUN, guard=something_counted, past=_("confirmed first"), kind="approve"),
        Transition("confirm_second", "once", "confirmed", _("Confirm as second person"), CONFIRM, guard=something_counted,
                   four_eyes_against=("confirm_first",), past=_("confirmed second"), kind="approve"),
        Transition("correct", ("recorded", "once", "confirmed"), "recorded", _("Correct"), RUN, past=_("corrected"), needs_reason=True,
                   reasons=CORRECT_REASONS, button=False),
        Transition("withdraw", ("present", "recorded", "once", "confirmed"), "withdrawn", _("Withdraw"), RUN, past=_("withdrawn"),
                   needs_reason=True, reasons=WITHDRAW_REASONS, button=False),
    ),
)  # fmt: skip
