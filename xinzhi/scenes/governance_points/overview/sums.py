"""Sums of a day, written in the transaction of the postings themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db import connection

from xinzhi.scenes.governance_points.models import Deed

_ADD = """
INSERT INTO governance_points_pointsday AS d (village_id, day, category, deeds, given_tenths, taken_tenths, reversed_tenths)
SELECT %s, %s, * FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::bigint[], %s::bigint[])
ON CONFLICT (village_id, day, category) DO UPDATE SET
    deeds = d.deeds + excluded.deeds, given_tenths = d.given_tenths + excluded.given_tenths,
    taken_tenths = d.taken_tenths + excluded.taken_tenths, reversed_tenths = d.reversed_tenths + excluded.reversed_tenths
"""

#: The same from the deeds and their steps: what `check` compares with, and what the migration fills.
FROM_DEEDS = """
WITH moved AS (
    SELECT d.id, d.village_id, d.posted_on, r.category, d.journal_id IS NOT NULL AS has_journal,
           CASE WHEN d.points_tenths >= 0 THEN d.points_tenths::bigint ELSE -coalesce((
               SELECT sum((s->>'tenths')::bigint) FROM jsonb_array_elements(d.steps) s WHERE s->>'step' = 'taken'), 0) END AS tenths
      FROM governance_points_deed d JOIN rules_rule r ON r.id = d.rule_id
     WHERE d.posted_on IS NOT NULL
), lines AS (
    SELECT village_id, posted_on AS day, category, 1 AS deeds, greatest(tenths, 0) AS given, greatest(-tenths, 0) AS taken,
           0::bigint AS reversed
      FROM moved
    UNION ALL
    SELECT m.village_id, (s.at AT TIME ZONE 'Asia/Shanghai')::date, m.category, 0, 0, 0, m.tenths
      FROM moved m JOIN workflow_step s ON s.lifecycle = 'governance_points.deed' AND s.subject_id = m.id
     WHERE m.has_journal AND s.to_state IN ('reversed', 'repaired') AND s.from_state IN ('posted', 'repair_claimed')
)
SELECT village_id, day, category, sum(deeds)::int, sum(given)::bigint, sum(taken)::bigint, sum(reversed)::bigint
  FROM lines GROUP BY village_id, day, category
HAVING (sum(deeds), sum(given), sum(taken), sum(reversed)) <> (0, 0, 0, 0)
"""


def add_postings(village_id: int, day: date, moved: Iterable[tuple[str, int]]) -> None:
    """Add deeds of a village that were posted on a day, as (category, tenths that moved; negative when taken)."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for category, tenths in moved:
        row = found[category]
        row[0] += 1
        row[1] += max(tenths, 0)
        row[2] += max(-tenths, 0)
    # By name, so that two lists of one village that end at the same moment wait for each other instead of blocking.
    names = sorted(found)
    columns = [[found[n][i] for n in names] for i in range(3)]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [village_id, day, names, *columns, [0] * len(names)])


def add_reversal(village_id: int, day: date, category: str, tenths: int) -> None:
    """A posted deed was taken back: its tenths, negative for a deduction."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [village_id, day, [category], [0], [0], [0], [tenths]])


_ADD_YEARS = """
INSERT INTO governance_points_householdyear AS y (village_id, household_id, year, given_tenths, taken_tenths, vetoes)
SELECT %s, * FROM unnest(%s::bigint[], %s::int[], %s::bigint[], %s::bigint[], %s::int[])
ON CONFLICT (village_id, year, household_id) DO UPDATE SET
    given_tenths = y.given_tenths + excluded.given_tenths, taken_tenths = y.taken_tenths + excluded.taken_tenths,
    vetoes = y.vetoes + excluded.vetoes
"""
#: The same for the years of households.
YEARS_FROM_DEEDS = """
SELECT d.village_id, d.household_id, extract(year FROM d.done_on)::int, sum(greatest(d.points_tenths, 0))::bigint,
       sum(greatest(-d.points_tenths, 0))::bigint, count(*) FILTER (WHERE d.raw_tenths < 0 AND r.params ? 'vetoes')::int
  FROM governance_points_deed d JOIN rules_rule r ON r.id = d.rule_id WHERE d.state IN ('posted', 'repair_claimed') GROUP BY 1, 2, 3
"""


def add_years(village_id: int, deeds: Iterable[Deed], *, sign: int = 1) -> None:
    """Count deeds that came into the ledger for their households' years; with -1 those that were taken back. They come with their rules."""
    found: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
    for deed in deeds:
        row = found[deed.household_id, deed.done_on.year]
        row[0] += sign * max(deed.points_tenths, 0)
        row[1] += sign * max(-deed.points_tenths, 0)
        row[2] += sign * (deed.raw_tenths < 0 and "vetoes" in deed.rule.params)
    # By household, so that two lists that end at the same moment wait for each other instead of blocking.
    keys = sorted(k for k, row in found.items() if any(row))
    columns = [[k[0] for k in keys], [k[1] for k in keys], *([found[k][i] for k in keys] for i in range(3))]
    with connection.cursor() as cursor:
        cursor.execute(_ADD_YEARS, [village_id, *columns])


def year_differences() -> list[tuple[object, ...]]:
    """Households' years that differ from their deeds: (village, household, year, given, taken, vetoes) of the one or the other."""
    kept = (
        "SELECT village_id, household_id, year::int, given_tenths, taken_tenths, vetoes FROM governance_points_householdyear"
        " WHERE (given_tenths, taken_tenths, vetoes) <> (0, 0, 0)"
    )
    made = f"SELECT * FROM ({YEARS_FROM_DEEDS}) AS a(village_id, household_id, year, given, taken, vetoes) WHERE (given, taken, vetoes) <> (0, 0, 0)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"({made} EXCEPT {kept}) UNION ALL ({kept} EXCEPT {made})")
        return list(cursor.fetchall())


def moved_tenths(deed: Deed) -> int:
    """How many tenths of spendable points a posted deed moved."""
    if deed.points_tenths >= 0:
        return deed.points_tenths
    return -sum(int(step.get("tenths", 0)) for step in deed.steps if step.get("step") == "taken")


def differences() -> list[tuple[object, ...]]:
    """Days on which the kept sums differ from the deeds: (village, day, category, deeds, given, taken, reversed) of the deeds."""
    kept = (
        "SELECT village_id, day, category, deeds, given_tenths, taken_tenths, reversed_tenths"
        " FROM governance_points_pointsday WHERE (deeds, given_tenths, taken_tenths, reversed_tenths) <> (0, 0, 0, 0)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"(SELECT * FROM ({FROM_DEEDS}) a EXCEPT {kept}) UNION ALL ({kept} EXCEPT SELECT * FROM ({FROM_DEEDS}) b)"  # noqa: S608
        )
        return list(cursor.fetchall())
