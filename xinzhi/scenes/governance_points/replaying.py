"""Score a village's year again from its deeds, with the engine that scored it first, and name what differs.

Deeds began to count in the order in which they were verified, and stopped when they were returned, struck or taken back: the steps
of their lives say when. So the replay goes through these steps, a batch that was verified at once in the order of its days.
Under another version it says what the year would have come to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection

from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.rules import queries as rules
from xinzhi.kernel.rules.models import RuleVersion
from xinzhi.scenes.governance_points.accounts import POINTS
from xinzhi.scenes.governance_points.charter import CharterRule, rule_of
from xinzhi.scenes.governance_points.charter_terms import Terms, add_months, terms_of
from xinzhi.scenes.governance_points.lifecycle import COUNTING_STATES, DEED
from xinzhi.scenes.governance_points.scoring import (
    GradeNeeded,
    QuantityNeeded,
    QuantityOutOfRange,
    Scored,
    check_quantity,
    counted_of,
    score_with,
)
from xinzhi.scenes.governance_points.tally import Counted, Tally

#: Steps with which points become definite; others only let a deed count again as it did.
SCORING_ACTIONS = ("verify", "confirm")
IN_LEDGER = ("posted", "repair_claimed")
_PREFIX = "governance_points.deed:"


class _Deed(NamedTuple):
    pk: int
    household_id: int
    rule_id: int
    rule_code: str
    person_id: int | None
    done_on: date
    quantity_tenths: int | None
    grade: str
    points_tenths: int
    raw_tenths: int
    state: str
    taken_tenths: int


class _Step(NamedTuple):
    pk: int
    deed_id: int
    action: str
    counts: bool
    batch: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A deed whose kept tenths are not what the replay (or the ledger) says. `what`: points, ledger, missing (no such rule in
    the version) or unfit (quantity or grade do not fit it)."""

    deed_id: int
    what: str
    expected_tenths: int
    found_tenths: int


@dataclass(slots=True)
class Replay:
    """A year scored again. Sums are of what stands in the ledger: as replayed, and as kept, before what was really taken."""

    village_id: int
    year: int
    deeds: int = 0
    replayed_tenths: int = 0
    kept_tenths: int = 0
    differences: list[Difference] = field(default_factory=list)


_DEEDS = """
SELECT d.id, d.household_id, d.rule_id, d.rule_code, d.person_id, d.done_on, d.quantity_tenths, d.grade, d.points_tenths, d.raw_tenths, d.state,
       CASE WHEN d.points_tenths < 0 THEN coalesce((SELECT sum((s->>'tenths')::bigint) FROM jsonb_array_elements(d.steps) s
            WHERE s->>'step' = 'taken'), 0)::bigint ELSE 0 END
  FROM governance_points_deed d WHERE d.village_id = %s AND d.done_on >= %s AND d.done_on < %s
"""
#: Only steps with which a deed begins or stops to count; in the order in which they were taken.
_STEPS = """
SELECT s.id, s.subject_id, s.action, s.to_state = ANY(%s), s.at, s.person_key, s.request_key
  FROM workflow_step s JOIN governance_points_deed d ON d.id = s.subject_id
 WHERE s.lifecycle = %s AND d.village_id = %s AND d.done_on >= %s AND d.done_on < %s
   AND (s.to_state = ANY(%s)) <> (s.from_state = ANY(%s))
 ORDER BY s.id
"""


def replay(*, village_id: int, year: int, version: RuleVersion | None = None) -> Replay:
    """Score the deeds of a year again, by the version of each deed or by the one given. Reads only; seven queries.

    A deed that counts and was never verified (a roster of before) counts as it is kept. The caller has scoped the village.
    """
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    charters = _Charters(village_id, version)
    begin = min(add_months(first, -charters.longest_repeat), date(year - 1, 12, 25))
    window = (village_id, begin, date(year + 1, 1, 8))
    with connection.cursor() as cursor:
        cursor.execute(_DEEDS, window)
        deeds = {row[0]: _Deed(*row) for row in cursor.fetchall()}
    charters.learn({d.rule_id for d in deeds.values()})
    found = Replay(village_id, year)
    points, unfit = _points(deeds, _steps(window), charters, (first, after))
    moved = ledger.amounts_by_source(village_id, "spendable", POINTS, first, after)
    for deed in deeds.values():
        if deed.state not in IN_LEDGER or not first <= deed.done_on < after:
            continue
        replayed = points.get(deed.pk, 0)
        found.deeds += 1
        found.replayed_tenths += replayed
        found.kept_tenths += deed.points_tenths
        if deed.pk in unfit:
            found.differences.append(Difference(deed.pk, unfit[deed.pk], 0, deed.points_tenths))
        elif replayed != deed.points_tenths:
            found.differences.append(Difference(deed.pk, "points", replayed, deed.points_tenths))
        should = deed.points_tenths if deed.points_tenths > 0 else -deed.taken_tenths
        in_ledger = moved.get(f"{_PREFIX}{deed.pk}", 0)
        if should != in_ledger:
            found.differences.append(Difference(deed.pk, "ledger", should, in_ledger))
    return found


class _Charters:
    """Typed rules and terms of the versions met, or of the one that is tried."""

    def __init__(self, village_id: int, version: RuleVersion | None) -> None:
        self.own: dict[int, tuple[CharterRule, Terms]] = {}
        self.tried: dict[str, tuple[CharterRule, Terms]] | None = None
        if version is not None:
            terms = terms_of(version.settings)
            self.tried = {r.code: (rule_of(r), terms) for r in rules.rules_of(version.pk)}
        self.longest_repeat = _longest_repeat(village_id, self.tried)

    def learn(self, rule_ids: set[int]) -> None:
        terms: dict[int, Terms] = {}
        for pk, row in rules.rules_by_id(rule_ids).items():
            said = terms.setdefault(row.version_id, terms_of(row.version.settings))
            self.own[pk] = (rule_of(row), said)

    def of(self, deed: _Deed) -> tuple[CharterRule, Terms] | None:
        return self.own[deed.rule_id] if self.tried is None else self.tried.get(deed.rule_code)


def _longest_repeat(village_id: int, tried: Mapping[str, tuple[CharterRule, Terms]] | None) -> int:
    """How many months before the year a repetition may lie."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max((r.params->>'repeat_months')::int), 0) FROM rules_rule r"
            " JOIN rules_ruleversion v ON v.id = r.version_id JOIN rules_rulebook b ON b.id = v.book_id"
            " WHERE b.region_id = %s AND r.params ? 'repeat_months'",
            [village_id],
        )
        longest = int(cursor.fetchone()[0])
    return max([longest, *(rule.repeat_months for rule, _terms in (tried or {}).values())])


def _steps(window: tuple[int, date, date]) -> Iterator[list[_Step]]:
    """Steps, those of one act together: by whom, when and with which request they were taken."""
    counting = list(COUNTING_STATES)
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, [counting, DEED.name, *window, counting, counting])
        steps = [
            _Step(pk, deed_id, action, counts, rest)
            for pk, deed_id, action, counts, *rest in cursor.fetchall()
        ]
    for _batch, found in groupby(steps, key=lambda s: (s.batch, s.counts, s.action)):
        yield list(found)


def _points(
    deeds: Mapping[int, _Deed], batches: Iterator[list[_Step]], charters: _Charters, year: tuple[date, date]
) -> tuple[dict[int, int], dict[int, str]]:
    """Tenths by deed, and why some do not fit the version."""
    tallies: dict[int, Tally] = {}
    points: dict[int, int] = {}
    raws: dict[int, int] = {}
    unfit: dict[int, str] = {}
    counting: dict[int, Counted] = {}
    for batch in batches:
        if not batch[0].counts:
            for step in batch:
                if (counted := counting.pop(step.deed_id, None)) is not None:
                    tallies[deeds[step.deed_id].household_id].remove(counted)
            continue
        for deed in sorted((deeds[s.deed_id] for s in batch), key=lambda d: (d.done_on, d.pk)):
            tally = tallies.get(deed.household_id)
            if tally is None:
                tally = tallies[deed.household_id] = Tally()
            said = charters.of(deed)
            if batch[0].action in SCORING_ACTIONS and year[0] <= deed.done_on < year[1]:
                scored = _score(tally, deed, said)
                if isinstance(scored, str):
                    unfit[deed.pk] = scored
                    continue
                points[deed.pk], raws[deed.pk] = scored.points_tenths, scored.raw_tenths
            rule = said[0] if said else charters.own[deed.rule_id][0]
            counting[deed.pk] = counted_of(
                points.get(deed.pk, deed.points_tenths),
                raws.get(deed.pk, deed.raw_tenths),
                rule,
                done_on=deed.done_on,
                person_id=deed.person_id,
                quantity_tenths=deed.quantity_tenths,
            )
            tally.add(counting[deed.pk])
    return points, unfit


def _score(tally: Tally, deed: _Deed, said: tuple[CharterRule, Terms] | None) -> Scored | str:
    if said is None:
        return "missing"
    rule, terms = said
    try:
        check_quantity(rule, deed.quantity_tenths, deed.grade)
    except (QuantityNeeded, QuantityOutOfRange, GradeNeeded):
        return "unfit"
    return score_with(
        tally, rule, terms, done_on=deed.done_on, quantity_tenths=deed.quantity_tenths, grade=deed.grade, person_id=deed.person_id,
    )  # fmt: skip


def sentences(found: Replay) -> Sequence[str]:
    """What a command prints, a line each difference."""
    words = {
        "points": "deed {0}: the charter gives {1} tenths, {2} are kept",
        "ledger": "deed {0}: {1} tenths should be in the ledger, {2} are",
        "missing": "deed {0}: the version has no rule of its number; {2} tenths are kept",
        "unfit": "deed {0}: quantity or grade do not fit the rule of the version; {2} tenths are kept",
    }
    return [words[d.what].format(d.deed_id, d.expected_tenths, d.found_tenths) for d in found.differences]
