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
        Permission(
            "notices.objection.decide_appeal", _("Decide appeals and objections nobody answered in time")
        ),
        Permission("notices.delivery.handle", _("See messages that did not arrive and try again")),
        Permission("notices.delivery.set_rules", _("Set quiet hours and the daily cap of messages")),
    ),
    roles={
        "village_clerk": (
            *_OFFICE,
            "notices.delivery.handle",
            "notices.publication.open",
            "notices.objection.enter",
            "notices.objection.decide",
        ),
        "council_member": (*_OFFICE, "notices.objection.decide"),
        "supervisor": _OFFICE,
        "township_officer": (
            "notices.publication.read_for_purpose",
            "notices.objection.decide_appeal",
            "notices.delivery.set_rules",
        ),
        "county_officer": ("notices.delivery.set_rules",),
        "platform_admin": ("notices.delivery.handle", "notices.delivery.set_rules"),
    },
    own_permissions=("notices.publication.read", "notices.objection.file"),
    lifecycles=("lifecycle.OBJECTION",),
    labels={
        "notices.closing": _("Lists at the end of their display"),
        "notices.choose_channel": _("Chose how to be told"),
        "notices.try_again": _("Sent a message again that had not arrived"),
        "notices.told_in_person": _("Told a message in person"),
        "notices.set_sending_rule": _("Set quiet hours"),
    },
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
        MenuItem(
            audience="workbench",
            label=_("Messages that did not arrive"),
            url_name="notices:undelivered",
            icon="mail-warning",
            permission="notices.delivery.handle",
            order=70,
        ),
    ),
    questions=("Which grounds for objections does the township want to count?",),
)
