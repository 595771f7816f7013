"""What one household has counted so far, kept so that every question of scoring is answered without the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Counted:
    """An earlier deed of the household that counts. Without a code it is one of the rule that is asked about."""

    done_on: date
    points_tenths: int
    rule_code: str = ""
    category: str = ""
    group: str = ""
    person_id: int | None = None
    quantity_tenths: int = 0
    is_deduction: bool = False


class Tally:
    """Sums of one household. A deed of the same act, rule, category or year is found in constant time, caps in its few deeds."""

    __slots__ = ("_acts", "_amounts", "_by_code", "_gains", "_offences", "_shares", "_years")

    def __init__(self, counted: Iterable[Counted] = ()) -> None:
        self._by_code: dict[str, list[tuple[date, int]]] = defaultdict(list)
        self._gains: list[tuple[date, int]] = []
        self._years: dict[int, int] = defaultdict(int)
        self._shares: dict[tuple[int, str], int] = defaultdict(int)
        self._amounts: dict[tuple[int, str], int] = defaultdict(int)
        self._offences: dict[str, list[date]] = defaultdict(list)
        self._acts: dict[tuple[str, date], list[tuple[int | None, int]]] = defaultdict(list)
        for deed in counted:
            self.add(deed)

    def add(self, deed: Counted) -> None:
        day, tenths = deed.done_on, deed.points_tenths
        self._by_code[deed.rule_code].append((day, tenths))
        if tenths > 0:
            self._gains.append((day, tenths))
            self._years[day.year] += tenths
            self._shares[day.year, deed.category] += tenths
        if deed.quantity_tenths:
            self._amounts[day.year, deed.rule_code] += deed.quantity_tenths
        if deed.is_deduction or tenths < 0:
            self._offences[deed.rule_code].append(day)
        if deed.group:
            self._acts[deed.group, day].append((deed.person_id, tenths))

    def remove(self, deed: Counted) -> None:
        """Undo `add`: the deed no longer counts."""
        day, tenths = deed.done_on, deed.points_tenths
        self._by_code[deed.rule_code].remove((day, tenths))
        if tenths > 0:
            self._gains.remove((day, tenths))
            self._years[day.year] -= tenths
            self._shares[day.year, deed.category] -= tenths
        if deed.quantity_tenths:
            self._amounts[day.year, deed.rule_code] -= deed.quantity_tenths
        if deed.is_deduction or tenths < 0:
            self._offences[deed.rule_code].remove(day)
        if deed.group:
            self._acts[deed.group, day].remove((deed.person_id, tenths))

    def of_rule(self, code: str, first: date, after: date) -> tuple[int, int]:
        """Tenths that a rule has given or taken from a day on until before another, and how many times it was not nothing."""
        return _within(self._by_code.get(code, ()), first, after)

    def of_all(self, first: date, after: date) -> tuple[int, int]:
        """Tenths that all rules together have given, and how many times."""
        return _within(self._gains, first, after)

    def year(self, year: int) -> int:
        """Tenths given for deeds of a year."""
        return self._years.get(year, 0)

    def category(self, year: int, category: str) -> int:
        return self._shares.get((year, category), 0)

    def amount(self, year: int, code: str) -> int:
        """Tenths of the unit that were done under a rule in a year."""
        return self._amounts.get((year, code), 0)

    def offended(self, code: str, first: date, before: date) -> bool:
        """Whether a deduction of the rule stands from a day on until before another."""
        return any(first <= day < before for day in self._offences.get(code, ()))

    def act(self, group: str, day: date, person_id: int | None, *, is_deduction: bool) -> int:
        """Tenths given (or taken) already for the same act: the household's deeds of a group on a day, unless two different persons
        are named for them."""
        return sum(
            tenths
            for person, tenths in self._acts.get((group, day), ())
            if (tenths < 0) == is_deduction and (person is None or person_id is None or person == person_id)
        )


def _within(deeds: Iterable[tuple[date, int]], first: date, after: date) -> tuple[int, int]:
    tenths = times = 0
    for day, points in deeds:
        if first <= day < after and points:
            tenths += points
            times += 1
    return tenths, times
