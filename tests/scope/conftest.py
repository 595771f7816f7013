"""The world is made once, inside a transaction that is never committed; each knock is rolled back within it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from tests.scope.world import World, make_world
from xinzhi.kernel.channels.tests.provider import settings_for
from xinzhi.kernel.foundation import clock
from xinzhi.scenes.governance_points.tests.conftest import NOON

WECHAT = {
    name: value
    for name, value in settings_for("https://gateway.example.cn").items()
    if name.startswith("XINZHI_WECHAT_")
}


@pytest.fixture(scope="module")
def shared_world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("state")
    on_disk = override_settings(STATE_DIR=folder, EVIDENCE_DIR=folder / "evidence")
    with django_db_blocker.unblock(), transaction.atomic(), on_disk:
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(shared_world: World, db: None) -> Iterator[World]:
    # One channel is connected, so that what did not arrive can be tried again. Nothing here runs the job that would send it.
    with clock.fixed(NOON), override_settings(CHANNELS=WECHAT):
        yield shared_world
