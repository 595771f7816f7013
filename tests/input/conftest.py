"""The world is made once a module, inside a transaction that is never committed; each test is rolled back within it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.input.world import Screen, World, log_in, make_world
from tests.journeys.conftest import chromium, reader  # noqa: F401  # the real browser, for what only it can show
from xinzhi.kernel.foundation import clock
from xinzhi.scenes.governance_points.tests.conftest import NOON


@pytest.fixture(scope="module")
def places_on_disk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("state")
    return {"STATE_DIR": folder, "EVIDENCE_DIR": folder / "evidence"}


@pytest.fixture(scope="module")
def shared_world(
    django_db_setup: None, django_db_blocker: Any, places_on_disk: dict[str, Any]
) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(**places_on_disk):
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(shared_world: World, db: None) -> Iterator[World]:
    with clock.fixed(NOON):
        yield shared_world


@pytest.fixture
def at_screen(world: World) -> Callable[[str], Screen]:
    """A screen of one of the people of the world, by his name there; "" is a stranger."""
    return lambda name: log_in(getattr(world, name) if name else None)
