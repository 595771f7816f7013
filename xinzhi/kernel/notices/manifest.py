from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import MenuItem, Permission, SceneManifest

_OFFICE = ("notices.publication.read_in_full",)

manifest = SceneManifest(
    slug="notices",
    name=_("Notices and publications"),
    owner="kernel",
    permissions=(
        Permission("notices.publication.open", _("Put lists on display and take them down")),
        Permission("notices.publication.read", _("Read the masked lists of the own village")),
        Permission("notices.publication.read_in_full", _("Read lists in full")),
        Permission("notices.publication.read_for_purpose", _("Read lists in full for a stated purpose")),
        Permission("notices.objection.file", _("Object to a line for the own household")),
        Permission("notices.objection.enter", _("Enter an objection that came on paper")),
        Permission("notices.objection.decide", _("Answer objections")),
    ),
    roles={
        "village_clerk": (
            *_OFFICE,
            "notices.publication.open",
            "notices.objection.enter",
            "notices.objection.decide",
        ),
        "council_member": (*_OFFICE, "notices.objection.decide"),
        "supervisor": _OFFICE,
        "township_officer": ("notices.publication.read_for_purpose",),
    },
    own_permissions=("notices.publication.read", "notices.objection.file"),
    lifecycles=("lifecycle.OBJECTION",),
    labels={"notices.closing": _("Lists at the end of their display")},
    menu=(
        MenuItem(audience="villager", label=_("Lists"), url_name="notices:board", icon="megaphone", order=40),
        MenuItem(
            audience="workbench",
            label=_("Lists on display"),
            url_name="notices:board",
            icon="clipboard-list",
            permission="notices.publication.read_in_full",
            order=55,
        ),
    ),
    questions=("Which grounds for objections does the township want to count?",),
)
