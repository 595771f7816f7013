from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import SceneManifest

manifest = SceneManifest(slug="ledger", name=_("Ledger"), owner="kernel")
