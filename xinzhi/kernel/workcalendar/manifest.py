from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import Permission, SceneManifest

manifest = SceneManifest(
    slug="workcalendar",
    name=_("Working days"),
    owner="kernel",
    permissions=(Permission("workcalendar.year.import", _("Import the official calendar of a year")),),
    roles={"platform_admin": ("workcalendar.year.import",)},
)
