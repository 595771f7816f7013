from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import Permission, SceneManifest
from xinzhi.kernel.evidence.services.opening import PURPOSES

manifest = SceneManifest(
    slug="evidence",
    name=_("Evidence"),
    owner="kernel",
    permissions=(
        Permission("evidence.upload", _("Add photos, voice notes and documents")),
        Permission("evidence.original.open", _("Open the original of a file for a purpose")),
        Permission("evidence.erase", _("Erase the files of a household or person")),
    ),
    roles={
        "village_clerk": ("evidence.upload", "evidence.original.open"),
        "council_member": ("evidence.upload",),
        "inspector": ("evidence.upload",),
        "accountant": ("evidence.upload",),
        "supervisor": ("evidence.original.open",),
        "township_officer": ("evidence.upload", "evidence.original.open", "evidence.erase"),
        "platform_admin": ("evidence.erase",),
    },
    own_permissions=("evidence.upload",),
    labels={
        "evidence.store": _("Added a file"),
        "evidence.attach": _("Attached a file"),
        "evidence.original.open": _("Opened the original of a file"),
        "evidence.erase": _("Erased a file"),
        **{f"evidence.purpose.{code}": label for code, label in PURPOSES.items()},
    },
)
