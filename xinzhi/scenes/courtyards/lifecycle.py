"""The life of a courtyard in a round: two look at it by themselves, a third where they differ, seven days to make good."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.workflow.lifecycle import Deadline, Lifecycle, Reason, State, Transition

SCORE = "courtyards.yard.score"
KEEP = "courtyards.round.keep"
SET_ASIDE = "courtyards.yard.set_aside"

SET_ASIDE_REASONS = (
    Reason("wrong_household", _("It was another household's courtyard")),
    Reason("not_as_scored", _("It was looked at again and is not as it was scored")),
    Reason("no_consent", _("The people of the house had not consented")),
)

#: A round is seen to by its own clock: its courtyards wait there, not in the inbox, until they are overdue.
YARD = Lifecycle(
    name="courtyards.yard",
    label=_("Courtyard"),
    model="courtyards.Yard",
    initial="open",
    opening_actions={"listed": _("listed for the round")},
    states=(
        State("open", _("to be looked at"), owner=SCORE, waiting=True, deadline=Deadline(days=30, basis="charter")),
        State("third", _("a third look is needed"), owner=SCORE, deadline=Deadline(working_days=5, basis="village.md 4.1")),
        State("rectifying", _("time to make good"), owner=SCORE, waiting=True, deadline=Deadline(days=7, basis="village.md 4.1")),
        State("graded", _("graded"), terminal=True),
        State("unscored", _("without a score"), terminal=True),
        State("set_aside", _("set aside"), terminal=True),
    ),
    transitions=(
        Transition("ask_third", "open", "third", _("Ask a third"), SCORE, past=_("the two scores lie far apart"), button=False),
        Transition("rectify", ("open", "third"), "rectifying", _("Give time"), SCORE, past=_("time was given to make good"), button=False),
        Transition("grade", ("open", "third", "rectifying"), "graded", _("Grade"), SCORE, past=_("graded"), button=False),
        Transition("leave_out", ("open", "third"), "unscored", _("Leave out"), KEEP, past=_("the round ended without a score"),
                   not_own_household=False, button=False),
        Transition("let_stand", "rectifying", "graded", _("Let the first score stand"), KEEP, past=_("not looked at again; the first score stands"),
                   button=False),
        Transition("set_aside", "graded", "set_aside", _("Set aside"), SET_ASIDE, past=_("set aside"), needs_reason=True,
                   reasons=SET_ASIDE_REASONS, button=False),
    ),
)  # fmt: skip
#: Whose scores may be seen: until then nobody sees what the other found.
TOLD_STATES = ("rectifying", "graded", "set_aside")
