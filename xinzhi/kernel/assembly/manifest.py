from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import Permission, SceneManifest

manifest = SceneManifest(
    slug="assembly",
    name=_("Scenes"),
    owner="kernel",
    permissions=(Permission("assembly.scene.switch", _("Switch scenes on and off in a region")),),
    roles={
        "county_officer": ("assembly.scene.switch",),
        "platform_admin": ("assembly.scene.switch",),
    },
)
