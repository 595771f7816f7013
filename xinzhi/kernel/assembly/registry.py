"""What the installed packages declare, put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from xinzhi.kernel.assembly.declaration import Audience, MenuItem, SceneManifest, Text
from xinzhi.kernel.assembly.switching import is_enabled, is_enabled_for
from xinzhi.kernel.foundation.actors import Actor

__all__ = [
    "Declared",
    "declared",
    "forget",
    "is_enabled",
    "is_enabled_for",
    "label",
    "listeners",
    "manifests",
    "menu_for",
    "own_permissions",
    "permissions_of",
    "scenes",
]


@dataclass(frozen=True, slots=True)
class Declared:
    """A manifest and the dotted name of the package it was found in."""

    package: str
    manifest: SceneManifest

    @property
    def is_kernel(self) -> bool:
        return self.package.startswith("xinzhi.kernel.")

    def load(self, dotted: str) -> Any:
        """What "module.NAME" of a manifest means, relative to its package. Raises ImportError, AttributeError."""
        module, _, name = dotted.rpartition(".")
        return getattr(import_module(f"{self.package}.{module}"), name)


@lru_cache(maxsize=1)
def declared() -> tuple[Declared, ...]:
    """Every installed package with a `manifest.py`, in the order of installation."""
    found = []
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.manifest") is None:
            continue
        manifest = getattr(_manifest_module(config.name), "manifest", None)
        if isinstance(manifest, SceneManifest):
            found.append(Declared(config.name, manifest))
    return tuple(found)


def _manifest_module(package: str) -> ModuleType:
    try:
        return import_module(f"{package}.manifest")
    except (ImportError, SyntaxError, NameError, TypeError) as wrong:
        raise ImproperlyConfigured(
            f"{package.replace('.', '/')}/manifest.py cannot be read: {wrong}. Hint: it holds values only; "
            "xinzhi/scenes/_example/manifest.py shows every kind."
        ) from wrong


def forget() -> None:
    """Read the manifests again at the next question (tests)."""
    for kept in (declared, permissions_of, own_permissions, listeners, _labels):
        kept.cache_clear()


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


@lru_cache(maxsize=1)
def listeners() -> dict[str, tuple[str, ...]]:
    """Who listens to a fact: its name to "<slug>:<module.function>", in the order of installation."""
    found: dict[str, tuple[str, ...]] = {}
    for m in manifests():
        for name, handler in m.listens.items():
            found[name] = (*found.get(name, ()), f"{m.slug}:{handler}")
    return found


@lru_cache(maxsize=1)
def _labels() -> dict[str, Text]:
    return {code: text for m in manifests() for code, text in m.labels.items()}


def label(code: str) -> str:
    """The words of a code that stands in a row (`labels` of the manifests), or the code itself."""
    return str(_labels().get(code, code))


def menu_for(actor: Actor, audience: Audience) -> list[MenuItem]:
    """The navigation of one audience, as this actor may see it where he is, in order. At most two queries."""
    return sorted(
        (
            item
            for d in declared()
            for item in d.manifest.menu
            if item.audience == audience
            and (item.permission is None or actor.may(item.permission))
            and (d.is_kernel or is_enabled_for(d.manifest.slug, actor))
        ),
        key=lambda item: item.order,
    )
