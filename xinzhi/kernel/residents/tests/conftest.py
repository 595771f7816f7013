from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import pytest

from xinzhi.kernel.foundation.actors import SYSTEM, Actor, Grant
from xinzhi.kernel.regions import services as regions
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries
from xinzhi.kernel.residents import services as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.sheets import Row, Table

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
LATER = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
CLERK_MAY = frozenset(
    {
        "residents.household.list",
        "residents.household.view",
        "residents.household.edit",
        "residents.roster.import",
        "residents.person.reveal",
    }
)
EXAMPLE_HEADER = [
    "户编号", "户主姓名", "与户主关系", "姓名", "性别", "出生日期", "公民身份号码",
    "村民小组", "户籍性质", "是否股东", "股份数", "是否低保", "备注",
]  # fmt: skip
#: The rows of the example roster: invented people, area codes abolished in 1983.
EXAMPLE = """
SC001,李丁试,户主,李丁试,男,1945-05-01,330220194505010230,示例村一组,农业,是,1.0,否,
SC001,李丁试,配偶,何虚样,女,1945-11-01,33012019451101024X,示例村一组,农业,是,1.0,否,
SC001,李丁试,子,周丙乙,男,1975-04-09,330220197504090279,示例村一组,农业,是,1.0,否,
SC002,胡戊试,户主,胡戊试,女,1974-01-20,330120197401200281,示例村一组,农业,是,1.0,否,
SC002,胡戊试,配偶,马试戊,男,1975-04-18,330220197504180311,示例村一组,农业,是,1.0,否,
SC002,胡戊试,子,徐构样,男,1998-04-22,330220199804220337,示例村一组,农业,是,1.0,否,
SC002,胡戊试,女,张示验,女,1998-07-28,330220199807280343,示例村一组,农业,是,1.0,否,
SC003,吴样示,户主,吴样示,女,1976-09-10,330220197609100365,示例村一组,农业,是,1.0,否,
SC003,吴样示,配偶,马构乙,男,1979-02-15,330220197902150396,示例村一组,农业,是,1.0,否,
SC003,吴样示,子,黄丁辛,男,2004-02-27,330220200402270417,示例村一组,农业,是,1.0,是,
SC003,吴样示,子,林测甲,男,2003-04-17,330220200304170439,示例村一组,农业,否,0.0,否,
SC003,吴样示,女,王乙戊,女,2001-07-25,330120200107250442,示例村一组,农业,是,1.0,否,
""".strip()


def sheet(rows: Sequence[Sequence[str]], header: Sequence[str] = EXAMPLE_HEADER) -> Table:
    """A sheet as read from a file: the heading is row 1."""
    return Table(
        list(header),
        [Row(n, dict(zip(header, cells, strict=False))) for n, cells in enumerate(rows, start=2)],
        [],
    )


def example_rows() -> list[list[str]]:
    return [line.split(",") for line in EXAMPLE.splitlines()]


def edited(row: int, column: str, value: str, rows: list[list[str]] | None = None) -> list[list[str]]:
    """The example with one cell changed; `row` as the spreadsheet numbers it."""
    rows = rows or example_rows()
    rows[row - 2][EXAMPLE_HEADER.index(column)] = value
    return rows


@pytest.fixture
def township(db: None) -> Region:
    return regions.create_region(
        actor=SYSTEM, level="township", name="Shanchuan", active_from=date(2020, 1, 1), at=NOON
    )


@pytest.fixture
def village(township: Region) -> Region:
    return regions.create_region(
        actor=SYSTEM,
        level="village",
        name="Gaojiatang",
        parent=township,
        active_from=date(2020, 1, 1),
        at=NOON,
    )


@pytest.fixture
def other_village(township: Region) -> Region:
    return regions.create_region(
        actor=SYSTEM, level="village", name="Dali", parent=township, active_from=date(2020, 1, 1), at=NOON
    )


@pytest.fixture
def clerk_of() -> Callable[[Region], Actor]:
    def make(region: Region, permissions: frozenset[str] = CLERK_MAY, user_id: int = 1) -> Actor:
        return Actor(
            user_id=user_id, grants=(Grant("village_clerk", region.pk, region.scope_path, permissions),)
        )

    return make


@pytest.fixture
def clerk(village: Region, clerk_of: Callable[[Region], Actor]) -> Actor:
    return clerk_of(village)


#: A person whose values must not stand anywhere in clear.
NAME, OLD_NAME, PHONE, ID, CARD, ADDRESS = (
    "金丝雀", "老雀名", "13987650001", "330220194505010230", "6222021234567890123", "Kanari Lane 7"
)  # fmt: skip
CANARIES = [NAME, OLD_NAME, PHONE, ID, CARD, ADDRESS]
ADMIN_MAY = CLERK_MAY | {"residents.person.erase"}


@pytest.fixture
def household(clerk: Actor, village: Region) -> Household:
    return residents.register_household(
        actor=clerk,
        village_id=village.pk,
        household_no="H1",
        members=[
            residents.NewMember(name=OLD_NAME, id_number=ID, phone=PHONE, bank_card=CARD, address=ADDRESS),
            residents.NewMember(name="李四", relation_code="20", sex_code="1"),
        ],
        source="clerk",
        at=NOON,
    )


@pytest.fixture
def person_id(household: Household, clerk: Actor) -> int:
    head = queries.head_ids([household.pk])[household.pk]
    residents.set_value(actor=clerk, person_id=head, field="name", value=NAME, source="clerk", at=LATER)
    return head


@pytest.fixture
def family(clerk: Actor, village: Region) -> Household:
    """Head, wife, son, daughter-in-law, grandson: since the first of March."""
    return residents.register_household(
        actor=clerk, village_id=village.pk, household_no="12", source="clerk", at=NOON,
        members=[
            residents.NewMember(name="李试甲", relation_code="02", sex_code="1", birth_date=date(1950, 1, 1)),
            residents.NewMember(name="王试乙", relation_code="12", sex_code="2"),
            residents.NewMember(name="李试丙", relation_code="20", sex_code="1"),
            residents.NewMember(name="周试丁", relation_code="38", sex_code="2"),
            residents.NewMember(name="李试戊", relation_code="41", sex_code="1"),
        ],
    )  # fmt: skip


@pytest.fixture
def neighbours(clerk: Actor, village: Region) -> Household:
    return residents.register_household(
        actor=clerk, village_id=village.pk, household_no="7", source="clerk", at=NOON,
        members=[
            residents.NewMember(name="赵试己", relation_code="02", sex_code="2"),
            residents.NewMember(name="赵试庚", relation_code="30", sex_code="2"),
        ],
    )  # fmt: skip


@pytest.fixture
def who(family: Household, neighbours: Household) -> dict[str, int]:
    """Person ids by the last character of their names."""
    ids = [m.person_id for h in (family, neighbours) for m in queries.members(h.pk)]
    return {name[-1]: pk for pk, name in queries.display_names(ids).items()}
