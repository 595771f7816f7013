"""Deductions over HTTP: tell a household, let it answer, let it make good."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.amounts import parse_points
from xinzhi.kernel.identity.reader import reader
from xinzhi.scenes.governance_points.api.common import Id, IdempotencyKey
from xinzhi.scenes.governance_points.api.deeds import DeedOut
from xinzhi.scenes.governance_points.queries import deeds
from xinzhi.scenes.governance_points.services import hearing

router = Router()


class DeductionIn(Schema):
    household_id: int = Id
    rule_code: str = Field(max_length=32)
    done_on: date
    quantity: str | None = Field(None, max_length=12)
    grade: str = Field("", max_length=20)
    description: str = Field(max_length=500, description="what was seen and what would make it good")
    evidence_ids: list[UUID] = Field(default_factory=list, max_length=9)


class SaidIn(Schema):
    note: str = Field("", max_length=500)
    evidence_ids: list[UUID] = Field(default_factory=list, max_length=9)


@router.post("/deductions", response={201: DeedOut})
def notify_deduction(request: HttpRequest, body: DeductionIn, key: UUID = IdempotencyKey) -> Any:
    """Tell a household what was seen. Nothing is taken by this; it may answer and make good first."""
    deed = hearing.notify_deduction(
        actor=reader(request), request_key=key, household_id=body.household_id, rule_code=body.rule_code,
        done_on=body.done_on, quantity_tenths=parse_points(body.quantity) if body.quantity else None, grade=body.grade,
        description=body.description, evidence_ids=body.evidence_ids, at=clock.now(),
    )  # fmt: skip
    return 201, deeds.row_of(deeds.deed(actor=reader(request), deed_id=deed.pk))


@router.post("/deductions/{int:deed_id}/answer", response=DeedOut)
def answer(request: HttpRequest, deed_id: int, body: SaidIn, key: UUID = IdempotencyKey) -> Any:
    """The household's answer; from an office, the answer it gave on paper."""
    hearing.answer_deduction(
        actor=reader(request), deed_id=deed_id, note=body.note, evidence_ids=body.evidence_ids, request_key=key,
        at=clock.now(),
    )  # fmt: skip
    return deeds.row_of(deeds.deed(actor=reader(request), deed_id=deed_id))


@router.post("/deductions/{int:deed_id}/repair", response=DeedOut)
def repair(request: HttpRequest, deed_id: int, body: SaidIn, key: UUID = IdempotencyKey) -> Any:
    """The household made good, with a photo."""
    hearing.claim_repair(
        actor=reader(request), deed_id=deed_id, note=body.note, evidence_ids=body.evidence_ids, request_key=key,
        at=clock.now(),
    )  # fmt: skip
    return deeds.row_of(deeds.deed(actor=reader(request), deed_id=deed_id))
