"""Packages that are declared for a test only, beside whatever is installed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from xinzhi.kernel.assembly import SceneManifest, registry
from xinzhi.kernel.assembly.registry import Declared

Declare = Callable[..., Declared]


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    """`declare("tea", publishes=…)`: a scene of that slug. `folder` and `handlers` say what lies on disk."""
    real = registry.declared()
    added: list[Declared] = []

    def add(slug: str, *, folder: str = "", handlers: tuple[str, ...] = (), **said: object) -> Declared:
        package = f"assembly_test.{folder or slug}"
        module = ModuleType(f"{package}.handlers")
        for name in handlers:
            setattr(module, name, lambda event, delivery_id: None)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        said = {"name": slug, "owner": "test"} | said
        added.append(Declared(package, SceneManifest(slug=slug, **said)))  # type: ignore[arg-type]
        return added[-1]

    monkeypatch.setattr(registry, "declared", lambda: (*real, *added))
    _forget()
    yield add
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    # `declared` itself may be the one of the test, which keeps nothing.
    for kept in (registry.permissions_of, registry.own_permissions, registry.listeners, registry._labels):
        kept.cache_clear()
