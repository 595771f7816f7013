"""The permission codes of identity, and who may grant which role."""

from __future__ import annotations

from xinzhi.kernel.identity.actors import ACT_BY_CARD
from xinzhi.kernel.identity.models import Role

MANAGE_USERS = "identity.user.manage"
GRANT_ROLES = "identity.role.grant"
MANAGE_KEYS = "identity.api_key.manage"
ISSUE_CARDS = "identity.card.issue"
GIVE_PROXIES = "identity.proxy.give"
VIEW_PROXIES = "identity.proxy.view"

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
