"""The life of a deed (善行): claimed → verified → published → in the ledger."""

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
#: A household's claim is its own to mend; what the office entered, the office mends.
CLAIMANT = PermissionBy(
    "claimant", {"household": "governance_points.deed.claim", "office": "governance_points.deed.enter"}
)

#: States whose points count towards caps.
COUNTING_STATES = ("verified", "published", "posted")

RETURN_REASONS = (
    Reason("photo_unclear", _("The photo does not show it clearly")),
    Reason("evidence_missing", _("Evidence is missing")),
    Reason("wrong_rule", _("Another rule fits better")),
    Reason("wrong_day", _("The day does not fit")),
    Reason("claimed_twice", _("It was claimed already")),
)

#: Why an entry is taken back: codes, so that no personal text reaches the ledger.
REVERSAL_REASONS = (
    Reason("wrong_household", _("It belongs to another household")),
    Reason("wrong_rule", _("It was entered under the wrong rule")),
    Reason("wrong_quantity", _("Day, quantity or grade was wrong")),
    Reason("duplicate", _("It was entered twice")),
    Reason("not_done", _("It did not take place")),
)

DEED = Lifecycle(
    name="governance_points.deed",
    label=_("Deed"),
    model="governance_points.Deed",
    initial="submitted",
    opening_actions={"claimed": _("claimed"), "entered": _("entered")},
    states=(
        State("submitted", _("waiting to be verified"), owner=VERIFY, deadline=Deadline(working_days=5, basis="charter")),
        State(
            "returned", _("returned, please complete"), owner=CLAIMANT,
            deadline=Deadline(days=14, basis="charter"),
        ),
        State(
            "verified", _("waiting to be published"), owner="governance_points.deed.publish",
            deadline=Deadline(working_days=10, basis="charter"),
        ),
        State(
            "published", _("published"), owner="governance_points.deed.publish", deadline=Deadline(days=30, basis="charter"),
            waiting=True,
        ),
        State("posted", _("in the ledger"), terminal=True),
        State("reversed", _("reversed"), terminal=True),
        State("refused", _("struck from the list after an objection"), terminal=True),
        State("withdrawn", _("withdrawn"), terminal=True),
    ),
    transitions=(
        Transition(
            "verify", "submitted", "verified", _("Verify"), VERIFY, past=_("verified"), kind="approve",
            four_eyes_against=("claimed", "entered", "resubmit"),
        ),
        Transition(
            "return", "submitted", "returned", _("Return"), VERIFY, past=_("returned"), kind="return", needs_reason=True,
            reasons=RETURN_REASONS, four_eyes_against=("claimed", "entered", "resubmit"),
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
            "publish", "verified", "published", _("Publish"), "governance_points.deed.publish", past=_("published"),
            not_own_household=False, button=False,
        ),
        Transition(
            "post", "published", "posted", _("Post"), "governance_points.deed.publish", past=_("posted to the ledger"),
            not_own_household=False, button=False,
        ),
        Transition(
            "strike", "published", "refused", _("Strike"), "governance_points.deed.publish",
            past=_("struck after an objection was upheld"), not_own_household=False, button=False,
        ),
        Transition(
            "reverse", "posted", "reversed", _("Take back"), "governance_points.deed.correct",
            past=_("taken back by a contra entry"), needs_reason=True,
            reasons=REVERSAL_REASONS, button=False,
        ),
    ),
)  # fmt: skip
