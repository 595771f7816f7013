"""What a charter says beside its rules: titles, caps over all rules, shares, validity, late entry, the yearly reset.

Terms are dated data of a charter version and live in its `settings`; here they become typed, and JSON again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from xinzhi.scenes.governance_points.charter import LATE_ENTRY_DAYS_DEFAULT, Cap, CharterRule, period_of

DividendBase = Literal["earned", "unspent"]
#: A share means little while a household has hardly anything: below so many points of the year nothing is cut.
SHARE_FROM_DEFAULT = 1_000


@dataclass(frozen=True, slots=True)
class Band:
    """A title of the year and where it begins, in tenths. `above`: only what is more (不含本数); None: all that is less than the others."""

    title: str
    tenths: int | None = None
    above: bool = False

    def holds(self, score_tenths: int) -> bool:
        if self.tenths is None:
            return True
        return score_tenths > self.tenths if self.above else score_tenths >= self.tenths


@dataclass(frozen=True, slots=True)
class Validity:
    """Points hold so many months after the end of the period in which the deed was done; a late entry does not extend them."""

    after: Literal["day", "quarter", "year"] = "quarter"
    months: int = 12


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one version.

    `bands`: highest first. `year_base_tenths`: what each household's year begins with when titles are given; no points.
    `household_caps`: over all rules together. `category_percent`: the most one category may be of a household's year, ""
    for all that are not named. `reset_on`: month and day on which points of earlier years end.
    `dividend_counts`: whether what was spent counts for the points dividend.
    """

    bands: tuple[Band, ...] = ()
    year_base_tenths: int = 0
    household_caps: tuple[Cap, ...] = ()
    category_percent: Mapping[str, int] = field(default_factory=dict)
    share_from_tenths: int = SHARE_FROM_DEFAULT
    late_entry_days: int = LATE_ENTRY_DAYS_DEFAULT
    validity: Validity = Validity()
    reset_on: tuple[int, int] | None = None
    dividend_counts: DividendBase = "earned"

    def title_of(self, score_tenths: int) -> str:
        """The title of a year's score; empty where the charter gives none."""
        return next((b.title for b in self.bands if b.holds(score_tenths)), "")

    def percent_of(self, category: str) -> int | None:
        return self.category_percent.get(category, self.category_percent.get(""))

    def expires_on(self, rule: CharterRule, done_on: date, posted_on: date | None = None) -> date:
        """The first day on which points of a deed no longer count: validity of rule or charter, at the latest the yearly reset."""
        if rule.validity_months is not None:
            ends = add_months(period_of(done_on, "quarter")[1], rule.validity_months)
        else:
            ends = add_months(period_of(done_on, self.validity.after)[1], self.validity.months)
        if self.reset_on is not None:
            resets = self.reset_after(done_on.year)
            while posted_on is not None and resets <= posted_on:
                resets = self.reset_after(resets.year)
            ends = min(ends, resets)
        return ends

    def reset_after(self, year: int) -> date:
        """The day in the next year on which the points of a year end."""
        assert self.reset_on is not None
        return date(year + 1, *self.reset_on)

    def to_settings(self) -> dict[str, Any]:
        """As JSON; what is as by default is left out, so that older charters read alike."""
        found: dict[str, Any] = {"late_entry_days": self.late_entry_days}
        if self.bands:
            found["bands"] = [{"title": b.title, "tenths": b.tenths, "above": b.above} for b in self.bands]
        if self.year_base_tenths:
            found["year_base_tenths"] = self.year_base_tenths
        if self.household_caps:
            found["household_caps"] = [
                {"period": c.period, "points_tenths": c.points_tenths, "times": c.times}
                for c in self.household_caps
            ]
        if self.category_percent:
            found["category_percent"] = dict(self.category_percent)
        if self.share_from_tenths != SHARE_FROM_DEFAULT:
            found["share_from_tenths"] = self.share_from_tenths
        if self.validity != Validity():
            found["validity"] = {"after": self.validity.after, "months": self.validity.months}
        if self.reset_on:
            found["reset_on"] = list(self.reset_on)
        if self.dividend_counts != "earned":
            found["dividend_counts"] = self.dividend_counts
        return found


def terms_of(settings: Mapping[str, Any]) -> Terms:
    """The terms of a stored version; what it does not say is as by default."""
    validity = settings.get("validity")
    reset = settings.get("reset_on")
    return Terms(
        bands=tuple(Band(b["title"], b["tenths"], b["above"]) for b in settings.get("bands", ())),
        year_base_tenths=settings.get("year_base_tenths", 0),
        household_caps=tuple(
            Cap(c["period"], c["points_tenths"], c["times"]) for c in settings.get("household_caps", ())
        ),
        category_percent=settings.get("category_percent", {}),
        share_from_tenths=settings.get("share_from_tenths", SHARE_FROM_DEFAULT),
        late_entry_days=settings.get("late_entry_days", LATE_ENTRY_DAYS_DEFAULT),
        validity=Validity(validity["after"], validity["months"]) if validity else Validity(),
        reset_on=(reset[0], reset[1]) if reset else None,
        dividend_counts=settings.get("dividend_counts", "earned"),
    )


def settings_of(*, publication_days: int, council_deliberates: bool, terms: Terms) -> dict[str, Any]:
    """All settings of a version."""
    return {
        "publication_days": publication_days,
        "council_deliberates": council_deliberates,
        **terms.to_settings(),
    }


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or the last one of a shorter month."""
    month = day.month - 1 + months
    first = date(day.year + month // 12, month % 12 + 1, 1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), after - timedelta(days=1))
