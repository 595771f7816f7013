"""Which clocks and quorums hold in a place on a day, each with its article (legal_profile).

The rows lie in `data/legal_profile.csv`: nation (no region), province, city, county or township by the first digits of the statistical
code, each in force on half-open spans. Where several hold, the strictest wins; of equals, the one nearest to the place, whose article is the
one to cite. `basis` says whether a law asks for it (law) or whether it is what is commonly done where the law is silent (practice).
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions.models import Region

DATA = Path(__file__).parent / "data" / "legal_profile.csv"
Sense = Literal["at_least", "at_most", "more_than"]
Unit = Literal["days", "working_days", "share"]
Basis = Literal["law", "practice"]


@dataclass(frozen=True, slots=True)
class Standard:
    """One clock or quorum: `value` in `unit`, as its article says. `region` are first digits of a code, "" the nation."""

    key: str
    sense: Sense
    value: Fraction
    unit: Unit
    basis: Basis
    region: str
    active_from: date
    active_to: date | None
    article: str

    @property
    def days(self) -> int:
        """The number of days. Raises ValueError for a share."""
        if self.unit == "share":
            raise ValueError(f"{self.key} is a share, not a number of days.")
        return int(self.value)

    @property
    def is_law(self) -> bool:
        return self.basis == "law"

    def holds_for(self, part: int, whole: int = 1) -> bool:
        """Whether `part` of `whole` satisfies it, counted exactly: 268 of 403 households are fewer than two thirds."""
        left, right = part * self.value.denominator, whole * self.value.numerator
        if self.sense == "more_than":
            return left > right
        return left >= right if self.sense == "at_least" else left <= right

    def least_of(self, whole: int) -> int:
        """The smallest number out of `whole` that satisfies a quorum: 269 of 403, 202 of 402."""
        exact = self.value * whole
        rounded_up = -(-exact.numerator // exact.denominator)
        return rounded_up + 1 if self.sense == "more_than" and exact == rounded_up else rounded_up

    def last_day_from(self, day: date) -> date:
        """The last day of the term. The day it begins on is not counted (Civil Code art. 201)."""
        return day + timedelta(days=self.days)

    def ends_at(self, day: date) -> datetime:
        """The moment at which a term that begins on `day` is over: midnight in Shanghai after its last day."""
        return clock.start_of_day(self.last_day_from(day) + timedelta(days=1))


class NotInForce(LookupError):
    """No row of this key holds there on that day: a mistake of the code or a gap of the data, never of a reader."""


@cache
def rows() -> tuple[Standard, ...]:
    """All rows of the data file. Raises ValueError for a row that can not be right."""
    with DATA.open(encoding="utf-8", newline="") as file:
        return tuple(_row(number, row) for number, row in enumerate(csv.DictReader(file), start=2))


def _row(number: int, row: dict[str, str]) -> Standard:
    for name, allowed in (("sense", Sense), ("unit", Unit), ("basis", Basis)):
        if row[name] not in get_args(allowed):
            raise ValueError(f"Row {number} of the legal profile: {name} is “{row[name]}”.")
    if len(row["region"]) not in (0, 2, 4, 6, 9, 12) or not row["article"]:
        raise ValueError(
            f"Row {number} of the legal profile needs a region of 2 to 12 digits and its article."
        )
    return Standard(
        key=row["key"],
        sense=cast(Sense, row["sense"]),
        value=Fraction(row["value"]),
        unit=cast(Unit, row["unit"]),
        basis=cast(Basis, row["basis"]),
        region=row["region"],
        active_from=date.fromisoformat(row["active_from"]),
        active_to=date.fromisoformat(row["active_to"]) if row["active_to"] else None,
        article=row["article"],
    )


def standard(key: str, code: str, day: date) -> Standard:
    """What holds in the place with this statistical code on a day, the strictest of all. Raises NotInForce."""
    found = [
        row
        for row in rows()
        if row.key == key
        and code.startswith(row.region)
        and row.active_from <= day
        and (row.active_to is None or day < row.active_to)
    ]
    if not found:
        raise NotInForce(f"No “{key}” in the legal profile for {code or 'the nation'} on {day}.")
    return max(found, key=_strictness)


def _strictness(row: Standard) -> tuple[Fraction, bool, int]:
    amount = -row.value if row.sense == "at_most" else row.value
    return amount, row.sense == "more_than", len(row.region)


def standard_for(key: str, region_id: int, day: date) -> Standard:
    """`standard` for a region as it was coded on that day. Raises NotInForce."""
    return standard(key, _code(region_id, day), day)


def standards_for(keys: Collection[str], region_id: int, day: date) -> dict[str, Standard]:
    """Several at once, with one look at the region's code."""
    code = _code(region_id, day)
    return {key: standard(key, code, day) for key in keys}


def _code(region_id: int, day: date) -> str:
    """The code on the day; of a region that had none yet, its present one; "" where there is none."""
    region = Region.objects.get(pk=region_id)
    return regions.code_of(region, day) or regions.code_of(region) or ""
