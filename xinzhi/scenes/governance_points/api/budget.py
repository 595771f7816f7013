"""The budget of the points over HTTP: figures, and what records it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.scenes.governance_points.api.common import Day, Id, IdempotencyKey
from xinzhi.scenes.governance_points.overview import budget as figures
from xinzhi.scenes.governance_points.queries import statement, villages
from xinzhi.scenes.governance_points.services import budget as services

router = Router()


class BudgetOut(Schema):
    """Points in tenths, money in fen; parts in permille."""

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
    used_fen: int | None
    left_fen: int | None
    liability_fen: int | None
    forecast_fen: int | None
    used_permille: int | None
    coverage_permille: int | None
    warning: Literal["", "near", "ahead", "over"]


class BudgetIn(Schema):
    village_id: int = Id
    year: int = Field(ge=1900, le=2999)
    amount_fen: int = Field(ge=-(2**53), le=2**53)
    fen_per_point: int = Field(ge=-(2**31), le=2**31)
    active_from: Day
    basis: str = Field(max_length=200)


class FundIn(Schema):
    village_id: int = Id
    year: int = Field(ge=1900, le=2999)
    source_code: str = Field(max_length=40)
    amount_fen: int = Field(ge=-(2**53), le=2**53)
    decided_on: Day
    basis: str = Field(max_length=200)


class RowOut(Schema):
    id: int
    village_id: int
    year: int
    amount_fen: int
    basis: str
    recorded_at: datetime


@router.get("/budgets", response=list[BudgetOut])
def get_budgets(
    request: HttpRequest, village_id: int | None = Query(None, ge=1, le=2**63 - 1), as_of: Day | None = None
) -> Any:
    """Budget used, outstanding liability, coverage and forecast of the year of a day, at most 40 villages at once."""
    shown = villages.shown(villages.named(reader(request), statement.VIEW), village_id)
    day: date = as_of or clock.today()
    found = figures.budgets(shown, as_of=day, now=clock.now())
    if found is None:
        raise NotFound()
    return found


@router.post("/budgets", response={201: RowOut})
def record_budget(request: HttpRequest, body: BudgetIn, key: UUID = IdempotencyKey) -> Any:
    """Record the budget of a year and the worth of a point from a day on."""
    return 201, services.record_budget(actor=reader(request), request_key=key, at=clock.now(), **body.dict())


@router.post("/funds", response={201: RowOut})
def record_fund(request: HttpRequest, body: FundIn, key: UUID = IdempotencyKey) -> Any:
    """Record money for a year's points; negative takes back what was recorded."""
    return 201, services.record_fund(actor=reader(request), request_key=key, at=clock.now(), **body.dict())
