"""What the points of a year cost against their budget, what is still owed, and where it goes, in integer fen, as of any day.

village.md 1.8: liability is what is outstanding times the worth of a point; it is said aloud from 80 of 100 on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit.labels import actor_names
from xinzhi.kernel.foundation.clock import local_date, start_of_day
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.scenes.governance_points.accounts import POINTS
from xinzhi.scenes.governance_points.models import FundEntry, PointsBudget, PointsDay
from xinzhi.scenes.governance_points.overview.figures import DayAhead
from xinzhi.scenes.governance_points.overview.titles import MOST_VILLAGES

#: Permille of the budget from which the page warns (village.md 1.8).
WARN_PERMILLE = 800
#: Accounts into which points go for good.
SINKS = ("redeemed", "expired")
Warning = Literal["", "near", "ahead", "over"]
SOURCES = {
    "collective": _("Income of the collective"), "public_welfare": _("Public welfare fund of the collective"), "township": _("Township"),
    "department": _("A department"), "donation": _("Donation"), "other": _("Other"),
}  # fmt: skip


def worth_fen(tenths: int, fen_per_point: int) -> int:
    """What tenths of points are worth. A part of a fen counts as a whole one: what is owed is never made smaller."""
    return -(-tenths * fen_per_point // 10)


@dataclass(frozen=True, slots=True)
class BudgetFigures:
    """A village's year so far. Points in tenths, money in fen; money is None where no budget says what a point is worth.

    `issued_tenths`: into the ledger in the year, net of what was taken or taken back. `outstanding_tenths`: what all households
    could spend. `forecast_tenths`: issued at the end of the year if it goes on as it has.
    """

    village_id: int
    name: str
    year: int
    budget_fen: int | None
    fen_per_point: int | None
    funds_fen: int
    issued_tenths: int
    redeemed_tenths: int
    expired_tenths: int
    outstanding_tenths: int
    forecast_tenths: int

    def _worth(self, tenths: int) -> int | None:
        return None if self.fen_per_point is None else worth_fen(tenths, self.fen_per_point)

    @property
    def used_fen(self) -> int | None:
        return self._worth(self.issued_tenths)

    @property
    def left_fen(self) -> int | None:
        return None if self.budget_fen is None or self.used_fen is None else self.budget_fen - self.used_fen

    @property
    def liability_fen(self) -> int | None:
        return self._worth(self.outstanding_tenths)

    @property
    def forecast_fen(self) -> int | None:
        return self._worth(self.forecast_tenths)

    @property
    def used_permille(self) -> int | None:
        return (
            None if self.used_fen is None or not self.budget_fen else self.used_fen * 1000 // self.budget_fen
        )

    @property
    def coverage_permille(self) -> int | None:
        """Money recorded for the year less what was redeemed in it, of what is still owed; None where nothing is owed."""
        redeemed = self._worth(self.redeemed_tenths)
        if redeemed is None or not self.liability_fen:
            return None
        return max(0, self.funds_fen - redeemed) * 1000 // self.liability_fen

    @property
    def warning(self) -> Warning:
        """ "over" the budget, "near" it (80 of 100), or "ahead": over it at the end of the year as it goes."""
        if self.budget_fen is None or self.used_fen is None:
            return ""
        if self.used_fen > self.budget_fen:
            return "over"
        if self.used_fen * 1000 >= self.budget_fen * WARN_PERMILLE:
            return "near"
        return "ahead" if (self.forecast_fen or 0) > self.budget_fen else ""


def budgets(villages: Mapping[int, str], *, as_of: date, now: datetime) -> list[BudgetFigures] | None:
    """The figures of these villages (id → name) for the year of a day. Four queries; None beyond 40 villages. Raises DayAhead."""
    if as_of > local_date(now):
        raise DayAhead(field="as_of", found=as_of.isoformat())
    if len(villages) > MOST_VILLAGES:
        return None
    first = as_of.replace(month=1, day=1)
    end = min(start_of_day(as_of + timedelta(days=1)), now + timedelta(microseconds=1))
    in_force = in_force_on(villages, as_of)
    funds = dict(
        FundEntry.objects.filter(village_id__in=villages, year=as_of.year, decided_on__lte=as_of)
        .values_list("village_id")
        .annotate(sum=Sum("amount_fen"))
    )
    net_of_day = F("given_tenths") - F("taken_tenths") - F("reversed_tenths")
    issued = {
        pk: (int(net or 0), int(ever or 0))
        for pk, net, ever in PointsDay.objects.filter(village_id__in=villages, day__lte=as_of)
        .values_list("village_id")
        .annotate(net=Sum(net_of_day, filter=Q(day__gte=first)), ever=Sum(net_of_day))
    }
    moved = ledger.totals(list(villages), SINKS, POINTS, since=start_of_day(first), until=end)
    nothing = ledger.Total(0, 0)
    elapsed, days = (as_of - first).days + 1, (date(as_of.year + 1, 1, 1) - first).days
    found = []
    for pk, name in villages.items():
        budget, (net, ever) = in_force.get(pk), issued.get(pk, (0, 0))
        redeemed, expired = (moved.get((pk, kind), nothing) for kind in SINKS)
        net = max(0, net)
        found.append(
            BudgetFigures(
                village_id=pk, name=name, year=as_of.year,
                budget_fen=budget.amount_fen if budget else None, fen_per_point=budget.fen_per_point if budget else None,
                funds_fen=int(funds.get(pk) or 0), issued_tenths=net,
                redeemed_tenths=redeemed.moved, expired_tenths=expired.moved,
                # What ever came in less what went out for good: the balances together, without adding up all of them.
                outstanding_tenths=ever - redeemed.standing - expired.standing,
                forecast_tenths=-(-net * days // elapsed),
            )
        )  # fmt: skip
    return found


def in_force_on(village_ids: Collection[int], day: date) -> dict[int, PointsBudget]:
    """The budget of each village for the year of a day that holds on it. One query."""
    rows = PointsBudget.objects.filter(village_id__in=village_ids, year=day.year, active_from__lte=day)
    return {b.village_id: b for b in rows.order_by("active_from", "pk")}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row as recorded, with the name of who did."""

    day: date
    what: str
    amount_fen: int
    basis: str
    by: str
    at: datetime
    fen_per_point: int | None = None


def recorded(village_id: int, year: int) -> list[Recorded]:
    """Everything recorded for a year, newest first. The caller has scoped the village."""
    funds = list(FundEntry.objects.filter(village_id=village_id, year=year))
    rows = list(PointsBudget.objects.filter(village_id=village_id, year=year))
    names = actor_names({f.recorded_by_key for f in funds} | {b.recorded_by_key for b in rows})

    def by(row: FundEntry | PointsBudget) -> str:
        return names.get(row.recorded_by_key, row.recorded_by_key)

    found: Sequence[Recorded] = [
        Recorded(f.decided_on, str(SOURCES.get(f.source_code, f.source_code)), f.amount_fen, f.basis, by(f), f.recorded_at)
        for f in funds
    ] + [
        Recorded(b.active_from, "", b.amount_fen, b.basis, by(b), b.recorded_at, b.fen_per_point) for b in rows
    ]  # fmt: skip
    return sorted(found, key=lambda r: r.at, reverse=True)
