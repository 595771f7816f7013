"""The life of an objection: answered within seven working days by somebody who was not involved, else by the township.

Whoever objected and was dismissed may appeal to the township, which decides for good.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.workflow.lifecycle import Deadline, Lifecycle, Reason, State, Transition

FILE = "notices.objection.file"
ENTER = "notices.objection.enter"
DECIDE = "notices.objection.decide"
DECIDE_APPEAL = "notices.objection.decide_appeal"

#: Codes an objector chooses from; his own words go into a note.
GROUNDS = (
    Reason("not_done", _("It was not done, or not like this")),
    Reason("wrong_household", _("Another household did it")),
    Reason("wrong_points", _("The points are not what the charter says")),
    Reason("counted_twice", _("It was counted twice")),
    Reason("other", _("Something else")),
)

ANSWER = Deadline(working_days=7, basis="Wendeng measures: objections are answered within 7 working days")
#: How long after the answer the objecting household may appeal to the township.
APPEAL_WITHIN = Deadline(working_days=10, basis="charter")

DISMISSAL_REASONS = (
    Reason("evidence_holds", _("The evidence was checked again and holds")),
    Reason("charter_applied", _("The charter was applied as written")),
    Reason("no_ground", _("Nothing was found that supports the objection")),
)

OBJECTION = Lifecycle(
    name="notices.objection",
    label=_("Objection to a published line"),
    model="notices.Objection",
    initial="filed",
    confidential=True,
    opening_actions={
        "filed": _("Objection filed"),
        "filed_on_paper": _("Objection on paper entered by the clerk"),
    },
    states=(
        State("filed", _("waits for an answer"), owner=DECIDE, deadline=ANSWER),
        State("at_township", _("waits for the township"), owner=DECIDE_APPEAL, deadline=ANSWER),
        State("upheld", _("upheld"), terminal=True),
        State("dismissed", _("dismissed"), terminal=True),
        State("taken_back", _("taken back"), terminal=True),
        State("upheld_by_township", _("upheld by the township"), terminal=True),
        State("dismissed_by_township", _("dismissed by the township"), terminal=True),
    ),
    transitions=(
        Transition(
            "dismiss",
            "filed",
            "dismissed",
            _("Dismiss the objection"),
            permission=DECIDE,
            guard="xinzhi.kernel.notices.guards.not_involved",
            four_eyes_against=("filed",),
            needs_reason=True,
            reasons=DISMISSAL_REASONS,
            past=_("Objection dismissed"),
            bulk=False,
            kind="return",
        ),
        Transition(
            "uphold",
            "filed",
            "upheld",
            _("Uphold and remove the line"),
            permission=DECIDE,
            guard="xinzhi.kernel.notices.guards.not_involved",
            four_eyes_against=("filed",),
            needs_reason=True,
            reasons=GROUNDS,
            past=_("Objection upheld"),
            bulk=False,
            kind="approve",
        ),
        Transition(
            "hand_over",
            "filed",
            "at_township",
            _("Hand over to the township"),
            permission=DECIDE,
            past=_("not answered in time, handed over to the township"),
            button=False,
        ),
        Transition(
            "appeal",
            "dismissed",
            "at_township",
            _("Appeal to the township"),
            permission=FILE,
            guard="xinzhi.kernel.notices.guards.may_appeal",
            by_household="objector_household_id",
            not_own_household=False,
            past=_("Appeal to the township"),
            button=False,
            bulk=False,
        ),
        Transition(
            "appeal_on_paper",
            "dismissed",
            "at_township",
            _("Enter an appeal on paper"),
            permission=ENTER,
            guard="xinzhi.kernel.notices.guards.in_time",
            past=_("Appeal on paper entered by the clerk"),
            button=False,
            bulk=False,
        ),
        Transition(
            "dismiss_appeal",
            "at_township",
            "dismissed_by_township",
            _("Dismiss for good"),
            permission=DECIDE_APPEAL,
            guard="xinzhi.kernel.notices.guards.not_involved",
            four_eyes_against=("filed", "dismiss"),
            needs_reason=True,
            reasons=DISMISSAL_REASONS,
            past=_("Dismissed by the township"),
            bulk=False,
            kind="return",
        ),
        Transition(
            "uphold_appeal",
            "at_township",
            "upheld_by_township",
            _("Uphold and remove the line"),
            permission=DECIDE_APPEAL,
            guard="xinzhi.kernel.notices.guards.not_involved",
            four_eyes_against=("filed", "dismiss"),
            needs_reason=True,
            reasons=GROUNDS,
            past=_("Upheld by the township"),
            bulk=False,
            kind="approve",
        ),
        Transition(
            "take_back",
            ("filed", "at_township"),
            "taken_back",
            _("Take the objection back"),
            permission=FILE,
            guard="xinzhi.kernel.notices.guards.by_objector",
            by_household="objector_household_id",
            not_own_household=False,
            past=_("Objection taken back"),
            button=False,
            bulk=False,
        ),
    ),
)
