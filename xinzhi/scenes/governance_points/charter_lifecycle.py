"""The life of a points charter: draft → put to the vote → passed → minutes signed → published → filed → in force.

Deadlines of the law are given by the services from the legal profile of the place and day (`due_at`); those written here are the village's own.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.workflow.lifecycle import Deadline, Escalation, Lifecycle, Reason, State, Transition

MANAGE = "governance_points.charter.manage"
VIEW_DRAFTS = "governance_points.charter.view_drafts"
REVIEW = "governance_points.charter.review"

CORRECTION_REASONS = (
    Reason("against_law", _("It contradicts a law, a regulation or the state's policy")),
    Reason("against_rights", _("It touches rights of person, democracy or property")),
    Reason("procedure", _("Notice, quorum or vote were not as the law asks")),
    Reason("unclear", _("A rule can not be understood, or has no basis")),
)

#: The township itself has the case, so the county hears of it when it stays silent.
_COUNTY = (Escalation("workflow.overdue.county", Deadline(working_days=5)),)

CHARTER_DRAFT = Lifecycle(
    name="governance_points.charter_draft",
    label=_("Charter draft"),
    model="governance_points.CharterDraft",
    initial="draft",
    opening_actions={"started": _("started")},
    states=(
        State("draft", _("being written"), owner=MANAGE, deadline=Deadline(days=60, basis="charter")),
        State("checked", _("put to the vote"), owner=MANAGE, deadline=Deadline(days=60, basis="charter")),
        State("passed", _("passed; the signed minutes are missing"), owner=MANAGE, deadline=Deadline(working_days=3, basis="charter")),
        State("signed", _("passed, to be published"), owner=MANAGE, deadline=Deadline(working_days=2, basis="charter")),
        State("published", _("published, to be filed with the township"), owner=MANAGE, deadline=Deadline(days=10, basis="Huzhou regulation art. 14")),
        State(
            "filed", _("filed; the township looks at it"), owner=REVIEW, escalation=_COUNTY,
            deadline=Deadline(days=30, basis="Huzhou regulation art. 14"),
        ),
        State("accepted", _("on file, to be brought into force"), owner=MANAGE, deadline=Deadline(days=30, basis="charter")),
        State("to_correct", _("to be corrected by order of the township"), owner=MANAGE, deadline=Deadline(days=30, basis="charter")),
        State("in_force", _("in force"), terminal=True),
        State("withdrawn", _("withdrawn"), terminal=True),
    ),
    transitions=(
        Transition("check", "draft", "checked", _("Put to the vote"), MANAGE, past=_("put before the villagers"), button=False),
        Transition("reopen", "checked", "draft", _("Change it again"), MANAGE, past=_("taken back to be changed"), button=False),
        Transition("pass", "checked", "passed", _("Enter the vote"), MANAGE, past=_("passed by the villagers"), button=False),
        Transition("lose", "checked", "draft", _("Enter the vote"), MANAGE, past=_("not passed by the villagers"), button=False),
        Transition("sign", "passed", "signed", _("Attach the signed minutes"), MANAGE, past=_("signed minutes attached"), button=False),
        Transition("publish", "signed", "published", _("Publish"), MANAGE, past=_("published"), button=False),
        Transition("file", "published", "filed", _("File with the township"), MANAGE, past=_("filed with the township"), button=False),
        Transition(
            "accept", "filed", "accepted", _("Take on file"), REVIEW, past=_("taken on file without remarks"), kind="approve",
            four_eyes_against=("file",), bulk=False,
        ),
        Transition(
            "order_correction", "filed", "to_correct", _("Order a correction"), REVIEW, past=_("correction ordered by the township"),
            kind="return", needs_reason=True, reasons=CORRECTION_REASONS, four_eyes_against=("file",), bulk=False,
        ),
        Transition("mend", "to_correct", "draft", _("Correct it"), MANAGE, past=_("taken up to be corrected"), button=False),
        Transition(
            "bring_into_force", ("filed", "accepted"), "in_force", _("Bring into force"), MANAGE, past=_("brought into force"),
            button=False,
        ),
        Transition(
            "withdraw", ("draft", "checked", "passed", "signed", "to_correct"), "withdrawn", _("Withdraw"), MANAGE,
            past=_("withdrawn"), button=False,
        ),
    ),
)  # fmt: skip

#: What everybody may read: from the day it is put to the vote, as villagers are asked before they decide (Zhejiang measures art. 12).
PUBLIC_STATES = ("checked", "passed", "signed", "published", "filed", "accepted", "to_correct")
#: The way, for the page that shows how far it has come.
WAY = ("draft", "checked", "passed", "signed", "published", "filed", "accepted", "in_force")
