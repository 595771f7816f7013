"""Titles of the year: which household has reached which, as of any day. By thresholds, never by rank (village.md 1.7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from xinzhi.kernel.foundation.clock import local_date, start_of_day
from xinzhi.kernel.foundation.paging import CursorNotUnderstood, Page, decode_cursor, encode_cursor
from xinzhi.kernel.residents.models import Household
from xinzhi.scenes.governance_points.charter_terms import Terms
from xinzhi.scenes.governance_points.overview.figures import DayAhead
from xinzhi.scenes.governance_points.queries.charter import charters_of

#: Titles are counted household by household; beyond a township one chooses a village first.
MOST_VILLAGES = 40
#: Asks for the households whose title a veto has cost them.
VETOED = "-"

#: Of a deed that was taken back or made good by then nothing counts, its veto neither. A deduction counts in full, however
#: little was there to be taken.
_SUMS = """
SELECT d.household_id, sum(greatest(d.points_tenths, 0)), sum(greatest(-d.points_tenths, 0)),
       bool_or(d.raw_tenths < 0 AND r.params ? 'vetoes')
  FROM governance_points_deed d LEFT JOIN rules_rule r ON r.id = d.rule_id AND d.raw_tenths < 0
 WHERE d.village_id = ANY(%(villages)s) AND d.posted_on <= %(as_of)s AND d.done_on BETWEEN %(first)s AND %(as_of)s
   AND NOT (d.state IN ('reversed', 'repaired') AND d.state_since < %(end)s) {only}
 GROUP BY d.household_id
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A household's year so far, in tenths: what was given and taken for deeds of the year, the score with the charter's base.

    `is_vetoed`: a vetoing act stands against it; that costs title and points dividend of the year and no points.
    """

    household_id: int
    village_id: int
    household_no: str
    given_tenths: int
    taken_tenths: int
    score_tenths: int
    title: str
    is_vetoed: bool

    @property
    def dividend_tenths(self) -> int:
        """Points of the year that count for the points dividend: never less than none (village.md 9.8), none after a veto (9.9)."""
        return 0 if self.is_vetoed else max(0, self.given_tenths - self.taken_tenths)


@dataclass(frozen=True, slots=True)
class TitleRow:
    """How many households of a village have reached each title, how many lost theirs by a veto, how many there are."""

    village_id: int
    name: str
    cells: Sequence[tuple[str, int]]
    vetoed: int
    households: int


@dataclass(frozen=True, slots=True)
class TitleTable:
    """`titles`: of all these villages' charters, highest first. None where there are too many villages to count."""

    titles: Sequence[str]
    rows: Sequence[TitleRow]


def standings(village_ids: Collection[int], *, as_of: date, now: datetime) -> list[Standing]:
    """Every household of these villages that is there on the day, by number. Four queries; the caller has scoped the villages.

    Raises DayAhead.
    """
    if as_of > local_date(now):
        raise DayAhead(field="as_of", found=as_of.isoformat())
    households = (
        Household.objects.filter(village_id__in=village_ids, active_from__lte=as_of)
        .filter(Q(active_to=None) | Q(active_to__gt=as_of))
        .order_by("household_no")
        .values_list("pk", "village_id", "household_no")
    )
    return _standings(list(households), village_ids, as_of, now)


def standing_of(household: Household, *, as_of: date, now: datetime) -> Standing:
    """One household's. Three queries; the caller has scoped it."""
    rows = [(household.pk, household.village_id, household.household_no)]
    return _standings(rows, [household.village_id], as_of, now, only=household.pk)[0]


def _standings(
    households: Sequence[tuple[int, int, str]],
    village_ids: Collection[int],
    as_of: date,
    now: datetime,
    only: int | None = None,
) -> list[Standing]:
    charters = charters_of(village_ids, [as_of])
    terms = {village_id: c.terms for (village_id, _day), c in charters.items()}
    sums = _sums(village_ids, as_of, min(start_of_day(as_of + timedelta(days=1)), now), only)
    found = []
    for pk, village_id, number in households:
        given, taken, vetoed = sums.get(pk, (0, 0, False))
        said = terms.get(village_id, Terms())
        score = max(0, said.year_base_tenths + given - taken)
        title = "" if vetoed else said.title_of(score)
        found.append(Standing(pk, village_id, number, given, taken, score, title, vetoed))
    return found


def _sums(
    village_ids: Collection[int], as_of: date, end: datetime, only: int | None
) -> Mapping[int, tuple[int, int, bool]]:
    asked: dict[str, Any] = {
        "villages": list(village_ids), "as_of": as_of, "first": as_of.replace(month=1, day=1), "end": end, "household": only,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(only="AND d.household_id = %(household)s" if only else ""), asked)
        return {pk: (int(given), int(taken), bool(vetoed)) for pk, given, taken, vetoed in cursor.fetchall()}


def title_table(villages: Mapping[int, str], *, as_of: date, now: datetime) -> TitleTable | None:
    """The titles reached in these villages (id → name). Raises DayAhead."""
    if len(villages) > MOST_VILLAGES:
        return None
    titles: dict[str, None] = {}
    for charter in charters_of(villages, [as_of]).values():
        titles |= dict.fromkeys(b.title for b in charter.terms.bands)
    if not titles:
        return TitleTable([], [])
    counts: dict[tuple[int, str], int] = {}
    vetoed: dict[int, int] = {}
    there: dict[int, int] = {}
    for standing in standings(villages, as_of=as_of, now=now):
        key = (standing.village_id, standing.title)
        counts[key] = counts.get(key, 0) + 1
        vetoed[standing.village_id] = vetoed.get(standing.village_id, 0) + standing.is_vetoed
        there[standing.village_id] = there.get(standing.village_id, 0) + 1
    rows = [
        TitleRow(pk, name, [(t, counts.get((pk, t), 0)) for t in titles], vetoed.get(pk, 0), there.get(pk, 0))
        for pk, name in villages.items()
    ]
    return TitleTable(list(titles), rows)


def who_reached(
    village_id: int,
    *,
    title: str = "",
    as_of: date,
    now: datetime,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Standing]:
    """Households of a village with a title, all of them without one, those that lost theirs with `VETOED`; by number, not by rank.

    Raises DayAhead, CursorNotUnderstood. The caller has scoped the village.
    """
    limit = max(1, min(limit, 200))
    after = decode_cursor(cursor)
    if after is not None and not isinstance(after[0], str):
        raise CursorNotUnderstood()
    found = [
        s
        for s in standings([village_id], as_of=as_of, now=now)
        if (s.is_vetoed if title == VETOED else not title or s.title == title)
    ]
    found.sort(key=lambda s: s.household_no)  # as the cursor compares, whatever the database's collation
    if after is not None:
        found = [s for s in found if s.household_no > after[0]]
    items = found[:limit]
    return Page(items, encode_cursor(items[-1].household_no) if len(found) > limit else None)
