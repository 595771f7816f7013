"""Two villages of one township with a clerk each: whoever sees the other's rows has found a leak."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from django.apps import apps
from django.test import Client

from xinzhi.kernel.assembly import registry
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.regions import services as regions
from xinzhi.kernel.regions.models import Region

LONG_AGO = date(2000, 1, 1)

# A scene that is not installed has nothing to test.
collect_ignore_glob = [] if apps.is_installed("xinzhi.scenes._example") else ["test_*.py"]


@dataclass(frozen=True)
class Clerk:
    village: Region
    user: User

    @property
    def actor(self) -> Actor:
        return actor_of(self.user)

    @property
    def client(self) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")
        return client


@pytest.fixture
def township(db: None) -> Region:
    registry.forget()
    return regions.create_region(actor=SYSTEM, level="township", name="山川乡", active_from=LONG_AGO)


def _clerk(name: str, township: Region) -> Clerk:
    village = regions.create_region(
        actor=SYSTEM, level="village", name=name, parent=township, active_from=LONG_AGO
    )
    user = identity.create_user(actor=SYSTEM, username=f"clerk-{village.pk}")
    identity.grant_role(
        actor=SYSTEM, user_id=user.pk, role="village_clerk", region_id=village.pk, active_from=LONG_AGO
    )
    return Clerk(village, user)


@pytest.fixture
def clerk(township: Region) -> Clerk:
    return _clerk("大里村", township)


@pytest.fixture
def neighbour(township: Region) -> Clerk:
    return _clerk("九亩村", township)
