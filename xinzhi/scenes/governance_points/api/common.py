"""What the parts of the API share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from annotated_types import Ge, Le
from ninja import Field, Header, Schema
from pydantic import AfterValidator

#: A day one can reckon with: months and time zones around it are there as well.
Day = Annotated[date, Ge(date(1900, 1, 1)), Le(date(2999, 12, 31))]


def _within_reach(moment: datetime) -> datetime:
    if not 1900 <= moment.year <= 2999:
        raise ValueError("the year must lie between 1900 and 2999")
    return moment


#: A moment one can reckon with.
Moment = Annotated[datetime, AfterValidator(_within_reach)]
#: PostgreSQL's bigint: ids beyond it are simply not there.
Id = Field(ge=1, le=2**63 - 1)
IdempotencyKey = Header(alias="Idempotency-Key")


class ProblemRow(Schema):
    row: int
    column: str
    value: str
    problem: str
    remedy: str

    @staticmethod
    def resolve_problem(row: Any) -> str:
        return str(row.problem)

    @staticmethod
    def resolve_remedy(row: Any) -> str:
        return str(row.remedy)
