"""Who acts, and what he may do where. Every service and every query takes one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from xinzhi.kernel.foundation.errors import Forbidden

Channel = Literal["web", "phone", "card", "paper", "api", "import", "device", "system"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in a region. `scope_path` is the region's path in the current tree, e.g. "1/4/9/"."""

    role: str
    region_id: int
    scope_path: str
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. Four-eyes rules compare `person_key`, never roles.

    `own_permissions` are what a villager may do for the households he belongs to or is a proxy for
    (`household_ids`). `api_scopes` narrows an API key to some permissions; None means no narrowing.
    """

    user_id: int | None = None
    person_id: int | None = None
    household_ids: tuple[int, ...] = ()
    grants: tuple[Grant, ...] = ()
    own_permissions: frozenset[str] = frozenset()
    channel: Channel = "web"
    proxy_for_household_id: int | None = None
    api_key_id: int | None = None
    api_scopes: frozenset[str] | None = None
    is_system: bool = False
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def is_authenticated(self) -> bool:
        return self.is_system or self.user_id is not None or self.api_key_id is not None

    @property
    def person_key(self) -> str:
        """The same person behind any login, for four-eyes checks."""
        if self.person_id is not None:
            return f"person:{self.person_id}"
        if self.user_id is not None:
            return f"user:{self.user_id}"
        if self.api_key_id is not None:
            return f"key:{self.api_key_id}"
        return "system" if self.is_system else "nobody"

    def _in_api_scopes(self, permission: str) -> bool:
        return self.api_scopes is None or permission in self.api_scopes

    def scope_paths(self, permission: str) -> tuple[str, ...]:
        """Region paths in which the actor holds the permission by a role ("" means everywhere)."""
        if self.is_system:
            return ("",)
        if not self._in_api_scopes(permission):
            return ()
        return tuple({g.scope_path for g in self.grants if permission in g.permissions})

    def own_households(self, permission: str) -> tuple[int, ...]:
        """Households for which the actor holds the permission as a member or proxy."""
        if permission in self.own_permissions and self._in_api_scopes(permission):
            return self.household_ids
        return ()

    def may(self, permission: str, *, scope_path: str | None = None, household_id: int | None = None) -> bool:
        """Whether the actor holds the permission (anywhere, or at this path or for this household)."""
        paths = self.scope_paths(permission)
        if scope_path is None and household_id is None:
            return bool(paths) or bool(self.own_households(permission))
        if scope_path is not None and any(scope_path.startswith(p) for p in paths):
            return True
        return household_id is not None and household_id in self.own_households(permission)

    def require(
        self, permission: str, *, scope_path: str | None = None, household_id: int | None = None
    ) -> None:
        """Raise Forbidden unless `may`."""
        if not self.may(permission, scope_path=scope_path, household_id=household_id):
            raise Forbidden()

    def has_role(self, *roles: str) -> bool:
        return any(g.role in roles for g in self.grants)

    def via(self, channel: Channel) -> Actor:
        return replace(self, channel=channel)


SYSTEM = Actor(channel="system", is_system=True)
NOBODY = Actor()
