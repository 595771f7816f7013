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
    ),
    roles={
        "village_clerk": (
            *_VIEW,
            "governance_points.charter.manage",
            "governance_points.deed.enter",
            "governance_points.deed.verify_as_clerk",
            "governance_points.deed.publish",
            "governance_points.deed.correct",
        ),
        "council_member": (*_VIEW, "governance_points.deed.verify_as_council"),
        "inspector": ("governance_points.deed.view", "governance_points.deed.enter", "governance_points.deed.verify_as_inspector"),
        "supervisor": _VIEW,
        "township_officer": (*_VIEW, "governance_points.charter.manage"),
    },
    own_permissions=(*_VIEW, "governance_points.deed.claim"),
    publishes=("governance_points.deed_posted.v1", "governance_points.deed_reversed.v1"),
    lifecycles=("lifecycle.DEED",),
    labels={
        "governance_points.statement": _("looked at your statement"),
        "governance_points.deed": _("looked at a deed with its evidence"),
        "governance_points.deed.entered": _("entered a deed for you"),
        "governance_points.deed.verify": _("verified your deed"),
        "governance_points.deed.return": _("returned your claim"),
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
            audience="workbench", label=_("Publish"), url_name="governance_points:desk-publish", icon="megaphone",
            permission="governance_points.deed.publish", order=50,
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
