from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import Permission, SceneManifest

manifest = SceneManifest(
    slug="residents",
    name=_("Residents"),
    owner="kernel",
    permissions=(
        Permission("residents.household.list", _("List households with masked names")),
        Permission("residents.household.view", _("See a household and the names of its members")),
        Permission("residents.household.edit", _("Enter and correct households and persons")),
        Permission("residents.roster.import", _("Import a roster")),
        Permission(
            "residents.person.reveal", _("Reveal an identity number, phone or bank card for a purpose")
        ),
        Permission("residents.person.erase", _("Erase a person")),
    ),
    roles={
        "village_clerk": (
            "residents.household.list",
            "residents.household.view",
            "residents.household.edit",
            "residents.roster.import",
            "residents.person.reveal",
        ),
        "council_member": ("residents.household.list", "residents.household.view"),
        "inspector": ("residents.household.list",),
        "accountant": ("residents.household.list", "residents.household.view"),
        "supervisor": ("residents.household.list", "residents.household.view"),
        "township_officer": (
            "residents.household.list",
            "residents.household.view",
            "residents.household.edit",
            "residents.roster.import",
            "residents.person.reveal",
            "residents.person.erase",
        ),
        "platform_admin": ("residents.person.erase",),
    },
    own_permissions=("residents.household.view", "residents.person.reveal"),
)
