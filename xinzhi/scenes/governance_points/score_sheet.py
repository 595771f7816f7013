"""A month's score sheet (月度计分表): a row a household, a column a rule, a cell a number of times, a quantity or a grade."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.amounts import PointsNotUnderstood, parse_points
from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.sheets import Column, RowProblem, Table
from xinzhi.kernel.sheets.table import Words
from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.queries.charter import Charter
from xinzhi.scenes.governance_points.scoring import (
    GradeNeeded,
    QuantityNeeded,
    QuantityOutOfRange,
    check_quantity,
)

COLUMNS = (
    Column(key="household_no", names=("户编号", "household_no"), required=True),
    Column(key="head", names=("户主", "户主姓名", "head")),
)
MAX_TIMES = 31
_RULE_HEADING = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]{0,31})(?:\s|$)")


class NoRuleColumns(Invalid):
    code = "governance_points.no_rule_columns"
    sentence = _(
        "No column begins with a rule number of the charter. Download the form of this village and fill it in."
    )


@dataclass(frozen=True, slots=True)
class SheetDeed:
    """One deed a cell stands for. `nth` tells several of one cell apart."""

    row: int
    household_id: int
    rule: CharterRule
    rule_id: int
    quantity_tenths: int | None
    grade: str
    nth: int


@dataclass(frozen=True, slots=True)
class ReadSheet:
    deeds: tuple[SheetDeed, ...]
    problems: tuple[RowProblem, ...]
    households: int


def rule_headings(charter: Charter) -> list[str]:
    """Headings of the rule columns: number, title, and what to write into the cell."""
    headings = []
    for line in charter.lines:
        rule = line.rule
        if rule.is_deduction:
            continue
        hint = rule.unit if rule.is_measured else "/".join(rule.grades) or "次"
        headings.append(f"{rule.code} {rule.title}（{hint}）")
    return headings


def read_sheet(table: Table, charter: Charter, household_ids: dict[str, int]) -> ReadSheet:
    """Deeds of a score sheet. `household_ids` are the village's active households by number.

    Raises NoRuleColumns.
    """
    rule_columns: list[tuple[str, int, CharterRule]] = []
    problems: list[RowProblem] = list(table.problems)
    for heading in table.header:
        match = _RULE_HEADING.match(heading)
        line = charter.line(match[1]) if match else None
        if line is not None:
            rule_columns.append((heading, line.id, line.rule))
    if not rule_columns:
        raise NoRuleColumns()

    deeds: list[SheetDeed] = []
    seen: dict[str, int] = {}
    for row in table.rows:
        number = (row.cells.get("household_no") or "").strip()
        household_id = household_ids.get(number)
        if household_id is None:
            problems.append(
                RowProblem(
                    row.number,
                    "户编号",
                    number[:40],
                    _("no active household of this village has this number"),
                    _("check the number in the roster"),
                )
            )
            continue
        if number in seen:
            problems.append(
                RowProblem(
                    row.number,
                    "户编号",
                    number,
                    _("this household stands in row %(row)s already") % {"row": seen[number]},
                    _("keep one row a household"),
                )
            )
            continue
        seen[number] = row.number
        for heading, rule_id, rule in rule_columns:
            written = (row.cells.get(heading) or "").strip()
            if not written or written == "0":
                continue
            try:
                deeds.extend(_cell(row.number, household_id, rule_id, rule, written))
            except _CellRefused as refused:
                problems.append(
                    RowProblem(row.number, heading, written[:40], refused.problem, refused.remedy)
                )
    return ReadSheet(tuple(deeds), tuple(problems), len(seen))


class _CellRefused(Exception):
    def __init__(self, problem: Words, remedy: Words) -> None:
        self.problem, self.remedy = problem, remedy


def _cell(row: int, household_id: int, rule_id: int, rule: CharterRule, written: str) -> Sequence[SheetDeed]:
    if rule.is_deduction:
        raise _CellRefused(
            _("deductions need notice and reply and can not be entered here"), _("leave the cell empty")
        )
    quantity, grade, times = None, "", 1
    try:
        if rule.points_kind == "by_grade":
            grade = written
        elif rule.is_measured:
            quantity = parse_points(written)
        else:
            tenths = parse_points(written)
            if tenths % 10 or not 0 < tenths <= MAX_TIMES * 10:
                raise _CellRefused(
                    _("a whole number of times from 1 to %(most)s is needed") % {"most": MAX_TIMES},
                    _("write for example 2"),
                )
            times = tenths // 10
        check_quantity(rule, quantity, grade)
    except (PointsNotUnderstood, QuantityNeeded, QuantityOutOfRange, GradeNeeded) as refusal:
        raise _CellRefused(refusal.message, _("correct the cell or leave it empty")) from None
    return [SheetDeed(row, household_id, rule, rule_id, quantity, grade, nth) for nth in range(times)]


def day_of_month(month: date, today: date) -> date:
    """The day a sheet's deeds are dated: the month's last day, or today while the month runs."""
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return min(date.fromordinal(after.toordinal() - 1), today)
