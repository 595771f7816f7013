"""The permission codes of identity, and who may grant which role."""

from __future__ import annotations

from xinzhi.kernel.identity.actors import ACT_BY_CARD
from xinzhi.kernel.identity.models import Role

MANAGE_USERS = "identity.manage_users"
GRANT_ROLES = "identity.grant_roles"
MANAGE_KEYS = "identity.manage_api_keys"
ISSUE_CARDS = "identity.issue_cards"
GIVE_PROXIES = "identity.give_proxies"
VIEW_PROXIES = "identity.view_proxies"

__all__ = [
    "ACT_BY_CARD",
    "GIVE_PROXIES",
    "GRANTABLE",
    "GRANT_ROLES",
    "ISSUE_CARDS",
    "MANAGE_KEYS",
    "MANAGE_USERS",
    "VIEW_PROXIES",
]

_VILLAGE_ROLES = frozenset(
    {
        Role.VILLAGE_CLERK,
        Role.COUNCIL_MEMBER,
        Role.INSPECTOR,
        Role.ACCOUNTANT,
        Role.SUPERVISOR,
        Role.SHOPKEEPER,
    }
)

#: Nobody grants his own rank or a higher one, the platform administrator excepted.
GRANTABLE: dict[str, frozenset[str]] = {
    Role.TOWNSHIP_OFFICER: _VILLAGE_ROLES,
    Role.COUNTY_OFFICER: _VILLAGE_ROLES | {Role.TOWNSHIP_OFFICER},
    Role.PLATFORM_ADMIN: frozenset(Role) - {Role.VILLAGER},
}
