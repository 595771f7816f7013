from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import MenuItem, Permission, SceneManifest

_VIEW, _SCORE = "courtyards.yard.view", "courtyards.yard.score"

manifest = SceneManifest(
    slug="courtyards",
    name=_("Beautiful courtyards"),
    owner="xinzhi",
    permissions=(
        Permission(_VIEW, _("See rounds, courtyards and their scores")),
        Permission(_SCORE, _("Score courtyards")),
        Permission("courtyards.round.keep", _("Open and close rounds, keep route and sheet")),
        Permission("courtyards.yard.set_aside", _("Set a score aside")),
    ),
    roles={
        "village_clerk": (_VIEW, _SCORE, "courtyards.round.keep", "courtyards.yard.set_aside"),
        "inspector": (_VIEW, _SCORE),
        "council_member": (_VIEW, _SCORE),
        "supervisor": (_VIEW,),
        "township_officer": (_VIEW,),
    },
    own_permissions=(_VIEW,),
    lifecycles=("lifecycle.YARD",),
    labels={
        "courtyards.yard": _("looked at the scores of your courtyard"),
        "courtyards.visit": _("visited your courtyard"),
        "courtyards.yard.grade": _("graded your courtyard"),
        "courtyards.yard.rectify": _("gave you time to make good"),
        "courtyards.yard.set_aside": _("set a score of your courtyard aside"),
    },
    menu=(
        MenuItem(audience="villager", label=_("Courtyard"), url_name="courtyards:mine", icon="flower", order=45),
        MenuItem(
            audience="workbench", label=_("Courtyards"), url_name="courtyards:rounds", icon="flower",
            permission=_VIEW, order=44,
        ),
    ),
    questions=(
        "Does a house nobody lives in earn points? Until this is decided it is graded and brings none.",
        "May the council's line of the sheet (家风文明) be scored at all, and how is it heard?",
    ),
)  # fmt: skip
