"""Words for actors. Audit keeps ids; packages above it know the names and register how to find them.

labels.register_actor_names(lambda keys: {"person:12": "…"})      # residents, identity: in AppConfig.ready
labels.register_region_names(lambda ids: {4: "…"})
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ActorNames = Callable[[Collection[str]], Mapping[str, str]]
RegionNames = Callable[[Collection[int]], Mapping[int, str]]

_actor_names: list[ActorNames] = []
_region_names: list[RegionNames] = []

ROLE_LABELS: dict[str, str | Promise] = {
    "villager": _("A member of the household"),
    "proxy": _("A proxy of the household"),
    "village_clerk": _("Village clerk"),
    "council_member": _("Council member"),
    "inspector": _("Inspector"),
    "accountant": _("Accountant"),
    "supervisor": _("Supervisor"),
    "shopkeeper": _("Shopkeeper"),
    "township_officer": _("Township officer"),
    "county_officer": _("County officer"),
    "platform_admin": _("Platform administrator"),
    "api_key": _("A connected system"),
    "system": _("The system itself"),
    "nobody": _("Somebody not signed in"),
}


def register_actor_names(find: ActorNames) -> None:
    """`find` gets actor keys ("person:12", "user:3") and returns the names of those it knows."""
    if find not in _actor_names:
        _actor_names.append(find)


def register_region_names(find: RegionNames) -> None:
    """`find` gets region ids and returns their names."""
    if find not in _region_names:
        _region_names.append(find)


def actor_names(keys: Collection[str]) -> dict[str, str]:
    return {key: name for find in _actor_names for key, name in find(keys).items()} if keys else {}


def region_names(ids: Collection[int]) -> dict[int, str]:
    return {key: name for find in _region_names for key, name in find(ids).items()} if ids else {}


def role_label(role: str) -> str:
    return str(ROLE_LABELS.get(role, role))


def actor_label(role: str, office: str, name: str) -> str:
    """ "Village clerk · Gaojiatang · Zhang San": whatever of it is known."""
    return " · ".join(part for part in (role_label(role), office, name) if part)
