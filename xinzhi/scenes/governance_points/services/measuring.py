"""What is not told but known: how many members a household has, for rules that count by member."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from xinzhi.kernel.residents import queries as residents
from xinzhi.scenes.governance_points.charter import CharterRule


def member_tenths(household_ids: Collection[int], on: date) -> dict[int, int]:
    """Members of each household on a day, in tenths like every quantity. Two queries.

    A household that was entered into the roster only later counts as it is now, and never less than one.
    """
    then = residents.members_of(household_ids, on)
    missing = [pk for pk in household_ids if not then.get(pk)]
    now = residents.members_of(missing) if missing else {}
    return {pk: 10 * max(1, len(then.get(pk) or now.get(pk) or ())) for pk in household_ids}


def measured(rule: CharterRule, household_id: int, done_on: date, quantity_tenths: int | None) -> int | None:
    """The quantity a deed is kept with: what was told, the members of the household, or none."""
    if rule.points_kind == "per_member":
        return member_tenths([household_id], done_on)[household_id]
    return quantity_tenths if rule.is_measured else None
