from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import Permission, SceneManifest

manifest = SceneManifest(
    slug="audit",
    name=_("Audit"),
    owner="kernel",
    permissions=(
        Permission("audit.looks.read", _("See who looked at a household")),
        Permission("audit.read", _("Read the audit of a region")),
    ),
    roles={
        "supervisor": ("audit.looks.read", "audit.read"),
        "township_officer": ("audit.looks.read",),
        "county_officer": ("audit.read",),
        "platform_admin": ("audit.read",),
    },
    own_permissions=("audit.looks.read",),
    labels={"audit.view": _("Opened a page")},
)
