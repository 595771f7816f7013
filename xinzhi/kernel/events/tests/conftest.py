from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest
from django.db import connection

from xinzhi.kernel.assembly import SceneManifest, registry
from xinzhi.kernel.assembly.registry import Declared
from xinzhi.kernel.events.tests.facts import BagWeighed


@pytest.fixture(autouse=True)
def empty_queue(request: pytest.FixtureRequest) -> None:
    if marker := request.node.get_closest_marker("django_db"):
        request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")


@dataclass
class Ears:
    """Two scenes that listen; what they do is up to the test."""

    heard: list[tuple[str, Any, int]] = field(default_factory=list)
    trouble: dict[str, Exception] = field(default_factory=dict)

    def hear(self, scene: str, event: Any, delivery_id: int) -> None:
        self.heard.append((scene, event, delivery_id))
        if scene in self.trouble:
            raise self.trouble[scene]

    def of(self, scene: str) -> list[Any]:
        return [event for name, event, _id in self.heard if name == scene]


@pytest.fixture
def ears(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ears]:
    """The test scenes 'points' and 'rewards' listen to BagWeighed, beside whatever is installed."""
    ears = Ears()
    extra = []
    for slug in ("points", "rewards"):
        module = ModuleType(f"events_test.{slug}.handlers")
        module.on_bag = lambda event, delivery_id, slug=slug: ears.hear(slug, event, delivery_id)  # type: ignore[attr-defined]
        monkeypatch.setitem(__import__("sys").modules, module.__name__, module)
        manifest = SceneManifest(
            slug=slug, name=slug, owner="test", listens={BagWeighed.name: "handlers.on_bag"}
        )
        extra.append(Declared(f"events_test.{slug}", manifest))
    real = registry.declared()
    monkeypatch.setattr(registry, "declared", lambda: (*real, *extra))
    registry.listeners.cache_clear()
    yield ears
    registry.listeners.cache_clear()
