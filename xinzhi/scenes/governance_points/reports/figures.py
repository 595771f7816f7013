"""The figures a form may ask for. A name, what it counts, from where; nothing is typed twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.clock import start_of_day
from xinzhi.kernel.notices.models import Objection
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.workflow.lifecycle import Text
from xinzhi.scenes.governance_points.models import Deed, PointsDay


@dataclass(frozen=True, slots=True)
class Figure:
    """`name` is what a cell is called; `source` says what is counted where."""

    name: str
    label: Text
    source: Text


FIGURES = (
    Figure("xz_month", _("Month"), _("The month of the report")),
    Figure("xz_place", _("Place"), _("The village, or the villages together")),
    Figure("xz_households", _("Households"), _("Households of the roster that are not closed, at the moment of filling")),
    Figure("xz_claims", _("Deeds claimed"), _("Deeds whose claim or entry was made in the month, whatever became of them")),
    Figure("xz_households_claiming", _("Households that claimed"), _("Different households among the deeds claimed in the month")),
    Figure("xz_verified", _("Deeds verified"), _("Deeds whose verification was in the month")),
    Figure("xz_deeds", _("Deeds into the ledger"), _("Deeds posted in the month, from the sums written with the postings")),
    Figure("xz_points_given", _("Points given"), _("Points of the deeds posted in the month")),
    Figure("xz_points_taken", _("Points deducted"), _("Points taken by deductions posted in the month")),
    Figure("xz_points_reversed", _("Points taken back"), _("Net of the contra entries of the month")),
    Figure("xz_objections", _("Objections"), _("Objections filed in the month")),
    Figure("xz_objections_upheld", _("Objections upheld"), _("Of the objections decided in the month, those upheld by village or township")),
)  # fmt: skip
#: A table grows down from its named cell: village, deeds, points given, points deducted.
TABLES = (
    Figure("xz_villages", _("Table of the villages"), _("Village, deeds posted, points given, points deducted in the month")),
    Figure("xz_categories", _("Table of the categories"), _("Category, deeds posted, points given, points deducted in the month")),
)  # fmt: skip
NAMES = tuple(f.name for f in (*FIGURES, *TABLES))

Cell = str | int | float
Rows = list[list[Cell]]


def values(villages: dict[int, str], month: date) -> tuple[dict[str, Cell], dict[str, Rows]]:
    """Figures and tables of these villages (id → name) in a month. Five queries; the caller has scoped the villages."""
    first = month.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    ids, begin, end = list(villages), start_of_day(first), start_of_day(after)
    deeds = _deeds(ids, begin, end)
    days = PointsDay.objects.filter(village_id__in=ids, day__gte=first, day__lt=after)
    sums: list[dict[str, Any]] = [
        {**row}
        for row in days.values("village_id", "category").annotate(
            n=Sum("deeds"), given=Sum("given_tenths"), taken=Sum("taken_tenths"), back=Sum("reversed_tenths")
        )
    ]
    objections = Objection.objects.filter(village_id__in=ids).aggregate(
        filed=Count("pk", filter=Q(filed_at__gte=begin, filed_at__lt=end)),
        upheld=Count(
            "pk",
            filter=Q(decided_at__gte=begin, decided_at__lt=end, state__in=("upheld", "upheld_by_township")),
        ),
    )
    found: dict[str, Cell] = {
        "xz_month": f"{first:%Y-%m}",
        "xz_place": "、".join(villages.values()),
        "xz_households": Household.objects.filter(village_id__in=ids, status="active").count(),
        **deeds,
        "xz_deeds": sum(r["n"] for r in sums),
        "xz_points_given": _points(sum(r["given"] for r in sums)),
        "xz_points_taken": _points(sum(r["taken"] for r in sums)),
        "xz_points_reversed": _points(sum(r["back"] for r in sums)),
        "xz_objections": objections["filed"],
        "xz_objections_upheld": objections["upheld"],
    }
    tables = {
        "xz_villages": [
            [name, *_row([r for r in sums if r["village_id"] == pk])] for pk, name in villages.items()
        ],
        "xz_categories": [
            [category, *_row([r for r in sums if r["category"] == category])]
            for category in sorted({r["category"] for r in sums})
        ],
    }
    return found, tables


def _points(tenths: int) -> Cell:
    """Whole points are whole numbers in the sheet."""
    return tenths / 10 if tenths % 10 else tenths // 10


def _row(sums: Sequence[dict[str, Any]]) -> list[Cell]:
    return [
        sum(r["n"] for r in sums),
        _points(sum(r["given"] for r in sums)),
        _points(sum(r["taken"] for r in sums)),
    ]


def _deeds(village_ids: Sequence[int], begin: datetime, end: datetime) -> dict[str, Cell]:
    claimed = Q(claimed_at__gte=begin, claimed_at__lt=end)
    found = Deed.objects.filter(village_id__in=village_ids).aggregate(
        claims=Count("pk", filter=claimed),
        households=Count("household_id", filter=claimed, distinct=True),
        verified=Count("pk", filter=Q(verified_at__gte=begin, verified_at__lt=end)),
    )
    return {
        "xz_claims": found["claims"],
        "xz_households_claiming": found["households"],
        "xz_verified": found["verified"],
    }
