"""What a household could still earn: every rule of the charter with what its caps leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.scenes.governance_points.charter import Cap, CharterRule, Period, period_of
from xinzhi.scenes.governance_points.queries.charter import charter_on
from xinzhi.scenes.governance_points.queries.statement import household_for
from xinzhi.scenes.governance_points.scoring_many import ToScore, tallies_before
from xinzhi.scenes.governance_points.tally import Tally


@dataclass(frozen=True, slots=True)
class Left:
    """What a cap leaves in its period, in tenths of a point or in times."""

    period: Period
    points_tenths: int | None
    times: int | None


@dataclass(frozen=True, slots=True)
class Earnable:
    """A rule and what is left of it. `is_used_up`: until its period ends, nothing more can be earned by it."""

    rule: CharterRule
    left: tuple[Left, ...]

    @property
    def is_used_up(self) -> bool:
        return any(entry.points_tenths == 0 or entry.times == 0 for entry in self.left)


def earnable(*, actor: Actor, household_id: int, on: date) -> dict[str, list[Earnable]]:
    """Rules that give points on a day, by category, what is used up last. Constant queries. Raises NotFound, NoVersionInForce."""
    household = household_for(actor=actor, household_id=household_id)
    charter = charter_on(household.village_id, on)
    rules = [line.rule for line in charter.lines if not line.rule.is_deduction]
    terms = charter.terms
    tally = (
        tallies_before([ToScore(0, household.pk, r, on, None, "", terms) for r in rules]).get(household.pk)
        or Tally()
    )
    together = tuple(_left(cap, *tally.of_all(*period_of(on, cap.period))) for cap in terms.household_caps)
    found: dict[str, list[Earnable]] = {}
    for rule in rules:
        left = tuple(_left(cap, *tally.of_rule(rule.code, *period_of(on, cap.period))) for cap in rule.caps)
        left += tuple(entry for entry in together if entry.points_tenths == 0 or entry.times == 0)
        found.setdefault(rule.category, []).append(Earnable(rule, left))
    for entries in found.values():
        entries.sort(key=lambda e: e.is_used_up)
    return found


def _left(cap: Cap, used_tenths: int, used_times: int) -> Left:
    """As `scoring` counts: deeds of the period that gave something."""
    points = None if cap.points_tenths is None else max(0, cap.points_tenths - used_tenths)
    times = None if cap.times is None else max(0, cap.times - used_times)
    return Left(cap.period, points, times)
