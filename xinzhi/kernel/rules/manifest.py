from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import SceneManifest

manifest = SceneManifest(
    slug="rules",
    name=_("Rule tables"),
    owner="kernel",
    publishes=("rules.deed_observed.v1", "rules.deed_withdrawn.v1"),
)
