"""Scoring of many deeds at once: what the households have already comes in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from xinzhi.kernel.rules import queries as rules
from xinzhi.scenes.governance_points.charter import CharterRule, rule_of
from xinzhi.scenes.governance_points.charter_terms import Terms, add_months
from xinzhi.scenes.governance_points.lifecycle import COUNTING_STATES
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.scoring import Scored, check_quantity, counted_of, score_with
from xinzhi.scenes.governance_points.tally import Tally


@dataclass(frozen=True, slots=True)
class ToScore:
    """One deed to be scored; `key` names it in the answer. `terms` are those of the version its rule belongs to."""

    key: int
    household_id: int
    rule: CharterRule
    done_on: date
    quantity_tenths: int | None
    grade: str
    terms: Terms = Terms()  # noqa: RUF009 - it never changes
    person_id: int | None = None

    @property
    def looks_around(self) -> bool:
        """Whether deeds of other rules matter."""
        return bool(self.rule.group or self.terms.household_caps or self.terms.category_percent)

    @property
    def looks_back(self) -> bool:
        """Whether earlier deeds matter at all."""
        rule = self.rule
        return self.looks_around or bool(rule.caps or rule.repeat_months) or rule.points_kind == "ladder"


def tallies_before(deeds: Sequence[ToScore], leave_out: Iterable[int] = ()) -> dict[int, Tally]:
    """What counts already for the households of these deeds. Two queries, none where no earlier deed matters.

    A week at the turn of the year reaches into the neighbouring one, so one week on each side is read as well.
    """
    wanted = [d for d in deeds if d.looks_back]
    if not wanted:
        return {}
    days = [d.done_on for d in wanted]
    first = min(add_months(d.done_on, -d.rule.repeat_months) for d in wanted)
    rows = Deed.objects.filter(
        household_id__in={d.household_id for d in wanted},
        state__in=COUNTING_STATES,
        done_on__gte=min(first, date(min(days).year - 1, 12, 25)),
        done_on__lt=date(max(days).year + 1, 1, 8),
    )
    if not any(d.looks_around for d in wanted):
        rows = rows.filter(rule_code__in={d.rule.code for d in wanted})
    if left := list(leave_out):
        rows = rows.exclude(pk__in=left)
    found = list(
        rows.values_list(
            "household_id",
            "rule_id",
            "done_on",
            "points_tenths",
            "raw_tenths",
            "person_id",
            "quantity_tenths",
        )
    )
    typed = {pk: rule_of(row) for pk, row in rules.rules_by_id({f[1] for f in found}).items()}
    tallies: dict[int, Tally] = defaultdict(Tally)
    for household_id, rule_id, done_on, tenths, raw, person_id, quantity in found:
        tallies[household_id].add(
            counted_of(
                tenths, raw, typed[rule_id], done_on=done_on, person_id=person_id, quantity_tenths=quantity
            )
        )
    return tallies


def score_all(deeds: Iterable[ToScore], tallies: Mapping[int, Tally]) -> dict[int, Scored]:
    """Scores by key, in the order of the days on which the deeds were done, each counting for those after it. No database.

    Raises what `check_quantity` raises.
    """
    kept: dict[int, Tally] = dict(tallies)
    scores: dict[int, Scored] = {}
    for deed in sorted(deeds, key=lambda d: (d.done_on, d.key)):
        check_quantity(deed.rule, deed.quantity_tenths, deed.grade)
        tally = kept.get(deed.household_id)
        if tally is None:
            tally = kept[deed.household_id] = Tally()
        scored = score_with(
            tally, deed.rule, deed.terms, done_on=deed.done_on, quantity_tenths=deed.quantity_tenths, grade=deed.grade,
            person_id=deed.person_id,
        )  # fmt: skip
        scores[deed.key] = scored
        tally.add(
            counted_of(
                scored.points_tenths, scored.raw_tenths, deed.rule, done_on=deed.done_on, person_id=deed.person_id,
                quantity_tenths=deed.quantity_tenths,
            )
        )  # fmt: skip
    return scores


def score_many(deeds: Sequence[ToScore], *, leave_out: Iterable[int] = ()) -> dict[int, Scored]:
    """Scores by key. `leave_out`: deeds that must not count for themselves.

    The caller holds the households' locks, so that nothing else is counted meanwhile.
    """
    return score_all(deeds, tallies_before(deeds, leave_out))
