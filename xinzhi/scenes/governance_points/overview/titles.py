"""Titles of the year: which household has reached which, as of any day. By thresholds, never by rank (village.md 1.7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from xinzhi.kernel.foundation.clock import local_date, start_of_day
from xinzhi.kernel.foundation.paging import CursorNotUnderstood, Page, decode_cursor, encode_cursor
from xinzhi.kernel.residents.models import Household
from xinzhi.scenes.governance_points.charter_terms import Band, Terms
from xinzhi.scenes.governance_points.overview.figures import DayAhead
from xinzhi.scenes.governance_points.queries.charter import charters_of

#: Titles are counted household by household; beyond a township one chooses a village first.
MOST_VILLAGES = 40
#: Asks for the households whose title a veto has cost them.
VETOED = "-"

#: Now it stands in a row a household, written with the postings.
_KEPT = """
SELECT household_id, given_tenths, taken_tenths, vetoes > 0 FROM governance_points_householdyear
 WHERE village_id = ANY(%(villages)s) AND year = %(year)s {only}
"""
#: How many households have which score, those with a row.
_SCORES = """
SELECT y.village_id, y.given_tenths - y.taken_tenths, y.vetoes > 0, count(*)
  FROM governance_points_householdyear y JOIN residents_household h ON h.id = y.household_id AND h.active_to IS NULL
 WHERE y.village_id = ANY(%(villages)s) AND y.year = %(year)s GROUP BY 1, 2, 3
"""
#: On a past day: of a deed that was taken back or made good by then nothing counts, its veto neither. A deduction counts in full, however
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


@dataclass(frozen=True, slots=True)
class OwnTitle:
    """A household's own year, and the next title above it: its band, None at the top."""

    standing: Standing
    next_band: Band | None


def own_title(household: Household, *, on: date, now: datetime) -> OwnTitle | None:
    """For the household itself; None where the charter names no titles. The caller has scoped it."""
    charter = charters_of([household.village_id], [on]).get((household.village_id, on))
    if charter is None or not charter.terms.bands:
        return None
    standing = standing_of(household, as_of=on, now=now)
    above = [b for b in charter.terms.bands if not b.holds(standing.score_tenths)]
    return OwnTitle(standing, above[-1] if above and not standing.is_vetoed else None)


def _standings(
    households: Sequence[tuple[int, int, str]],
    village_ids: Collection[int],
    as_of: date,
    now: datetime,
    only: int | None = None,
) -> list[Standing]:
    charters = charters_of(village_ids, [as_of])
    terms = {village_id: c.terms for (village_id, _day), c in charters.items()}
    sums = _sums(village_ids, as_of, now, only)
    found = []
    for pk, village_id, number in households:
        given, taken, vetoed = sums.get(pk, (0, 0, False))
        said = terms.get(village_id, Terms())
        score = max(0, said.year_base_tenths + given - taken)
        title = "" if vetoed else said.title_of(score)
        found.append(Standing(pk, village_id, number, given, taken, score, title, vetoed))
    return found


def _sums(
    village_ids: Collection[int], as_of: date, now: datetime, only: int | None
) -> Mapping[int, tuple[int, int, bool]]:
    """Given, taken and whether vetoed, by household: the kept rows today, the deeds of then on a past day."""
    asked: dict[str, Any] = {
        "villages": list(village_ids), "as_of": as_of, "first": as_of.replace(month=1, day=1), "year": as_of.year, "household": only,
        "end": start_of_day(as_of + timedelta(days=1)),
    }  # fmt: skip
    sql = _KEPT if as_of == local_date(now) else _SUMS
    with connection.cursor() as cursor:
        cursor.execute(sql.format(only="AND household_id = %(household)s" if only else ""), asked)
        return {pk: (int(given), int(taken), bool(vetoed)) for pk, given, taken, vetoed in cursor.fetchall()}


def _counts(villages: Collection[int], as_of: date, now: datetime) -> dict[tuple[int, int, bool], int]:
    """How many households of which village have which score (without the base), vetoed or not."""
    found: Counter[tuple[int, int, bool]] = Counter()
    if as_of != local_date(now):
        for s in standings(villages, as_of=as_of, now=now):
            found[s.village_id, s.given_tenths - s.taken_tenths, s.is_vetoed] += 1
        return found
    with connection.cursor() as cursor:
        cursor.execute(_SCORES, {"villages": list(villages), "year": as_of.year})
        for village_id, net, vetoed, count in cursor.fetchall():
            found[village_id, int(net), vetoed] += count
    there = Household.objects.filter(village_id__in=villages, active_to=None).values_list("village_id")
    for village_id, count in there.annotate(count=Count("pk")):
        known = sum(n for (village, _net, _vetoed), n in found.items() if village == village_id)
        found[village_id, 0, False] += count - known
    return found


def title_table(villages: Mapping[int, str], *, as_of: date, now: datetime) -> TitleTable | None:
    """The titles reached in these villages (id → name). Three queries. Raises DayAhead."""
    if as_of > local_date(now):
        raise DayAhead(field="as_of", found=as_of.isoformat())
    if len(villages) > MOST_VILLAGES:
        return None
    terms = {village_id: c.terms for (village_id, _day), c in charters_of(villages, [as_of]).items()}
    titles = list(dict.fromkeys(b.title for said in terms.values() for b in said.bands))
    if not titles:
        return TitleTable([], [])
    reached: Counter[tuple[int, str]] = Counter()
    vetoed: Counter[int] = Counter()
    there: Counter[int] = Counter()
    for (village_id, net, is_vetoed), count in _counts(villages, as_of, now).items():
        said = terms.get(village_id, Terms())
        there[village_id] += count
        if is_vetoed:
            vetoed[village_id] += count
        else:
            reached[village_id, said.title_of(max(0, said.year_base_tenths + net))] += count
    rows = [
        TitleRow(pk, name, [(t, reached[pk, t]) for t in titles], vetoed[pk], there[pk])
        for pk, name in villages.items()
    ]
    return TitleTable(titles, rows)


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
