"""The score sheet of a village (庭院评分表) as values, and what marks add up to. Pure: the same marks give the same grade.

The sheet is kept as a version of the kernel's rule tables, so a visit is judged by the sheet of its own day. `TEMPLATE` is the
100-point sheet of village.md 4.1; its weights are a proposal there, so a village adopts it by resolution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.rules.models import Rule, RuleVersion
from xinzhi.kernel.rules.services import NewRule

SHEET = "courtyards.sheet"
Part = Literal["item", "bonus", "veto"]
How = Literal["each", "steps"]
#: How far somebody may look: from the lane, in the yard, in the rooms; and what only the council knows.
Where = Literal["lane", "yard", "rooms", "council"]
#: What a consent opens. The rooms are looked at only where the people of the house wish it (village.md 4.1, row 6).
SEEN_WITH: dict[str, tuple[Where, ...]] = {
    "lane": ("lane",),
    "yard": ("lane", "yard"),
    "rooms": ("lane", "yard", "rooms"),
}
BASIS = "village.md 4.1"


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the sheet: `most` points; each spot takes `each`, or one of `steps` is chosen."""

    code: str
    title: str
    most: int
    part: Part = "item"
    how: How = "each"
    each: int = 0
    steps: tuple[int, ...] = ()
    where: Where = "yard"
    hint: str = ""

    @property
    def possible(self) -> tuple[int, ...]:
        """The points it can bring, best first."""
        if self.how == "steps":
            return tuple(sorted(self.steps, reverse=True))
        if not self.each:
            return (self.most,)
        return (*range(self.most, 0, -self.each), 0)

    def to_new_rule(self) -> NewRule:
        params: dict[str, Any] = {
            "most": self.most, "part": self.part, "how": self.how, "each": self.each, "steps": list(self.steps),
            "where": self.where, "hint": self.hint,
        }  # fmt: skip
        return NewRule(self.code, self.part, self.title, params, BASIS)


#: 庭院评分表 100 分, village.md 4.1.
TEMPLATE: tuple[Item, ...] = (
    Item("Y01", "院内整洁", 20, each=2, hint="垃圾、粪便、积水、杂物，沟渠通畅"),
    Item("Y02", "物品有序", 15, each=3, hint="农具、柴火、材料分类盖好，车辆停好"),
    Item("Y03", "垃圾分类", 15, each=5, hint="两桶到位、桶身干净、投放正确"),
    Item("Y04", "门前三包", 12, each=2, where="lane", hint="屋前屋后、墙面、无小广告、无乱拉线"),
    Item("Y05", "绿化美化", 10, how="steps", steps=(0, 4, 7, 10), hint="花木、竹篱、小菜园"),
    Item("Y06", "居室厨房", 8, each=2, where="rooms", hint="整洁通风、无油烟、燃气用电安全"),
    Item("Y07", "厕所污水", 8, how="steps", steps=(0, 4, 8), hint="卫生厕所，接入污水管"),
    Item("Y08", "禽畜圈养", 5, how="steps", steps=(0, 5), hint="禽畜圈养，犬只拴养"),
    Item("Y09", "家风文明", 5, each=1, where="council", hint="由议事会评"),
    Item("Y10", "安全", 2, how="steps", steps=(0, 2), hint="无飞线充电，有灭火器，避险通道畅通"),
    Item("B01", "加分", 5, "bonus", how="steps", steps=(0, 1, 2, 3, 4, 5), hint="示范户、开放参观、帮助邻户"),
    Item("V01", "新增违建", 0, "veto", where="lane"),
    Item("V02", "露天焚烧", 0, "veto", where="lane"),
    Item("V03", "污水直排溪沟", 0, "veto", where="lane"),
)
#: ≥90 A, 80–89 B, 70–79 C; below, 7 days to make good; a third rater where two lie more than 15 apart (village.md 4.1).
TEMPLATE_SETTINGS: dict[str, Any] = {
    "grades": [["A", 90], ["B", 80], ["C", 70]],
    "spread": 15,
    "rectify_days": 7,
    "raters": 2,
}
#: Below the lowest grade, and a title that is void for this round.
BELOW, VOID = "D", "V"
GRADE_LABELS = {
    "A": _("five stars"),
    "B": _("four stars"),
    "C": _("three stars"),
    BELOW: _("to be made good"),
    VOID: _("void this quarter"),
}


class MarksDoNotFit(Invalid):
    code = "courtyards.marks_do_not_fit"
    sentence = _(
        "“%(item)s” can have %(possible)s points; found “%(found)s”. Open the courtyard, choose again and send it."
    )


class MarksIncomplete(Invalid):
    code = "courtyards.marks_incomplete"
    sentence = _(
        "What was looked at is scored in full: these lines were needed: %(needed)s; sent were: %(found)s."
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A version of a village's sheet with its lines. Whole points; `spread` too."""

    version_id: int
    number: int
    resolution: str
    items: tuple[Item, ...]
    grades: tuple[tuple[str, int], ...]
    spread: int
    rectify_days: int
    raters: int

    def of(self, part: Part) -> tuple[Item, ...]:
        return tuple(i for i in self.items if i.part == part)

    def seen_with(self, consent: str) -> tuple[Item, ...]:
        """The lines somebody with this consent scores."""
        return tuple(i for i in self.of("item") if i.where in SEEN_WITH.get(consent, ()))

    @property
    def most(self) -> int:
        return sum(i.most for i in self.of("item"))

    def grade_of(self, total_tenths: int) -> str:
        """The best grade the total reaches; BELOW when none."""
        return next((code for code, least in self.grades if total_tenths >= 10 * least), BELOW)

    def total_tenths(self, consent: str, marks: Mapping[str, int]) -> int:
        """The sheet's points less what was seen missing, and the bonus, in tenths.

        What was not looked at loses nothing: rooms nobody was asked into, and what the council judges.
        Raises MarksDoNotFit, MarksIncomplete.
        """
        lines = self.seen_with(consent)
        known = {i.code: i for i in (*lines, *self.of("bonus"))}
        needed = {i.code for i in lines}
        if not needed <= marks.keys() <= known.keys():
            raise MarksIncomplete(
                field="marks", needed="、".join(sorted(needed)), found="、".join(sorted(marks))[:120]
            )
        for code, points in marks.items():
            if points not in known[code].possible:
                raise MarksDoNotFit(
                    field="marks",
                    item=known[code].title,
                    possible="/".join(map(str, known[code].possible)),
                    found=points,
                )
        lost = sum(i.most - marks[i.code] for i in lines)
        bonus = sum(marks.get(i.code, 0) for i in self.of("bonus"))
        return 10 * (self.most - lost + bonus)


def agreed_tenths(totals: Sequence[int]) -> int:
    """What several raters' totals come to: the mean of two (a half of a tenth falls away), the median of three."""
    if len(totals) == 3:
        return int(median(totals))
    return sum(totals) // len(totals)


def sheet_of(version: RuleVersion, rows: Sequence[Rule]) -> Sheet:
    """The sheet a stored version holds."""
    s = version.settings
    items = tuple(
        Item(
            code=r.code, title=r.title, most=r.params["most"], part=r.params["part"], how=r.params["how"],
            each=r.params["each"], steps=tuple(r.params["steps"]), where=r.params["where"], hint=r.params["hint"],
        )
        for r in rows
    )  # fmt: skip
    return Sheet(
        version_id=version.pk, number=version.number, resolution=version.resolution, items=items,
        grades=tuple((code, least) for code, least in s["grades"]), spread=s["spread"],
        rectify_days=s["rectify_days"], raters=s["raters"],
    )  # fmt: skip
