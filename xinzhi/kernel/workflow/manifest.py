from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import MenuItem, Permission, SceneManifest

manifest = SceneManifest(
    slug="workflow",
    name=_("Inbox and cases"),
    owner="kernel",
    permissions=(
        Permission("workflow.overdue.township", _("See what is overdue in the villages and remind them")),
        Permission("workflow.overdue.county", _("See what the townships left overdue")),
    ),
    roles={
        "township_officer": ("workflow.overdue.township",),
        "county_officer": ("workflow.overdue.county",),
    },
    menu=(
        MenuItem(audience="workbench", label=_("Inbox"), url_name="workflow:inbox", icon="inbox", order=10),
    ),
    questions=(
        "Who stands in for a clerk on leave: a dated role grant, or a substitute named by the clerk?",
        "May a township decide a case in the village's place when it escalates, or only remind?",
    ),
)
