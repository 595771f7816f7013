from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from xinzhi.kernel.channels.sandbox import sandbox
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.identity import services
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.regions import services as regions
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents_queries
from xinzhi.kernel.residents import services as residents
from xinzhi.kernel.residents.models import Household

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
TODAY = date(2026, 3, 4)
LONG_AGO = date(1990, 1, 1)
MOTHER, SON, STRANGER = "13812345671", "13812345672", "13812345679"


@dataclass
class World:
    """Two townships; in the first two villages. 甲1 is an elder's household, 甲2 her son's, 乙1 a decoy."""

    county: Region
    town: Region
    other_town: Region
    village: Region
    other_village: Region
    far_village: Region
    elder: Household
    son: Household
    decoy: Household
    far: Household

    @property
    def mother_person(self) -> int:
        return residents_queries.find_by_phone(MOTHER)[0]

    @property
    def son_person(self) -> int:
        return residents_queries.find_by_phone(SON)[0]


def _region(level: str, name: str, parent: Region | None, code: str | None = None) -> Region:
    return regions.create_region(
        actor=SYSTEM, level=level, name=name, parent=parent, code=code, active_from=LONG_AGO
    )


def household(village: Region, number: str, name: str, phone: str = "") -> Household:
    return residents.register_household(
        actor=SYSTEM,
        village_id=village.pk,
        household_no=number,
        members=[residents.NewMember(name=name, phone=phone)],
        source="test",
        at=NOON,
    )


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    sandbox.forget()
    with clock.fixed(NOON):
        yield


@pytest.fixture
def world(db: None) -> World:
    county = _region(
        "county", "安吉县", _region("city", "湖州市", _region("province", "浙江省", None)), "330523"
    )
    town, other_town = (
        _region("township", n, county, c) for n, c in (("山川乡", "330523206"), ("溪龙乡", "330523201"))
    )
    village, other, far = (
        _region("village", n, t) for n, t in (("甲村", town), ("乙村", town), ("丙村", other_town))
    )
    return World(
        county,
        town,
        other_town,
        village,
        other,
        far,
        household(village, "1", "陈阿婆", MOTHER),
        household(village, "2", "陈小明", SON),
        household(other, "1", "李某某", STRANGER),
        household(far, "1", "王某某"),
    )


def staff(username: str, role: str, region: Region | None, person_id: int | None = None) -> User:
    user = services.create_user(
        actor=SYSTEM, username=username, password="long-enough-7", person_id=person_id
    )
    services.grant_role(actor=SYSTEM, user_id=user.pk, role=role, region_id=region.pk if region else None)
    return user


def staff_actor(username: str, role: str, region: Region | None) -> Actor:
    return actor_of(staff(username, role, region))


def villager(person_id: int) -> Actor:
    return actor_of(services.login_of_person(person_id, at=NOON))
