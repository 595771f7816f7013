"""Synthetic people. Nobody is meant: given names are made of words like 试 and 样, identity numbers use area codes
abolished in 1983, phone numbers begin with 1380000."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from xinzhi.localities.shanchuan.demo.places import Village

SURNAMES = "李王张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
GIVEN = "试样示构虚验测例甲乙丙丁戊己庚辛壬癸"
ABOLISHED_AREAS = ("330120", "330220")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

HEADERS = (
    "户编号", "户主姓名", "与户主关系", "姓名", "性别", "出生日期", "公民身份号码", "手机号", "村民小组", "户籍性质",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Villager:
    household_no: str
    head: str
    relation: str
    name: str
    sex: str
    born: date
    id_number: str
    phone: str
    group: str

    def cells(self) -> list[str]:
        return [
            self.household_no, self.head, self.relation, self.name, self.sex, self.born.isoformat(), self.id_number,
            self.phone, self.group, "农业",
        ]  # fmt: skip


def identity_number(area: str, born: date, serial: int) -> str:
    """A number with a right check digit (GB 11643) of an area code that no longer exists."""
    body = f"{area}{born:%Y%m%d}{serial:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


class Numbers:
    """Hands out serials and phones so that none appears twice in the township."""

    def __init__(self) -> None:
        self._used: dict[tuple[str, date, int], int] = {}
        self._phone = 0

    def id_number(self, born: date, male: bool, pick: Random) -> str:
        area = pick.choice(ABOLISHED_AREAS)
        key = (area, born, int(male))
        nth = self._used.get(key, 0)
        self._used[key] = nth + 1
        return identity_number(area, born, (nth * 2 + (1 if male else 2)) % 1000)

    def phone(self) -> str:
        self._phone += 1
        return f"1380000{self._phone:04d}"


def villagers(village: Village, numbers: Numbers, *, today: date, seed: int) -> Iterator[Villager]:
    """Every person of a village, household by household."""
    pick = Random(f"{seed}:{village.code}")  # noqa: S311 (demo data must be the same each time)
    groups = [f"{hamlet}{'一二三'[g]}组" for hamlet in village.hamlets for g in range(village.groups_each)]
    for number in range(1, village.households + 1):
        yield from _household(village, number, groups[number % len(groups)], numbers, pick, today)


def _household(
    village: Village, number: int, group: str, numbers: Numbers, pick: Random, today: date
) -> Iterator[Villager]:
    household_no = f"{village.slug[:2].upper()}{number:04d}"
    surname = pick.choice(SURNAMES)
    head_age = pick.choices((32, 45, 58, 68, 79), weights=(10, 22, 30, 25, 13))[0] + pick.randint(-4, 4)
    head = surname + _given(pick)
    head_is_man = pick.random() < 0.8

    def person(relation: str, name: str, male: bool, age: int, *, phone: bool) -> Villager:
        born = today - timedelta(days=max(1, age * 365 + pick.randint(0, 364)))
        return Villager(
            household_no, head, relation, name, "男" if male else "女", born, numbers.id_number(born, male, pick),
            numbers.phone() if phone else "", group,
        )  # fmt: skip

    yield person("户主", head, head_is_man, head_age, phone=head_age < 75)
    if pick.random() < 0.78:
        yield person(
            "配偶",
            pick.choice(SURNAMES) + _given(pick),
            not head_is_man,
            head_age + pick.randint(-3, 3),
            phone=pick.random() < 0.5,
        )
    for _child in range(pick.choices((0, 1, 2), weights=(35, 45, 20))[0]):
        age = head_age - pick.randint(22, 32)
        if age >= 0:
            male = pick.random() < 0.5
            yield person(
                "子" if male else "女",
                surname + _given(pick),
                male,
                age,
                phone=age >= 18 and pick.random() < 0.6,
            )


def _given(pick: Random) -> str:
    return "".join(pick.sample(GIVEN, 2))
