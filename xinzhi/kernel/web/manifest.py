from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import SceneManifest

manifest = SceneManifest(slug="web", name=_("Pages"), owner="kernel")
