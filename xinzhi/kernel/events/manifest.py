from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import Permission, SceneManifest

manifest = SceneManifest(
    slug="events",
    name=_("Facts between scenes"),
    owner="kernel",
    permissions=(Permission("events.manage", _("Deliver facts again that a scene could not take")),),
    roles={"platform_admin": ("events.manage",)},
)
