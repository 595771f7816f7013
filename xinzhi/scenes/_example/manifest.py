from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import MenuItem, Permission, SceneManifest

manifest = SceneManifest(
    slug="example",
    name=_("Example"),
    owner="xinzhi",
    permissions=(
        Permission("example.entry.view", _("See the register")),
        Permission("example.entry.note", _("Note something in the register")),
    ),
    roles={
        "village_clerk": ("example.entry.view", "example.entry.note"),
        "council_member": ("example.entry.view",),
        "township_officer": ("example.entry.view",),
    },
    publishes=("example.entry_noted.v1",),
    menu=(
        MenuItem(
            audience="workbench",
            label=_("Example"),
            url_name="example:entries",
            icon="notebook-pen",
            permission="example.entry.view",
            order=500,
        ),
    ),
    questions=("Who may strike out an entry that was wrong?",),
)
