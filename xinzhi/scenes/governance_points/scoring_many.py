"""Scoring of many deeds at once: caps look at what the household has already, in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from xinzhi.scenes.governance_points.charter import CharterRule
from xinzhi.scenes.governance_points.lifecycle import COUNTING_STATES
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.scoring import Counted, Scored, score


@dataclass(frozen=True, slots=True)
class ToScore:
    """One deed to be scored; `key` names it in the answer."""

    key: int
    household_id: int
    rule: CharterRule
    done_on: date
    quantity_tenths: int | None
    grade: str


def counted_before(
    household_ids: Iterable[int],
    rule_codes: Iterable[str],
    years: Iterable[int],
    leave_out: Iterable[int] = (),
) -> dict[tuple[int, str], list[Counted]]:
    """Deeds that count towards caps, by household and rule code. One query.

    A week at the turn of the year reaches into the neighbouring one, so one week on each side is read as well.
    """
    wanted = sorted(set(years))
    if not wanted:
        return {}
    rows = Deed.objects.filter(
        household_id__in=set(household_ids),
        rule_code__in=set(rule_codes),
        state__in=COUNTING_STATES,
        done_on__gte=date(wanted[0] - 1, 12, 25),
        done_on__lt=date(wanted[-1] + 1, 1, 8),
    )
    if left := list(leave_out):
        rows = rows.exclude(pk__in=left)
    found: dict[tuple[int, str], list[Counted]] = defaultdict(list)
    for household_id, code, done_on, tenths in rows.values_list(
        "household_id", "rule_code", "done_on", "points_tenths"
    ):
        found[household_id, code].append(Counted(done_on, tenths))
    return found


def score_many(deeds: Sequence[ToScore], *, leave_out: Iterable[int] = ()) -> dict[int, Scored]:
    """Scores by key, in the order of the days on which the deeds were done, each counting for those after it.

    `leave_out`: deeds that must not count for themselves. The caller holds the households' locks, so that nothing
    else is counted meanwhile.
    """
    counted = counted_before(
        (d.household_id for d in deeds),
        (d.rule.code for d in deeds if d.rule.caps),
        (d.done_on.year for d in deeds),
        leave_out,
    )
    scores: dict[int, Scored] = {}
    for deed in sorted(deeds, key=lambda d: (d.done_on, d.key)):
        earlier = counted.setdefault((deed.household_id, deed.rule.code), []) if deed.rule.caps else []
        scored = score(
            deed.rule,
            done_on=deed.done_on,
            quantity_tenths=deed.quantity_tenths,
            grade=deed.grade,
            counted=earlier,
        )
        scores[deed.key] = scored
        if deed.rule.caps:
            earlier.append(Counted(deed.done_on, scored.points_tenths))
    return scores
