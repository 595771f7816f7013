from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import MenuItem, Permission, SceneManifest

_VIEW = ("governance_points.deed.view", "governance_points.statement.view")

manifest = SceneManifest(
    slug="governance_points",
    name=_("Governance points"),
    owner="xinzhi",
    permissions=(
        Permission("governance_points.charter.manage", _("Adopt the charter")),
        Permission("governance_points.deed.view", _("See deeds")),
        Permission("governance_points.statement.view", _("See statements")),
        Permission("governance_points.deed.claim", _("Claim deeds")),
        Permission("governance_points.deed.enter", _("Enter deeds for a household")),
        Permission("governance_points.deed.verify_as_clerk", _("Verify deeds as a village clerk")),
        Permission("governance_points.deed.verify_as_inspector", _("Verify deeds as an inspector")),
        Permission("governance_points.deed.verify_as_council", _("Verify deeds as a council member")),
        Permission("governance_points.deed.publish", _("Publish deeds")),
        Permission("governance_points.deed.correct", _("Correct posted deeds")),
        Permission("governance_points.deed.recheck", _("Check again what a council approved")),
        Permission("governance_points.deed.answer", _("Answer a deduction and make it good")),
        Permission("governance_points.report.fill", _("Fill the monthly forms")),
        Permission("governance_points.report.manage", _("Keep the forms that are asked for")),
        Permission("governance_points.budget.record", _("Record the budget of the points")),
        Permission("governance_points.council.view", _("See meetings of the council")),
        Permission("governance_points.council.keep", _("Call meetings of the council and keep their minutes")),
    ),
    roles={
        "village_clerk": (
            *_VIEW,
            "governance_points.charter.manage",
            "governance_points.deed.enter",
            "governance_points.deed.verify_as_clerk",
            "governance_points.deed.publish",
            "governance_points.deed.correct",
            "governance_points.budget.record",
            "governance_points.council.view",
            "governance_points.council.keep",
            "governance_points.report.fill",
            "governance_points.report.manage",
        ),
        "council_member": (*_VIEW, "governance_points.deed.verify_as_council", "governance_points.council.view"),
        "inspector": ("governance_points.deed.view", "governance_points.deed.enter", "governance_points.deed.verify_as_inspector"),
        "accountant": ("governance_points.statement.view", "governance_points.budget.record"),
        "supervisor": (*_VIEW, "governance_points.council.view"),
        "township_officer": (
            *_VIEW,
            "governance_points.charter.manage",
            "governance_points.council.view",
            "governance_points.deed.recheck",
            "governance_points.report.fill",
            "governance_points.report.manage",
        ),
    },
    own_permissions=(*_VIEW, "governance_points.deed.claim", "governance_points.deed.answer"),
    publishes=("governance_points.deed_posted.v1", "governance_points.deed_reversed.v1"),
    listens={
        "rules.deed_observed.v1": "handlers.on_deed_observed",
        "rules.deed_withdrawn.v1": "handlers.on_deed_withdrawn",
    },
    lifecycles=("lifecycle.DEED", "lifecycle.MEETING"),
    labels={
        "governance_points.statement": _("looked at your statement"),
        "governance_points.deed": _("looked at a deed with its evidence"),
        "governance_points.follow_split": _("divided points when the household split"),
        "governance_points.follow_merge": _("brought points together when households merged"),
        "governance_points.deed.entered": _("entered a deed for you"),
        "governance_points.deed.verify": _("verified your deed"),
        "governance_points.deed.return": _("returned your claim"),
        "governance_points.deed.notified": _("told you of a deduction"),
        "governance_points.deed.reply_on_paper": _("entered your answer"),
        "governance_points.deed.confirm": _("confirmed a deduction"),
        "governance_points.deed.drop": _("dropped a deduction"),
        "governance_points.deed.accept_repair": _("saw that you made good"),
        "governance_points.deed.approve": _("entered the council's decision about your deed"),
        "governance_points.deed.confirm_recheck": _("checked your deed again for the township"),
        "governance_points.deed.publish": _("published your deed"),
        "governance_points.deed.post": _("posted your deed to the ledger"),
        "governance_points.deed.reverse": _("took an entry of yours back"),
    },
    menu=(
        MenuItem(audience="villager", label=_("Points"), url_name="governance_points:home", icon="home", order=10),
        MenuItem(audience="villager", label=_("Claim"), url_name="governance_points:claim", icon="camera", order=20),
        MenuItem(audience="villager", label=_("Statement"), url_name="governance_points:statement", icon="list", order=30),
        MenuItem(
            audience="workbench", label=_("Deeds"), url_name="governance_points:desk-deeds", icon="list-checks",
            permission="governance_points.deed.view", order=20,
        ),
        MenuItem(
            audience="workbench", label=_("Enter a deed"), url_name="governance_points:desk-enter", icon="square-pen",
            permission="governance_points.deed.enter", order=30,
        ),
        MenuItem(
            audience="workbench", label=_("Score sheet"), url_name="governance_points:desk-sheet", icon="table",
            permission="governance_points.deed.enter", order=40,
        ),
        MenuItem(
            audience="workbench", label=_("Deductions"), url_name="governance_points:desk-deduction", icon="hand",
            permission="governance_points.deed.enter", order=42,
        ),
        MenuItem(
            audience="workbench", label=_("Council"), url_name="governance_points:desk-council", icon="users-round",
            permission="governance_points.council.view", order=45,
        ),
        MenuItem(
            audience="workbench", label=_("Publish"), url_name="governance_points:desk-publish", icon="megaphone",
            permission="governance_points.deed.publish", order=50,
        ),
        MenuItem(
            audience="workbench", label=_("Overview"), url_name="governance_points:desk-overview", icon="chart-column",
            permission="governance_points.statement.view", order=15,
        ),
        MenuItem(
            audience="workbench", label=_("Is it fair?"), url_name="governance_points:desk-fairness", icon="scale",
            permission="governance_points.statement.view", order=16,
        ),
        MenuItem(
            audience="workbench", label=_("Points budget"), url_name="governance_points:desk-budget", icon="coins",
            permission="governance_points.budget.record", order=56,
        ),
        MenuItem(
            audience="workbench", label=_("Reports"), url_name="governance_points:desk-reports", icon="file-spreadsheet",
            permission="governance_points.report.fill", order=58,
        ),
        MenuItem(
            audience="workbench", label=_("Households"), url_name="governance_points:desk-households", icon="users",
            permission="governance_points.statement.view", order=60,
        ),
        MenuItem(
            audience="workbench", label=_("Charter"), url_name="governance_points:desk-charter", icon="scroll-text",
            permission="governance_points.deed.view", order=70,
        ),
    ),
)  # fmt: skip
