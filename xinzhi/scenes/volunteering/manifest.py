from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import MenuItem, Permission, SceneManifest

_VIEW, _JOIN, _RUN = "volunteering.activity.view", "volunteering.activity.join", "volunteering.activity.run"
_CONFIRM = "volunteering.hours.confirm"

manifest = SceneManifest(
    slug="volunteering",
    name=_("Volunteering"),
    owner="xinzhi",
    permissions=(
        Permission(_VIEW, _("See activities and hours")),
        Permission(_JOIN, _("Sign up, check in, keep one's hours")),
        Permission(_RUN, _("Organise activities: open, check in, confirm first")),
        Permission(_CONFIRM, _("Confirm hours as the second person")),
    ),
    roles={
        "village_clerk": (_VIEW, _JOIN, _RUN, _CONFIRM),
        "council_member": (_VIEW, _CONFIRM),
        "inspector": (_VIEW, _JOIN, _RUN),
        "supervisor": (_VIEW,),
        "township_officer": (_VIEW,),
    },
    own_permissions=(_VIEW, _JOIN),
    lifecycles=("lifecycle.ACTIVITY", "lifecycle.HOURS"),
    labels={
        "volunteering.people": _("looked at who is signed up"),
        "volunteering.hours": _("looked at the hours of a volunteer"),
        "volunteering.sign_up": _("signed somebody up for an activity"),
        "volunteering.sign_off": _("signed somebody off from an activity"),
        "volunteering.certificate.issue": _("issued a certificate of hours"),
    },
    menu=(
        MenuItem(
            audience="villager", label=_("Volunteering"), url_name="volunteering:mine", icon="hand-heart",
            permission=_JOIN, order=46,
        ),
        MenuItem(
            audience="workbench", label=_("Volunteering"), url_name="volunteering:desk", icon="hand-heart",
            permission=_VIEW, order=46,
        ),
    ),
    questions=(
        "From which age may somebody volunteer without a guardian's written consent?",
        "Are hours also reported to the provincial volunteer platform (志愿浙江), and by whom?",
    ),
)  # fmt: skip
