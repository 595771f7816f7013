from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import MenuItem, Permission, SceneManifest

manifest = SceneManifest(
    slug="identity",
    name=_("Logins and roles"),
    owner="kernel",
    permissions=(
        Permission("identity.user.manage", _("Create and close logins")),
        Permission("identity.role.grant", _("Grant the roles below one's own")),
        Permission("identity.api_key.manage", _("Issue and revoke API keys")),
        Permission("identity.card.issue", _("Issue and revoke household cards")),
        Permission("identity.proxy.give", _("Record and end mandates")),
        Permission("identity.proxy.view", _("See who may act for a household")),
        Permission("identity.card.act", _("Act for a household whose card is shown")),
    ),
    roles={
        "village_clerk": (
            "identity.card.issue",
            "identity.proxy.give",
            "identity.proxy.view",
            "identity.card.act",
        ),
        "township_officer": ("identity.role.grant", "identity.proxy.view"),
        "county_officer": ("identity.role.grant",),
        "platform_admin": ("identity.user.manage", "identity.role.grant", "identity.api_key.manage"),
    },
    own_permissions=("identity.proxy.view", "identity.proxy.give", "identity.card.issue"),
    menu=(
        MenuItem(
            audience="villager",
            label=_("Who may act for us"),
            url_name="identity:proxies",
            icon="users",
            permission="identity.proxy.view",
            order=80,
        ),
        MenuItem(
            audience="workbench",
            label=_("Away"),
            url_name="identity:away",
            icon="users",
            order=95,
        ),
        MenuItem(
            audience="admin",
            label=_("API keys"),
            url_name="identity:keys",
            icon="key-round",
            permission="identity.api_key.manage",
            order=90,
        ),
    ),
)
