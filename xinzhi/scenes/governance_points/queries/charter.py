"""Reads of the charter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from xinzhi.kernel.rules import queries as rules
from xinzhi.kernel.rules.models import Rule, RuleVersion
from xinzhi.scenes.governance_points.charter import (
    CHARTER,
    PUBLICATION_DAYS_DEFAULT,
    CharterRule,
    rule_of,
)
from xinzhi.scenes.governance_points.charter_terms import Terms, terms_of
from xinzhi.scenes.governance_points.models import Deed


@dataclass(frozen=True, slots=True)
class CharterLine:
    """A rule of the charter in force, with the id of its row."""

    id: int
    rule: CharterRule


@dataclass(frozen=True, slots=True)
class Charter:
    """A village's charter on a day: version and rules in their order."""

    version: RuleVersion
    lines: tuple[CharterLine, ...]

    @property
    def publication_days(self) -> int:
        return int(self.version.settings.get("publication_days", PUBLICATION_DAYS_DEFAULT))

    @property
    def terms(self) -> Terms:
        """Titles, caps over all rules, validity and the like."""
        return terms_of(self.version.settings)

    @property
    def late_entry_days(self) -> int:
        return self.terms.late_entry_days

    @property
    def council_deliberates(self) -> bool:
        """Whether the council decides about every deed before it is published. Older charters did not ask for it."""
        return bool(self.version.settings.get("council_deliberates", False))

    @property
    def rechecked_codes(self) -> frozenset[str]:
        """Numbers of the rules the township re-checks; what it re-checks, the council decides first."""
        return frozenset(line.rule.code for line in self.lines if line.rule.recheck)

    def by_category(self, *, deductions: bool = True) -> dict[str, list[CharterLine]]:
        found: dict[str, list[CharterLine]] = {}
        for line in self.lines:
            if deductions or not line.rule.is_deduction:
                found.setdefault(line.rule.category, []).append(line)
        return found

    def line(self, code: str) -> CharterLine | None:
        return next((entry for entry in self.lines if entry.rule.code == code), None)


def charter_on(village_id: int, day: date) -> Charter:
    """The charter in force on a day, one query, and one more where the process has not read it yet. Rules are public to everyone. Raises NoVersionInForce."""
    version = rules.version_in_force(CHARTER, village_id, day)
    return Charter(version, _lines(version.pk, version.content_digest))


@lru_cache(maxsize=256)
def _lines(version_id: int, _content_digest: str) -> tuple[CharterLine, ...]:
    """The rules of a version. What is in force does not change any more, so each process reads it once."""
    return tuple(CharterLine(r.pk, rule_of(r)) for r in rules.rules_of(version_id))


def charter_or_none(village_id: int, day: date) -> Charter | None:
    """The charter in force on a day, or None where there is none yet."""
    try:
        return charter_on(village_id, day)
    except rules.NoVersionInForce:
        return None


def charters_of(village_ids: Iterable[int], days: Iterable[date]) -> dict[tuple[int, date], Charter]:
    """The charters of many villages on many days in two queries: for imports and bulk scoring."""
    wanted = {(v, d) for v in set(village_ids) for d in set(days)}
    versions = list(
        RuleVersion.objects.filter(
            book__kind=CHARTER,
            book__region_id__in={v for v, _d in wanted},
            status=RuleVersion.Status.IN_FORCE,
        ).select_related("book")
    )
    lines: dict[int, list[CharterLine]] = {v.pk: [] for v in versions}
    for row in Rule.objects.filter(version__in=versions).order_by("version_id", "position"):
        lines[row.version_id].append(CharterLine(row.pk, rule_of(row)))
    charters = {v.pk: Charter(v, tuple(lines[v.pk])) for v in versions}
    return {
        (village_id, day): charters[v.pk]
        for village_id, day in wanted
        for v in versions
        if v.book.region_id == village_id
        and v.active_from <= day
        and (v.active_to is None or day < v.active_to)
    }


def versions_of(village_id: int) -> list[RuleVersion]:
    """All versions of a village's charter, newest first."""
    return list(rules.versions(CHARTER, village_id))


def expires_on(deed: Deed, posted_on: date | None = None) -> date:
    """The first day on which a deed's points no longer count: by the version of its rule. The deed comes with rule and version."""
    terms = terms_of(deed.rule.version.settings)
    return terms.expires_on(rule_of(deed.rule), deed.done_on, posted_on or deed.posted_on)
