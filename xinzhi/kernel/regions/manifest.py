from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import Permission, SceneManifest

manifest = SceneManifest(
    slug="regions",
    name=_("Regions"),
    owner="kernel",
    permissions=(Permission("regions.region.manage", _("Create, move and recode regions")),),
    roles={"platform_admin": ("regions.region.manage",)},
)
