from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import MenuItem, Permission, SceneManifest

manifest = SceneManifest(
    slug="identity",
    name=_("Logins and roles"),
    owner="kernel",
    permissions=(
        Permission("identity.manage_users", _("Create and close logins")),
        Permission("identity.grant_roles", _("Grant the roles below one's own")),
        Permission("identity.manage_api_keys", _("Issue and revoke API keys")),
        Permission("identity.issue_cards", _("Issue and revoke household cards")),
        Permission("identity.give_proxies", _("Record and end mandates")),
        Permission("identity.view_proxies", _("See who may act for a household")),
        Permission("identity.act_by_card", _("Act for a household whose card is shown")),
    ),
    roles={
        "village_clerk": (
            "identity.issue_cards",
            "identity.give_proxies",
            "identity.view_proxies",
            "identity.act_by_card",
        ),
        "township_officer": ("identity.grant_roles", "identity.view_proxies"),
        "county_officer": ("identity.grant_roles",),
        "platform_admin": ("identity.manage_users", "identity.grant_roles", "identity.manage_api_keys"),
    },
    own_permissions=("identity.view_proxies", "identity.give_proxies", "identity.issue_cards"),
    menu=(
        MenuItem(
            audience="villager",
            label=_("Who may act for us"),
            url_name="identity:who_may_act",
            icon="users",
            permission="identity.view_proxies",
            order=80,
        ),
        MenuItem(
            audience="workbench",
            label=_("API keys"),
            url_name="identity:keys",
            icon="key-round",
            permission="identity.manage_api_keys",
            order=90,
        ),
    ),
)
