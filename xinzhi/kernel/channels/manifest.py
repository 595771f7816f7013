from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import SceneManifest

manifest = SceneManifest(
    slug="channels",
    name=_("Channels"),
    owner="kernel",
    questions=(
        "Which signature and which templates has the county filed with its provider of short messages?",
    ),
)
