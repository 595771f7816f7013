"""What a rule of the points charter (积分章程) says, as values.

The kernel's rule tables keep rules as JSON; here they become typed, and JSON again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal, get_args

from xinzhi.kernel.rules.models import Rule
from xinzhi.kernel.rules.services import NewRule

CHARTER = "governance_points.charter"

PointsKind = Literal["fixed", "per_unit", "by_grade", "ladder", "per_member"]
Period = Literal["day", "week", "month", "quarter", "year"]
PERIODS: tuple[Period, ...] = get_args(Period)
VERIFIERS = ("village_clerk", "inspector", "council_member")
EVIDENCE = ("photo", "photo_or_record", "document", "record", "none")

PUBLICATION_DAYS_DEFAULT = 7
#: A charter may choose 3 to 15 calendar days (village.md 1.5 and 9.5).
PUBLICATION_DAYS_RANGE = (3, 15)
LATE_ENTRY_DAYS_DEFAULT = 60


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many points (tenths) or so many times in a period, per household and rule."""

    period: Period
    points_tenths: int | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class CharterRule:
    """One rule of the charter.

    `points_tenths` counts for `fixed` (once) and `per_unit` (for each unit); `grades` for `by_grade`.
    `ladder`: (hours or the like in tenths, points in tenths) for `ladder`: what a year's sum of quantities is worth altogether.
    `per_member`: the points for each member of the household on the day.
    `recheck`: the township looks again at what the council has approved. `group`: of one act under several rules of a group the
    highest counts. `repeat_months`: a repetition within so many months counts double; 0 never. `validity_months`: after the
    end of the quarter, instead of what the charter says. `vetoes`: it costs the year's title and points dividend, and nothing else.
    """

    code: str
    category: str
    title: str
    points_kind: PointsKind
    points_tenths: int = 0
    unit: str = ""
    grades: Mapping[str, int] = field(default_factory=dict)
    max_quantity_tenths: int | None = None
    evidence: str = "photo"
    verifier: str = "village_clerk"
    caps: tuple[Cap, ...] = ()
    legal_basis: str = ""
    recheck: bool = False
    ladder: tuple[tuple[int, int], ...] = ()
    group: str = ""
    repeat_months: int = 0
    validity_months: int | None = None
    vetoes: bool = False
    act: str = ""  # the act of a scene that makes the deed by itself, by its code (rules.ports)

    @property
    def is_deduction(self) -> bool:
        return self.points_tenths < 0 or any(v < 0 for v in self.grades.values())

    @property
    def is_measured(self) -> bool:
        """Whether somebody says how much of its unit was done."""
        return self.points_kind in ("per_unit", "ladder")

    @property
    def needs_photo(self) -> bool:
        return self.evidence == "photo"

    @property
    def best_tenths(self) -> int:
        """The most one deed can be worth before quantity: what a villager sees on the list."""
        if self.ladder:
            return self.ladder[-1][1]
        return max(self.grades.values()) if self.grades else self.points_tenths

    def to_new_rule(self) -> NewRule:
        params: dict[str, Any] = {
            "points_kind": self.points_kind,
            "points_tenths": self.points_tenths,
            "unit": self.unit,
            "grades": dict(self.grades),
            "max_quantity_tenths": self.max_quantity_tenths,
            "evidence": self.evidence,
            "verifier": self.verifier,
            "caps": [
                {"period": c.period, "points_tenths": c.points_tenths, "times": c.times} for c in self.caps
            ],
            "recheck": self.recheck,
            # Only what a rule has, so that charters of before keep their content.
            **({"ladder": [list(step) for step in self.ladder]} if self.ladder else {}),
            **({"group": self.group} if self.group else {}),
            **({"repeat_months": self.repeat_months} if self.repeat_months else {}),
            **({"validity_months": self.validity_months} if self.validity_months is not None else {}),
            **({"vetoes": True} if self.vetoes else {}),
        }
        if self.act:  # a charter that names none keeps the digest it always had
            params["act"] = self.act
        return NewRule(self.code, self.category, self.title, params, self.legal_basis)


def rule_of(row: Rule) -> CharterRule:
    """The typed rule of a stored row."""
    p = row.params
    return CharterRule(
        code=row.code,
        category=row.category,
        title=row.title,
        points_kind=p["points_kind"],
        points_tenths=p["points_tenths"],
        unit=p["unit"],
        grades=p["grades"],
        max_quantity_tenths=p["max_quantity_tenths"],
        evidence=p["evidence"],
        verifier=p["verifier"],
        caps=tuple(Cap(c["period"], c["points_tenths"], c["times"]) for c in p["caps"]),
        legal_basis=row.legal_basis,
        recheck=p.get("recheck", False),  # charters adopted before there was a re-check
        ladder=tuple((step, tenths) for step, tenths in p.get("ladder", ())),
        group=p.get("group", ""),
        repeat_months=p.get("repeat_months", 0),
        validity_months=p.get("validity_months"),
        vetoes=p.get("vetoes", False),
        act=p.get("act", ""),
    )


@lru_cache(maxsize=8192)
def period_of(day: date, period: Period) -> tuple[date, date]:
    """First day of the period holding `day`, and the first day after it. Weeks begin on Monday."""
    if period == "day":
        return day, day + timedelta(days=1)
    if period == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    if period == "year":
        return date(day.year, 1, 1), date(day.year + 1, 1, 1)
    months = 1 if period == "month" else 3
    first = day.month if months == 1 else (day.month - 1) // 3 * 3 + 1
    after = first + months
    return date(day.year, first, 1), date(day.year + (after > 12), (after - 1) % 12 + 1, 1)


def expiry_of(done_on: date) -> date:
    """Spendable points expire 12 months after the end of the quarter in which they were earned (village.md 1.6)."""
    _first, after = period_of(done_on, "quarter")
    return date(after.year + 1, after.month, 1)
