"""What the installed packages declare, put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from xinzhi.kernel.assembly.declaration import Audience, MenuItem, SceneManifest
from xinzhi.kernel.foundation.actors import Actor


@dataclass(frozen=True, slots=True)
class Declared:
    """A manifest and the dotted name of the package it was found in."""

    package: str
    manifest: SceneManifest

    @property
    def is_kernel(self) -> bool:
        return self.package.startswith("xinzhi.kernel.")


@lru_cache(maxsize=1)
def declared() -> tuple[Declared, ...]:
    """Every installed package with a `manifest.py`, in the order of installation."""
    found = []
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.manifest") is None:
            continue
        manifest = getattr(import_module(f"{config.name}.manifest"), "manifest", None)
        if isinstance(manifest, SceneManifest):
            found.append(Declared(config.name, manifest))
    return tuple(found)


def forget() -> None:
    """Read the manifests again at the next question (tests)."""
    declared.cache_clear()
    permissions_of.cache_clear()
    own_permissions.cache_clear()


def manifests() -> tuple[SceneManifest, ...]:
    return tuple(d.manifest for d in declared())


def scenes() -> tuple[Declared, ...]:
    """The packages that are scenes; only these can be switched off."""
    return tuple(d for d in declared() if not d.is_kernel)


@lru_cache(maxsize=64)
def permissions_of(role: str) -> frozenset[str]:
    """What a role may do: the union over all manifests. An unknown role may do nothing."""
    return frozenset(code for m in manifests() for code in m.roles.get(role, ()))


@lru_cache(maxsize=1)
def own_permissions() -> frozenset[str]:
    """What villagers may do for their own households."""
    return frozenset(code for m in manifests() for code in m.own_permissions)


def is_enabled(slug: str, region_id: int | None) -> bool:
    """Whether a scene is switched on in a region; kernel packages always are."""
    del slug, region_id
    return True


def menu_for(actor: Actor, audience: Audience) -> list[MenuItem]:
    """The navigation of one audience, as this actor may see it, in order."""
    items = [item for m in manifests() for item in m.menu if item.audience == audience]
    return sorted((i for i in items if i.permission is None or actor.may(i.permission)), key=lambda i: i.order)
