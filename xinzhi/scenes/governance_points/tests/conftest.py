"""A village with a charter, two households, a clerk, an inspector and a council member."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions import services as region_services
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents import services as resident_services
from xinzhi.kernel.residents.models import Household
from xinzhi.scenes.governance_points.charter import Cap, CharterRule
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries import statement
from xinzhi.scenes.governance_points.services import charter, claims

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DIVISIONS = (
    ("330000000000", "浙江省"),
    ("330500000000", "湖州市"),
    ("330523000000", "安吉县"),
    ("330523206000", "山川乡"),
    ("330523206203", "高家堂村"),
    ("330523206207", "山川村"),
)
RULES = (
    CharterRule(
        "C01", "生态环境", "参加村庄清洁行动", "fixed", points_tenths=50, evidence="photo_or_record", verifier="inspector",
        caps=(Cap("month", points_tenths=120),),
    ),
    CharterRule("D02", "公共参与", "参加公益劳动", "per_unit", points_tenths=80, unit="半天", max_quantity_tenths=40, evidence="record"),
    CharterRule("F01", "纠纷调解", "参与调解", "fixed", points_tenths=100, evidence="record", verifier="council_member"),
    CharterRule("P01", "生态环境", "植树", "fixed", points_tenths=100, evidence="photo", verifier="inspector"),
    CharterRule("X01", "负面清单", "乱堆垃圾", "fixed", points_tenths=-100, evidence="record", legal_basis="村规民约"),
)  # fmt: skip


@dataclass
class Place:
    """The village of the tests and who acts in it."""

    village: Region
    other_village: Region
    household: Household
    neighbour: Household
    stranger: Household
    villager: Actor
    neighbours: Actor
    clerk: Actor
    clerk2: Actor
    inspector: Actor
    council: Actor
    other_clerk: Actor
    township: Actor

    def balance(self, household: Household | None = None) -> int:
        found = household or self.household
        return statement.balances(actor=SYSTEM, household_id=found.pk).spendable_tenths

    def claim(self, code: str = "C01", **changes: object) -> Deed:
        wanted: dict[str, object] = {
            "actor": self.villager, "request_key": uuid4(), "household_id": self.household.pk, "rule_code": code,
            "done_on": TODAY, "at": NOON,
        }  # fmt: skip
        return claims.claim_deed(**{**wanted, **changes})  # type: ignore[arg-type]

    def let_publication_end(self) -> datetime:
        """Run the clock past every open list and let the lists end."""
        later = NOON + timedelta(days=20)
        for pk in notices.due_publications(later):
            notices.close_lines_of(publication_id=pk, at=later)
        return later


@pytest.fixture
def place(db: None) -> Iterator[Place]:
    with clock.fixed(NOON):
        yield make_place()


def make_place() -> Place:
    region_services.import_divisions(actor=SYSTEM, rows=DIVISIONS)
    village, other = regions.region_by_code("330523206203"), regions.region_by_code("330523206207")
    township = regions.region_by_code("330523206000")
    for region in (village, other):
        charter.adopt_charter(
            actor=SYSTEM,
            village_id=region.pk,
            charter_rules=RULES,
            resolution="决议1号",
            active_from=date(2026, 1, 1),
            at=NOON,
        )
    household = _household(village, "GJ0001", "李试样")
    neighbour = _household(village, "GJ0002", "王构虚")
    stranger = _household(other, "SC0001", "周测验")
    hire = _hirer()
    return Place(
        village=village,
        other_village=other,
        household=household,
        neighbour=neighbour,
        stranger=stranger,
        villager=_villager(household),
        neighbours=_villager(neighbour),
        clerk=hire("clerk", "village_clerk", village),
        clerk2=hire("clerk2", "village_clerk", village),
        inspector=hire("inspector", "inspector", village),
        council=hire("council", "council_member", village),
        other_clerk=hire("other", "village_clerk", other),
        township=hire("township", "township_officer", township),
    )


def _household(village: Region, number: str, head: str) -> Household:
    return resident_services.register_household(
        actor=SYSTEM, village_id=village.pk, household_no=number, source="clerk", at=NOON,
        members=[
            resident_services.NewMember(name=head, relation_code="02", sex_code="1"),
            resident_services.NewMember(name=head[0] + "示例", relation_code="20", sex_code="1"),
        ],
    )  # fmt: skip


def _villager(household: Household) -> Actor:
    head = residents.head_ids([household.pk])[household.pk]
    return actor_of(identity.login_of_person(head, at=NOON), "phone")


def _hirer() -> Callable[[str, str, Region], Actor]:
    def hire(name: str, role: str, region: Region) -> Actor:
        user = identity.create_user(actor=SYSTEM, username=name, password="bamboo-forest-73", label=name)
        identity.grant_role(actor=SYSTEM, user_id=user.pk, role=role, region_id=region.pk)
        return actor_of(User.objects.get(pk=user.pk))

    return hire


def key() -> UUID:
    return uuid4()
