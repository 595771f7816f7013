"""The lives of a deed (善行) and of a council meeting (议事会).

A good deed: claimed → verified → deliberated by the council where the charter asks for it, checked again by the township
where the rule asks for it → published → in the ledger. A deduction begins earlier: the household is told, may answer
and may make good; only what is then confirmed goes the same way.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.workflow.lifecycle import Deadline, Lifecycle, PermissionBy, Reason, State, Transition

#: Who verifies is said by the rule, and each verifier has a permission of his own.
VERIFY_PERMISSIONS = {
    "village_clerk": "governance_points.deed.verify_as_clerk",
    "inspector": "governance_points.deed.verify_as_inspector",
    "council_member": "governance_points.deed.verify_as_council",
}
VERIFY = PermissionBy("verifier_role", VERIFY_PERMISSIONS)
ENTER = "governance_points.deed.enter"
PUBLISH = "governance_points.deed.publish"
CORRECT = "governance_points.deed.correct"
RECHECK = "governance_points.deed.recheck"
#: The household's own: to answer what it is told, and to say that it has made good.
ANSWER = "governance_points.deed.answer"
KEEP_MEETINGS = "governance_points.council.keep"
#: A household's claim is its own to mend; what the office entered, the office mends.
CLAIMANT = PermissionBy("claimant", {"household": "governance_points.deed.claim", "office": ENTER})

#: States whose points count towards caps.
COUNTING_STATES = ("verified", "rechecking", "approved", "published", "posted")

#: How long a household may answer before anybody decides. Wendeng measures art. 32: the person is told first.
REPLY_DAYS = 7

#: The steps with which a household speaks in a hearing: the council reads what was written with them.
REPLY_ACTIONS = ("reply", "reply_on_paper", "make_good", "notified")

RETURN_REASONS = (
    Reason("photo_unclear", _("The photo does not show it clearly")),
    Reason("evidence_missing", _("Evidence is missing")),
    Reason("wrong_rule", _("Another rule fits better")),
    Reason("wrong_day", _("The day does not fit")),
    Reason("claimed_twice", _("It was claimed already")),
)
COUNCIL_REASONS = (
    *RETURN_REASONS,
    Reason("not_convinced", _("The council was not convinced that it took place")),
)
RECHECK_REASONS = (
    Reason("evidence_missing", _("Evidence is missing")),
    Reason("wrong_rule", _("Another rule fits better")),
    Reason("minutes_missing", _("The minutes do not show how the council decided")),
)
DROP_REASONS = (
    Reason("explained", _("The household explained it")),
    Reason("not_proven", _("It is not proven")),
    Reason("wrong_household", _("It belongs to another household")),
)
REPAIR_REASONS = (
    Reason("not_yet", _("It is not made good yet")),
    Reason("photo_unclear", _("The photo does not show it clearly")),
)

#: Why an entry is taken back: codes, so that no personal text reaches the ledger.
REVERSAL_REASONS = (
    Reason("wrong_household", _("It belongs to another household")),
    Reason("wrong_rule", _("It was entered under the wrong rule")),
    Reason("wrong_quantity", _("Day, quantity or grade was wrong")),
    Reason("duplicate", _("It was entered twice")),
    Reason("not_done", _("It did not take place")),
)

DEED_STATES = (
    State("submitted", _("waiting to be verified"), owner=VERIFY, deadline=Deadline(working_days=5, basis="charter")),
    State("returned", _("returned, please complete"), owner=CLAIMANT, deadline=Deadline(days=14, basis="charter")),
    State(
        "noticed", _("the household was told and may answer"), owner=VERIFY, waiting=True,
        deadline=Deadline(days=REPLY_DAYS, basis="Wendeng measures art. 32"),
    ),
    State("heard", _("waiting for a decision after the hearing"), owner=VERIFY, deadline=Deadline(working_days=7, basis="charter")),
    State("mended", _("made good, waiting for a look"), owner=VERIFY, deadline=Deadline(working_days=5, basis="charter")),
    State("verified", _("verified"), owner=PUBLISH, deadline=Deadline(working_days=10, basis="charter")),
    State(
        "rechecking", _("the township checks again"), owner=RECHECK,
        deadline=Deadline(days=10, basis="Wendeng measures: before the 10th of each month"),
    ),
    State("approved", _("waiting to be published"), owner=PUBLISH, deadline=Deadline(working_days=10, basis="charter")),
    State("published", _("published"), owner=PUBLISH, deadline=Deadline(days=30, basis="charter"), waiting=True),
    State("repair_claimed", _("made good afterwards, waiting for a look"), owner=VERIFY, deadline=Deadline(working_days=5, basis="charter")),
    State("posted", _("in the ledger"), terminal=True),
    State("reversed", _("reversed"), terminal=True),
    State("refused", _("struck from the list after an objection"), terminal=True),
    State("withdrawn", _("withdrawn"), terminal=True),
    State("dropped", _("dropped after the hearing"), terminal=True),
    State("repaired", _("made good; nothing is taken"), terminal=True),
)  # fmt: skip

_VERIFYING = (
    Transition(
        "verify", "submitted", "verified", _("Verify"), VERIFY, past=_("verified"), kind="approve",
        four_eyes_against=("claimed", "entered", "resubmit", "observed"),
    ),
    Transition(
        "return", "submitted", "returned", _("Return"), VERIFY, past=_("returned"), kind="return", needs_reason=True,
        reasons=RETURN_REASONS, four_eyes_against=("claimed", "entered", "resubmit", "observed"),
    ),
    Transition(
        "resubmit", "returned", "submitted", _("Submit again"), CLAIMANT, past=_("submitted again"),
        not_own_household=False, bulk=False, button=False,
    ),
    Transition(
        "withdraw", ("submitted", "returned"), "withdrawn", _("Withdraw"), CLAIMANT,
        past=_("withdrawn"), not_own_household=False, bulk=False, button=False,
    ),
    Transition(
        "unsay", ("submitted", "returned", "verified", "rechecking", "approved"), "withdrawn", _("Withdraw"), ENTER,
        past=_("taken back by the scene that had seen it"), not_own_household=False, bulk=False, button=False,
    ),
)  # fmt: skip

_HEARING = (
    Transition(
        "reply", ("noticed", "heard"), "heard", _("Answer"), ANSWER, past=_("answered by the household"),
        not_own_household=False, bulk=False, button=False,
    ),
    Transition(
        "reply_on_paper", ("noticed", "heard"), "heard", _("Enter the answer"), ENTER,
        past=_("answered on paper, entered by the office"), bulk=False, button=False,
    ),
    Transition(
        "end_reply_time", "noticed", "heard", _("End the time to answer"), VERIFY, past=_("time to answer was over"),
        not_own_household=False, button=False,
    ),
    Transition(
        "make_good", ("noticed", "heard"), "mended", _("Made good"), ANSWER, past=_("the household says it made good"),
        not_own_household=False, bulk=False, button=False,
    ),
    Transition(
        "make_good_later", "posted", "repair_claimed", _("Made good"), ANSWER, past=_("the household says it made good"),
        not_own_household=False, bulk=False, button=False,
        guard="xinzhi.scenes.governance_points.guards.deductions_only",
    ),
    Transition(
        "confirm", "heard", "verified", _("Confirm the deduction"), VERIFY, past=_("confirmed after the hearing"),
        kind="approve", four_eyes_against=("notified",), bulk=False,
    ),
    Transition(
        "drop", "heard", "dropped", _("Drop it"), VERIFY, past=_("dropped after the hearing"), kind="return",
        needs_reason=True, reasons=DROP_REASONS, bulk=False,
    ),
    Transition(
        "accept_repair", ("mended", "repair_claimed"), "repaired", _("It is made good"), VERIFY,
        past=_("seen: it is made good"), kind="approve", bulk=False,
    ),
    Transition(
        "refuse_repair", "mended", "heard", _("Not made good yet"), VERIFY, past=_("seen: it is not made good yet"),
        kind="return", needs_reason=True, reasons=REPAIR_REASONS, bulk=False,
    ),
    Transition(
        "refuse_later_repair", "repair_claimed", "posted", _("Not made good yet"), VERIFY,
        past=_("seen: it is not made good yet"), kind="return", needs_reason=True, reasons=REPAIR_REASONS, bulk=False,
    ),
)  # fmt: skip

#: The council decides as a body in its meeting; who keeps its minutes enters what it decided.
_COUNCIL = (
    Transition(
        "approve", "verified", "approved", _("Approve"), KEEP_MEETINGS, past=_("approved by the council"),
        not_own_household=False, button=False,
    ),
    Transition(
        "approve_for_recheck", "verified", "rechecking", _("Approve"), KEEP_MEETINGS, past=_("approved by the council"),
        not_own_household=False, button=False,
    ),
    Transition(
        "council_return", "verified", "returned", _("Return"), KEEP_MEETINGS, past=_("returned by the council"),
        needs_reason=True, reasons=COUNCIL_REASONS, not_own_household=False, button=False,
    ),
    Transition(
        "council_drop", "verified", "dropped", _("Drop it"), KEEP_MEETINGS, past=_("dropped by the council"),
        needs_reason=True, reasons=COUNCIL_REASONS, not_own_household=False, button=False,
    ),
    Transition(
        "confirm_recheck", "rechecking", "approved", _("Checked again"), RECHECK, past=_("checked again by the township"),
        kind="approve",
    ),
    Transition(
        "recheck_return", "rechecking", "verified", _("Back to the council"), RECHECK,
        past=_("sent back to the council by the township"), kind="return", needs_reason=True, reasons=RECHECK_REASONS,
    ),
)  # fmt: skip

_POSTING = (
    Transition(
        "publish", ("verified", "approved"), "published", _("Publish"), PUBLISH, past=_("published"),
        not_own_household=False, button=False, guard="xinzhi.scenes.governance_points.guards.deliberated",
    ),
    Transition(
        "post", "published", "posted", _("Post"), PUBLISH, past=_("posted to the ledger"),
        not_own_household=False, button=False,
    ),
    Transition(
        "strike", "published", "refused", _("Strike"), PUBLISH,
        past=_("struck after an objection was upheld"), not_own_household=False, button=False,
    ),
    Transition(
        "reverse", "posted", "reversed", _("Take back"), CORRECT,
        past=_("taken back by a contra entry"), needs_reason=True,
        reasons=REVERSAL_REASONS, button=False,
    ),
)  # fmt: skip

DEED = Lifecycle(
    name="governance_points.deed",
    label=_("Deed"),
    model="governance_points.Deed",
    initial="submitted",
    opening_actions={
        "claimed": _("claimed"),
        "entered": _("entered"),
        "notified": _("the household was told"),
        "observed": _("seen and confirmed by another scene"),
    },
    opening_states={"notified": "noticed"},
    states=DEED_STATES,
    transitions=(*_VERIFYING, *_HEARING, *_COUNCIL, *_POSTING),
)

MEETING = Lifecycle(
    name="governance_points.meeting",
    label=_("Council meeting"),
    model="governance_points.CouncilMeeting",
    initial="prepared",
    opening_actions={"called": _("called")},
    states=(
        State("prepared", _("called, not held yet"), owner=KEEP_MEETINGS, deadline=Deadline(days=3, basis="charter")),
        State("held", _("held; the signed minutes are missing"), owner=KEEP_MEETINGS, deadline=Deadline(working_days=5, basis="charter")),
        State("filed", _("held, minutes signed"), terminal=True),
        State("called_off", _("called off"), terminal=True),
    ),
    transitions=(
        Transition("hold", "prepared", "held", _("Hold"), KEEP_MEETINGS, past=_("held"), button=False),
        Transition("file", "held", "filed", _("File the minutes"), KEEP_MEETINGS, past=_("signed minutes attached"), button=False),
        Transition("call_off", "prepared", "called_off", _("Call off"), KEEP_MEETINGS, past=_("called off"), button=False),
    ),
)  # fmt: skip
