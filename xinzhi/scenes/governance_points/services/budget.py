"""Record what a village's points may cost and where the money comes from: dated rows, never changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.amounts import format_fen
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Conflict, Invalid
from xinzhi.kernel.sheets.cleaning import clean
from xinzhi.scenes.governance_points.models import FundEntry, PointsBudget
from xinzhi.scenes.governance_points.services.charter import village_for

RECORD = "governance_points.budget.record"
Row = TypeVar("Row", FundEntry, PointsBudget)
#: A hundred million yuan: more is a slip of the hand.
MOST_FEN = 10_000_000_000
#: One point was worth 0.2 to 5 yuan in published schemes (village.md 1.8).
MOST_FEN_PER_POINT = 10_000


class AmountOutOfRange(Invalid):
    code = "governance_points.amount_out_of_range"
    sentence = _("An amount between %(least)s and %(most)s is needed; found %(found)s.")


class BasisNeeded(Invalid):
    code = "governance_points.basis_needed"
    sentence = _(
        "Name the resolution or agreement it rests on in at most 120 characters, for example “Village assembly 2026-3”."
    )


class SourceNotKnown(Invalid):
    code = "governance_points.fund_source_not_known"
    sentence = _("Choose where the money comes from; found “%(found)s”.")


class BudgetYearOutOfRange(Invalid):
    code = "governance_points.budget_year_out_of_range"
    sentence = _("A budget is for last year, this year or the next; found %(found)s.")


class BudgetDayOutOfYear(Invalid):
    code = "governance_points.budget_day_out_of_year"
    sentence = _("The day must lie in the year %(year)s or in the one before; found %(found)s.")


class BudgetKeyUsed(Conflict):
    code = "governance_points.budget_key_used"
    sentence = _("This form was sent already with something else in it. Open it anew and send it again.")


@transaction.atomic
def record_fund(
    *,
    actor: Actor,
    request_key: UUID,
    village_id: int,
    year: int,
    source_code: str,
    amount_fen: int,
    decided_on: date,
    basis: str,
    at: datetime,
) -> FundEntry:
    """Record money for a year's points; negative takes back what was recorded. The same request key again returns the first row.

    Raises AmountOutOfRange, SourceNotKnown, BasisNeeded, BudgetYearOutOfRange, BudgetDayOutOfYear, BudgetKeyUsed.
    """
    village = village_for(actor=actor, village_id=village_id, permission=RECORD)
    basis = _check(year, decided_on, basis, at, day_field="decided_on")
    if source_code not in FundEntry.SOURCES:
        raise SourceNotKnown(field="source", found=source_code[:20])
    _check_amount("amount", amount_fen, -MOST_FEN, MOST_FEN)
    if amount_fen == 0:
        raise AmountOutOfRange(
            field="amount", least=format_fen(1), most=format_fen(MOST_FEN), found=format_fen(0)
        )
    entry = FundEntry(
        village_id=village.pk, year=year, source_code=source_code, amount_fen=amount_fen, decided_on=decided_on,
        basis=basis, recorded_by_key=actor.person_key, recorded_at=at, request_key=request_key,
    )  # fmt: skip
    fields = ("village_id", "year", "source_code", "amount_fen", "decided_on", "basis")
    return _keep(entry, fields, actor=actor, at=at, action="governance_points.record_fund")


@transaction.atomic
def record_budget(
    *,
    actor: Actor,
    request_key: UUID,
    village_id: int,
    year: int,
    amount_fen: int,
    fen_per_point: int,
    active_from: date,
    basis: str,
    at: datetime,
) -> PointsBudget:
    """Record the budget of a year and the worth of a point from a day on. The same request key again returns the first row.

    Raises AmountOutOfRange, BasisNeeded, BudgetYearOutOfRange, BudgetDayOutOfYear, BudgetKeyUsed.
    """
    village = village_for(actor=actor, village_id=village_id, permission=RECORD)
    basis = _check(year, active_from, basis, at, day_field="active_from")
    _check_amount("amount", amount_fen, 1, MOST_FEN)
    _check_amount("per_point", fen_per_point, 1, MOST_FEN_PER_POINT)
    budget = PointsBudget(
        village_id=village.pk, year=year, amount_fen=amount_fen, fen_per_point=fen_per_point, active_from=active_from,
        basis=basis, recorded_by_key=actor.person_key, recorded_at=at, request_key=request_key,
    )  # fmt: skip
    fields = ("village_id", "year", "amount_fen", "fen_per_point", "active_from", "basis")
    return _keep(budget, fields, actor=actor, at=at, action="governance_points.record_budget")


def _check(year: int, day: date, basis: str, at: datetime, *, day_field: str) -> str:
    """The basis, cleaned."""
    if abs(year - local_date(at).year) > 1:
        raise BudgetYearOutOfRange(field="year", found=year)
    if day.year not in (year - 1, year):
        raise BudgetDayOutOfYear(field=day_field, year=year, found=day)
    basis = clean(basis)
    if not basis or len(basis) > 120:
        raise BasisNeeded(field="basis")
    return basis


def _check_amount(field: str, fen: int, least: int, most: int) -> None:
    if not least <= fen <= most:
        raise AmountOutOfRange(
            field=field, least=format_fen(least), most=format_fen(most), found=format_fen(fen)
        )


def _keep(row: Row, fields: tuple[str, ...], *, actor: Actor, at: datetime, action: str) -> Row:
    """Write the row and its audit; or return the one that was written under its key."""
    kind = type(row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        earlier = kind.objects.filter(request_key=row.request_key).first()
        if earlier is None:
            raise
        if any(getattr(earlier, f) != getattr(row, f) for f in fields):
            raise BudgetKeyUsed() from None
        return earlier
    audit.record(actor=actor, action=action, subject=str(row), at=at, region_id=row.village_id)
    return row
