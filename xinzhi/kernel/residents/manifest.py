from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import MenuItem, Permission, SceneManifest
from xinzhi.kernel.residents.purposes import PURPOSES

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
    menu=(
        MenuItem(
            audience="workbench",
            label=_("Roster"),
            url_name="residents:roster",
            icon="contact",
            permission="residents.roster.import",
            order=65,
        ),
    ),
    own_permissions=("residents.household.view", "residents.person.reveal"),
    # words for the codes that stand in audit records, for "who looked at my data"
    labels={
        "residents.register_household": _("Registered the household"),
        "residents.add_member": _("Added a member"),
        "residents.end_membership": _("Ended a membership"),
        "residents.change_household": _("Changed the household"),
        "residents.change_person": _("Changed a person's record"),
        "residents.set_value": _("Changed a personal value"),
        "residents.reveal": _("Revealed a personal value"),
        "residents.erase_person": _("Erased a person"),
        "residents.import_roster": _("Imported a roster"),
        "api.residents.household": _("The household, read by a connected system"),
        "residents.field.name": _("name"),
        "residents.field.id_number": _("identity number"),
        "residents.field.birth_date": _("date of birth"),
        "residents.field.birth_year": _("year of birth"),
        "residents.field.phone": _("phone"),
        "residents.field.bank_card": _("bank card"),
        "residents.field.address": _("address"),
        "residents.field.phone_masked": _("phone (masked)"),
        "residents.field.id_number_masked": _("identity number (masked)"),
        "residents.field.bank_card_masked": _("bank card (masked)"),
        **{f"residents.purpose.{purpose.code}": purpose.label for purpose in PURPOSES},
        "residents.erasure.requested": _("At the person's request"),
        "residents.erasure.no_longer_needed": _("No longer needed"),
        "residents.erasure.entered_by_mistake": _("Entered by mistake"),
        "residents.erasure.consent_withdrawn": _("Consent withdrawn"),
    },
)
