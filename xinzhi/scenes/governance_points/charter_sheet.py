"""The charter as an Excel sheet: one row a rule, the headings a village uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.amounts import PointsNotUnderstood, format_points, parse_points
from xinzhi.kernel.rules.ports import acts
from xinzhi.kernel.sheets import Column, Row, RowProblem, Table
from xinzhi.kernel.sheets.table import Words
from xinzhi.scenes.governance_points.charter import (
    EVIDENCE,
    PERIODS,
    VERIFIERS,
    Cap,
    CharterRule,
    Period,
    PointsKind,
)
from xinzhi.scenes.governance_points.charter_terms import Terms
from xinzhi.scenes.governance_points.observed import grade_in, names_of
from xinzhi.scenes.governance_points.terms_sheet import TERM_WORDS, cap_words, plain, read_term, term_rows

CATEGORY, TITLE, KIND, POINTS = "category", "title", "points_kind", "points"

COLUMNS = (
    Column(key="code", names=("编号", "code"), required=True),
    Column(key=CATEGORY, names=("类别", "category"), required=True),
    Column(key=TITLE, names=("事项", "title"), required=True),
    Column(key=KIND, names=("计分方式", "points_kind"), required=True),
    Column(key=POINTS, names=("分值", "points"), required=True),
    Column(key="unit", names=("单位", "unit")),
    Column(key="max_quantity", names=("单次最多", "max_quantity")),
    Column(key="evidence", names=("佐证", "evidence")),
    Column(key="verifier", names=("核实人", "verifier")),
    Column(key="day", names=("每日上限", "cap_day")),
    Column(key="week", names=("每周上限", "cap_week")),
    Column(key="month", names=("每月上限", "cap_month")),
    Column(key="quarter", names=("每季上限", "cap_quarter")),
    Column(key="year", names=("每年上限", "cap_year")),
    Column(key="legal_basis", names=("依据", "legal_basis")),
    Column(key="recheck", names=("乡镇复核", "recheck")),
    Column(key="group", names=("不叠加组", "group")),
    Column(key="repeat", names=("再犯加倍（月）", "repeat_months")),
    Column(key="validity", names=("有效期（月）", "validity_months")),
    Column(key="vetoes", names=("一票否决", "vetoes")),
    Column(key="act", names=("来自场景", "act")),
)

KINDS: dict[str, PointsKind] = {
    "固定": "fixed", "fixed": "fixed", "": "fixed",
    "按数量": "per_unit", "按量": "per_unit", "per_unit": "per_unit",
    "按等级": "by_grade", "by_grade": "by_grade", "按累计": "ladder", "ladder": "ladder",
    "按人口": "per_member", "per_member": "per_member",
}  # fmt: skip
EVIDENCES = {
    "照片": "photo", "照片或记录": "photo_or_record", "证明材料": "document", "村级记录": "record", "无": "none", "": "photo",
    **{e: e for e in EVIDENCE},
}  # fmt: skip
VERIFYING = {
    "村干部": "village_clerk", "巡查员": "inspector", "议事会成员": "council_member", "": "village_clerk",
    **{v: v for v in VERIFIERS},
}  # fmt: skip
YES_OR_NO = {"是": True, "yes": True, "否": False, "no": False, "": False}
WORDS_OF_KIND = {
    "fixed": "固定", "per_unit": "按数量", "by_grade": "按等级", "ladder": "按累计", "per_member": "按人口",
}  # fmt: skip
WORDS_OF_EVIDENCE = {
    "photo": "照片",
    "photo_or_record": "照片或记录",
    "document": "证明材料",
    "record": "村级记录",
    "none": "无",
}
WORDS_OF_VERIFIER = {"village_clerk": "村干部", "inspector": "巡查员", "council_member": "议事会成员"}

_GRADE = re.compile(r"\s*([^\s:：;；]{1,20})\s*[:：]\s*([^;；]+)")
_STEP = re.compile(r"\s*(\d{1,6}(?:\.\d)?)\s*[:：]\s*(\d{1,4}(?:\.\d)?)\s*")
_CAP = re.compile(r"(\d{1,6}(?:\.\d)?)\s*(次|分)?\Z")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}\Z")
#: One deed is worth 0.1 to 100 points in every published scheme (village.md 1.3).
LARGEST_TENTHS = 1_000
#: Five years: the longest validity of any published scheme (village.md 1.6).
LONGEST_MONTHS = 60


@dataclass(frozen=True, slots=True)
class ReadCharter:
    """The rules and terms read, and what was wrong with the rows that could not be."""

    rules: tuple[CharterRule, ...]
    problems: tuple[RowProblem, ...]
    terms: Terms = field(default_factory=Terms)


def read_charter(table: Table) -> ReadCharter:
    """Rules from a table with the charter's columns. A row with a problem gives no rule."""
    rules: list[CharterRule] = []
    problems: list[RowProblem] = list(table.problems)
    codes: dict[str, int] = {}
    terms: dict[str, Any] = {}
    for row in table.rows:
        reader = _RowReader(row)
        if reader.text(CATEGORY) in TERM_WORDS:
            if (term := read_term(reader)) and term[0] in terms:
                reader.refuse(TITLE, _("this term stands in the sheet already"), _("keep one row a term"))
            if term is not None:
                terms[term[0]] = term[1]
            problems.extend(reader.problems)
            continue
        rule = reader.rule()
        if rule is not None and rule.code in codes:
            reader.refuse(
                "code",
                _("this number stands in row %(row)s already") % {"row": codes[rule.code]},
                _("give each rule a number of its own"),
            )
            rule = None
        if rule is not None and not reader.problems:
            codes[rule.code] = row.number
            rules.append(rule)
        problems.extend(reader.problems)
    return ReadCharter(tuple(rules), tuple(problems), Terms(**terms))


class _RowReader:
    """Reads one row, collecting what is wrong instead of stopping at the first."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.problems: list[RowProblem] = []

    def text(self, key: str) -> str:
        return (self.row.cells.get(key) or "").strip()

    def refuse(self, key: str, problem: Words, remedy: Words) -> None:
        column = next((c.names[0] for c in COLUMNS if c.key == key), key)
        self.problems.append(RowProblem(self.row.number, column, self.text(key)[:60], problem, remedy))

    def rule(self) -> CharterRule | None:
        code, category, title = self.text("code"), self.text(CATEGORY), self.text(TITLE)
        if not _CODE.match(code):
            self.refuse(
                "code",
                _("a rule number is needed: letters and digits, at most 32"),
                _("write for example A01"),
            )
        for key, value, most in ((CATEGORY, category, 60), (TITLE, title, 100)):
            if not value or len(value) > most:
                self.refuse(
                    key,
                    _("between 1 and %(most)s characters are needed") % {"most": most},
                    _("fill in or shorten"),
                )
        kind = KINDS.get(self.text(KIND))
        if kind is None:
            self.refuse(
                KIND, _("this is not a way of counting"), _("write 固定, 按数量, 按等级, 按累计 or 按人口")
            )
            return None
        points, grades, ladder = self._points(kind)
        unit = self.text("unit")
        if kind in ("per_unit", "ladder") and not unit:
            self.refuse("unit", _("a rule by quantity needs its unit"), _("write for example 小时 or 次"))
        evidence = EVIDENCES.get(self.text("evidence"))
        if evidence is None:
            self.refuse(
                "evidence",
                _("this kind of evidence is not known"),
                _("write one of %(words)s") % {"words": "、".join(WORDS_OF_EVIDENCE.values())},
            )
        verifier = VERIFYING.get(self.text("verifier"))
        if verifier is None:
            self.refuse(
                "verifier",
                _("this verifier is not known"),
                _("write one of %(words)s") % {"words": "、".join(WORDS_OF_VERIFIER.values())},
            )
        at_most = self._decimal("max_quantity")
        caps = self.caps()
        basis = self.text("legal_basis")
        deducts = points < 0 or any(g < 0 for g in grades.values())
        if deducts and not basis:
            self.refuse(
                "legal_basis",
                _("a deduction needs its basis"),
                _("name the article of the village rules or the law"),
            )
        recheck = YES_OR_NO.get(self.text("recheck").lower())
        if recheck is None:
            self.refuse("recheck", _("yes or no is needed"), _("write 是 or 否, or leave it empty"))
        vetoes = YES_OR_NO.get(self.text("vetoes").lower())
        if vetoes is None:
            self.refuse("vetoes", _("yes or no is needed"), _("write 是 or 否, or leave it empty"))
        elif vetoes and not deducts:
            # Told and heard like a deduction, and never shown to neighbours.
            self.refuse(
                "vetoes", _("only a deduction can veto"), _("give it negative points or leave it empty")
            )
        group = self.text("group")
        if len(group) > 20:
            self.refuse(
                "group",
                _("between 1 and %(most)s characters are needed") % {"most": 20},
                _("fill in or shorten"),
            )
        repeat = self._months("repeat", 1)
        if repeat and not deducts:
            self.refuse("repeat", _("only a deduction counts double when repeated"), _("leave it empty"))
        validity = self._months("validity", 0)
        act = self._act(kind, grades)
        if self.problems:
            return None
        return CharterRule(
            code=code, category=category, title=title, points_kind=kind, points_tenths=points, unit=unit[:20],
            grades=grades, max_quantity_tenths=at_most, evidence=evidence or "photo", verifier=verifier or "village_clerk",
            caps=caps, legal_basis=basis[:200], recheck=bool(recheck), ladder=ladder, group=group, repeat_months=repeat or 0,
            validity_months=validity, vetoes=bool(vetoes), act=act,
        )  # fmt: skip

    def _act(self, kind: PointsKind, grades: dict[str, int]) -> str:
        """The act of a scene this rule counts, by its code or name; it must be counted as the scene tells it."""
        written = self.text("act")
        if not written:
            return ""
        found = next((a for a in acts() if written in (a.code, *names_of(a.label))), None)
        if found is None:
            known = "、".join(str(a.label) for a in acts()) or "–"
            self.refuse(
                "act", _("no scene of this house sees this"), _("write one of %(words)s") % {"words": known}
            )
            return ""
        fits: dict[str, tuple[PointsKind, ...]] = {"grade": ("by_grade",), "quantity": ("per_unit", "ladder")}
        if kind not in ("fixed", *fits.get(found.measure, ())):
            self.refuse(
                "act",
                _("what this scene tells is not counted like that"),
                _("choose another way of counting"),
            )
        elif kind == "by_grade" and not any(grade_in(grades, found, code) for code, _label in found.grades):
            words = "、".join(str(label) for _code, label in found.grades)
            self.refuse(
                POINTS,
                _("none of the grades this scene tells is here"),
                _("write one of %(words)s") % {"words": words},
            )
        return found.code

    def _tenths(self, key: str, written: str, *, grade: bool = False) -> int:
        try:
            tenths = parse_points(written)
        except PointsNotUnderstood as refusal:
            self.refuse(key, refusal.message, _("write a number such as 5 or 0.5"))
            return 0
        # A grade may be worth nothing: kitchen waste of the grade 差 (village.md 1.3 d).
        if abs(tenths) > LARGEST_TENTHS or (tenths == 0 and not grade):
            self.refuse(
                key, _("one deed is worth between 0.1 and 100 points"), _("write a number in this range")
            )
        return tenths

    def _points(self, kind: PointsKind) -> tuple[int, dict[str, int], tuple[tuple[int, int], ...]]:
        written = self.text(POINTS)
        if kind == "ladder":
            return 0, {}, self._ladder(written)
        if kind != "by_grade":
            return self._tenths(POINTS, written), {}, ()
        return 0, self._grades(written), ()

    def _ladder(self, written: str) -> tuple[tuple[int, int], ...]:
        """Steps upwards: more hours, more points."""
        steps: list[tuple[int, int]] = []
        for part in re.split(r"[;；]", written):
            if not part.strip():
                continue
            match = _STEP.fullmatch(part)
            step = (parse_points(match[1]), parse_points(match[2])) if match else (0, 0)
            low, high = steps[-1] if steps else (0, 0)
            if step[0] <= low or not high < step[1] <= LARGEST_TENTHS:
                self.refuse(
                    POINTS,
                    _("steps are written as amount:points, each higher than the one before"),
                    _("write for example 4:1;10:2;20:5"),
                )
                return ()
            steps.append(step)
        if not steps:
            self.refuse(
                POINTS,
                _("steps are written as amount:points, each higher than the one before"),
                _("write for example 4:1;10:2;20:5"),
            )
        return tuple(steps)

    def _grades(self, written: str) -> dict[str, int]:
        grades: dict[str, int] = {}
        for part in re.split(r"[;；]", written):
            if not part.strip():
                continue
            match = _GRADE.fullmatch(part)
            if not match:
                self.refuse(
                    POINTS, _("grades are written as name:points"), _("write for example 优:10;良:8;一般:6")
                )
                return {}
            grades[match[1]] = self._tenths(POINTS, match[2], grade=True)
        if not grades:
            self.refuse(
                POINTS, _("a rule by grade needs its grades"), _("write for example 优:10;良:8;一般:6")
            )
        return grades

    def caps(self) -> tuple[Cap, ...]:
        return tuple(cap for period in PERIODS if (cap := self._cap(period)))

    def _months(self, key: str, least: int) -> int | None:
        written = self.text(key)
        if not written:
            return None
        if not re.fullmatch(r"\d{1,2}", written, re.ASCII) or not least <= int(written) <= LONGEST_MONTHS:
            self.refuse(
                key,
                _("a number of months from %(least)s to %(most)s is needed")
                % {"least": least, "most": LONGEST_MONTHS},
                _("write for example 12, or leave it empty"),
            )
            return None
        return int(written)

    def _decimal(self, key: str) -> int | None:
        written = self.text(key)
        if not written:
            return None
        try:
            tenths = parse_points(written)
        except PointsNotUnderstood:
            tenths = 0
        if tenths <= 0:
            self.refuse(key, _("a number above 0 is needed"), _("write for example 8, or leave it empty"))
            return None
        return tenths

    def _cap(self, period: Period) -> Cap | None:
        written = self.text(period)
        if not written:
            return None
        match = _CAP.match(written)
        if not match or parse_points(match[1]) == 0 or (match[2] == "次" and "." in match[1]):
            self.refuse(
                period,
                _("a cap is points or a number of times"),
                _("write for example 30 (points) or 2次 (times)"),
            )
            return None
        if match[2] == "次":
            return Cap(period, times=int(match[1]))
        return Cap(period, points_tenths=parse_points(match[1]))


def charter_rows(
    rules: Iterable[CharterRule], terms: Terms | None = None
) -> tuple[Sequence[str], list[list[str]]]:
    """Headings and rows of a charter sheet, the way `read_charter` reads them back."""
    headers = [c.names[0] for c in COLUMNS]
    rows = []
    for r in rules:
        rows.append(
            [
                r.code,
                r.category,
                r.title,
                WORDS_OF_KIND[r.points_kind],
                _points_words(r),
                r.unit,
                format_points(r.max_quantity_tenths) if r.max_quantity_tenths else "",
                WORDS_OF_EVIDENCE[r.evidence],
                WORDS_OF_VERIFIER[r.verifier],
                *(cap_words(r.caps, p) for p in PERIODS),
                r.legal_basis,
                "是" if r.recheck else "",
                r.group,
                str(r.repeat_months or ""),
                "" if r.validity_months is None else str(r.validity_months),
                "是" if r.vetoes else "",
                r.act,
            ]
        )
    return headers, rows + term_rows(terms or Terms(), tuple(c.key for c in COLUMNS))


def _points_words(rule: CharterRule) -> str:
    if rule.points_kind == "by_grade":
        return ";".join(f"{g}:{plain(v)}" for g, v in rule.grades.items())
    if rule.points_kind == "ladder":
        return ";".join(f"{plain(at)}:{plain(v)}" for at, v in rule.ladder)
    return plain(rule.points_tenths)
