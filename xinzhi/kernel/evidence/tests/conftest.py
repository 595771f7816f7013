from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.test import Client

from xinzhi.kernel.evidence import ports, services
from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.evidence.tests import samples
from xinzhi.kernel.foundation.actors import SYSTEM, Actor, Grant
from xinzhi.kernel.regions import services as regions
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents.models import Household

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PREFIX = "evidence_test.thing:"
CLERK_MAY = frozenset({"evidence.upload", "evidence.original.open"})


@pytest.fixture(autouse=True)
def store_dir(tmp_path: Path, settings: object) -> Path:
    settings.EVIDENCE_DIR = tmp_path / "evidence"  # type: ignore[attr-defined]
    return tmp_path / "evidence"


def stored_files(folder: Path, area: str = "originals") -> list[Path]:
    return sorted(p for p in (folder / area).rglob("*") if p.is_file()) if (folder / area).exists() else []


@pytest.fixture
def township(db: None) -> Region:
    return regions.create_region(actor=SYSTEM, level="township", name="山川乡", active_from=date(1990, 1, 1))


def village_in(township: Region, name: str) -> Region:
    return regions.create_region(
        actor=SYSTEM, level="village", name=name, parent=township, active_from=date(1990, 1, 1)
    )


@pytest.fixture
def village(township: Region) -> Region:
    return village_in(township, "船村村")


@pytest.fixture
def other_village(township: Region) -> Region:
    return village_in(township, "大里村")


def household_in(village: Region, number: str) -> Household:
    return Household.objects.create(
        village=village, household_no=number, source="test", active_from=date(2020, 1, 1)
    )


@pytest.fixture
def household(village: Region) -> Household:
    return household_in(village, "SC001")


def clerk_of(village: Region, user_id: int = 11, *, may: frozenset[str] = CLERK_MAY) -> Actor:
    return Actor(user_id=user_id, grants=(Grant("village_clerk", village.pk, village.scope_path, may),))


def villager_of(household: Household, user_id: int = 21) -> Actor:
    return Actor(
        user_id=user_id, household_ids=(household.pk,), own_permissions=frozenset({"evidence.upload"})
    )


@pytest.fixture
def clerk(village: Region) -> Actor:
    return clerk_of(village)


@pytest.fixture
def villager(household: Household) -> Actor:
    return villager_of(household)


class Access:
    """A scene's rule: which subjects an actor may see, by his user id."""

    def __init__(self) -> None:
        self.seen_by: dict[str, set[int | None]] = {}

    def allow(self, subject: str, *actors: Actor) -> None:
        self.seen_by.setdefault(subject, set()).update(a.user_id for a in actors)

    def __call__(self, actor: Actor, subjects: Iterable[str]) -> set[str]:
        return {s for s in subjects if actor.user_id in self.seen_by.get(s, set())}


@pytest.fixture
def access() -> Iterator[Access]:
    rule = Access()
    ports.register_access(PREFIX, rule)
    yield rule
    ports.unregister_access(PREFIX)


class ActingClient(Client):
    """A client whose requests come from a given actor, as the actor middleware would set it."""

    actor: Actor

    def request(self, **request: object) -> object:  # type: ignore[override]
        from xinzhi.kernel.identity import middleware

        original = middleware.actor_of_request
        middleware.actor_of_request = lambda _request: self.actor  # type: ignore[assignment]
        try:
            return super().request(**request)
        finally:
            middleware.actor_of_request = original


@pytest.fixture
def acting_client() -> ActingClient:
    return ActingClient()


THING = f"{PREFIX}1"
JPEG = samples.PHOTOS["image/jpeg"]


def keep(actor: Actor, household: Household, data: bytes = JPEG, **options: object) -> Evidence:
    return services.store(
        actor=actor,
        data=data,
        filename="张三家.jpg",
        household_id=household.pk,
        at=NOON,
        **options,  # type: ignore[arg-type]
    )
