"""What an overview shows, scoped to the villages a reader holds an office for. Every figure leads to its deeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.clock import local_date, start_of_day
from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.workflow import queries as workflow
from xinzhi.scenes.governance_points.lifecycle import DEED
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.deeds import WAITING_STATES


class DayAhead(Invalid):
    code = "governance_points.day_ahead"
    sentence = _("An overview shows a day that has been; found %(found)s. Choose today or an earlier day.")


#: Upper ends of the ages of open work, in days; the last one has none.
AGES = (3, 7, 14, 30)
MONTHS = 12


@dataclass(frozen=True, slots=True)
class OpenRow:
    """Open deeds in one state: how many of each age (up to 3, 7, 14, 30 days, older)."""

    state: str
    label: str
    ages: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.ages)


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One category: net tenths by month, oldest first."""

    category: str
    months: tuple[date, ...]
    tenths: tuple[int, ...]

    @property
    def cells(self) -> list[tuple[date, int]]:
        return list(zip(self.months, self.tenths, strict=True))

    @property
    def total(self) -> int:
        return sum(self.tenths)


@dataclass(frozen=True, slots=True)
class VillageRow:
    village_id: int
    name: str
    open: int
    older: int
    deeds: int
    net_tenths: int


@dataclass(frozen=True, slots=True)
class Overview:
    """`as_of` is included. `months` are first days. `deeds` counts postings, points are net of what was taken back."""

    as_of: date
    states: Sequence[OpenRow]
    months: Sequence[date]
    categories: Sequence[MonthRow]
    month_totals: Sequence[int]
    deeds_by_month: Sequence[int]
    villages: Sequence[VillageRow] = field(default_factory=list)


def overview(villages: dict[int, str], *, as_of: date, now: datetime) -> Overview:
    """The figures of these villages (id → name) at the end of a day. Four queries; the caller has scoped the villages.

    Raises DayAhead.
    """
    if as_of > local_date(now):
        raise DayAhead(field="as_of", found=as_of.isoformat())
    end = min(start_of_day(as_of + timedelta(days=1)), now)
    months = _months(as_of)
    work = _open_work(list(villages), end, is_now=end == now)
    cells, by_village = _sums(list(villages), months[0], as_of)
    categories = sorted({category for category, _month in cells})
    rows = [
        MonthRow(category, tuple(months), tuple(cells.get((category, m), (0, 0))[1] for m in months))
        for category in categories
    ]
    rows.sort(key=lambda r: (-abs(r.total), r.category))
    return Overview(
        as_of=as_of,
        states=_state_rows(work),
        months=months,
        categories=rows,
        month_totals=[sum(r.tenths[i] for r in rows) for i in range(len(months))],
        deeds_by_month=[sum(cells.get((c, m), (0, 0))[0] for c in categories) for m in months],
        villages=[
            VillageRow(
                village_id=pk,
                name=name,
                open=sum(n for (v, _s, _a), n in work.items() if v == pk),
                older=sum(n for (v, _s, age), n in work.items() if v == pk and age >= len(AGES) - 1),
                deeds=by_village.get(pk, (0, 0))[0],
                net_tenths=by_village.get(pk, (0, 0))[1],
            )
            for pk, name in villages.items()
        ],
    )


def _months(as_of: date) -> list[date]:
    """First days of the last twelve months, oldest first."""
    found = [as_of.replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def _age(days: int) -> int:
    return next((n for n, end in enumerate(AGES) if days <= end), len(AGES))


def _open_work(village_ids: Sequence[int], end: datetime, *, is_now: bool) -> dict[tuple[int, str, int], int]:
    """How many deeds wait, by village, state and age."""
    found: dict[tuple[int, str, int], int] = defaultdict(int)
    if is_now:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT village_id, state, extract(day FROM %s - state_since)::int AS days, count(*)"
                " FROM governance_points_deed WHERE village_id = ANY(%s) AND state = ANY(%s) GROUP BY 1, 2, 3",
                [end, list(village_ids), list(WAITING_STATES)],
            )
            for village_id, state, days, count in cursor.fetchall():
                found[village_id, state, _age(days)] += count
        return found
    # A past day: whatever was there then and had not come to its end before it.
    rows = Deed.objects.filter(village_id__in=village_ids, claimed_at__lt=end)
    ended = rows.exclude(state__in=WAITING_STATES).filter(state_since__lt=end)
    there = dict(rows.difference(ended).values_list("pk", "village_id"))
    for pk, (state, since) in workflow.states_at(DEED, list(there), end).items():
        if state in WAITING_STATES:
            found[there[pk], state, _age((end - since).days)] += 1
    return found


def _state_rows(work: dict[tuple[int, str, int], int]) -> list[OpenRow]:
    ages: dict[str, list[int]] = defaultdict(lambda: [0] * (len(AGES) + 1))
    for (_village, state, age), count in work.items():
        ages[state][age] += count
    return [OpenRow(s, DEED.label_of(s), tuple(ages[s])) for s in WAITING_STATES if s in ages]


Cells = dict[tuple[str, date], tuple[int, int]]


def _sums(village_ids: Sequence[int], first: date, last: date) -> tuple[Cells, dict[int, tuple[int, int]]]:
    """(deeds, net tenths) by category and month, and by village, from the sums of each day."""
    cells: Cells = {}
    by_village: dict[int, tuple[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT village_id, category, date_trunc('month', day)::date, sum(deeds),"
            " sum(given_tenths - taken_tenths - reversed_tenths)"
            " FROM governance_points_pointsday"
            " WHERE village_id = ANY(%s) AND day BETWEEN %s AND %s GROUP BY 1, 2, 3",
            [list(village_ids), first, last],
        )
        for village_id, category, month, deeds, net in cursor.fetchall():
            before = cells.get((category, month), (0, 0))
            cells[category, month] = (before[0] + int(deeds), before[1] + int(net))
            village = by_village.get(village_id, (0, 0))
            by_village[village_id] = (village[0] + int(deeds), village[1] + int(net))
    return cells, by_village
