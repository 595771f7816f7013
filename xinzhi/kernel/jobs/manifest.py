from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import Permission, SceneManifest

manifest = SceneManifest(
    slug="jobs",
    name=_("Long work"),
    owner="kernel",
    permissions=(Permission("jobs.watch", _("See how far the long work of others is")),),
    roles={
        "township_officer": ("jobs.watch",),
        "county_officer": ("jobs.watch",),
        "platform_admin": ("jobs.watch",),
    },
)
