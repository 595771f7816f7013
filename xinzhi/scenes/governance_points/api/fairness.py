"""Fairness over HTTP: the figures of the page, for the offices."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.reader import reader
from xinzhi.scenes.governance_points.fairness import report
from xinzhi.scenes.governance_points.queries import statement, villages

router = Router()


class EstimateOut(Schema):
    """`low` and `high` hold the true value nineteen times of twenty."""

    value: float
    low: float
    high: float


class GroupOut(Schema):
    """A group beside all other households; no figures where there are fewer than ten of either."""

    code: str
    label: str
    households: int
    mean_tenths: int | None
    others_mean_tenths: int | None
    ratio: EstimateOut | None
    verdict: report.Verdict


class FairCategoryOut(Schema):
    category: str
    deeds: int
    tenths: int
    permille: int


class VerifierOut(Schema):
    person_key: str
    judged: int
    accepted: EstimateOut | None
    others_accepted: float | None
    verdict: report.Verdict


class KinOut(Schema):
    verifiers_known: int
    kin_judged: int
    kin_accepted: int
    others_judged: int
    others_accepted: int
    difference: EstimateOut | None
    verdict: report.Verdict


class AgreementOut(Schema):
    pairs: int
    mean_difference: float
    icc: float | None


class RatingOut(Schema):
    label: str
    agreement: AgreementOut | None


class FairnessOut(Schema):
    year: int
    last: date
    households: int
    with_points: int
    tenths: int
    half_is_with: int
    gini: float | None
    groups: list[GroupOut]
    categories: list[FairCategoryOut]
    verifiers: list[VerifierOut]
    kin: KinOut
    ratings: list[RatingOut]


@router.get("/fairness", response=FairnessOut)
def get_fairness(
    request: HttpRequest,
    village_id: int | None = Query(None, ge=1, le=2**63 - 1),
    year: int | None = Query(None, ge=1, le=9999),
) -> Any:
    """How points are spread over households and groups and how those who verify judge, in a year (without one: this year)."""
    mine = villages.named(reader(request), statement.VIEW)
    today = clock.today()
    shown = villages.shown(mine, village_id)
    return report.fairness_report(list(shown), year=year or today.year, today=today)
