"""Deeds over HTTP: claim, verify, publish, correct, and the statement they come to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.amounts import parse_points
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.sheets import read_table
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points import score_sheet
from xinzhi.scenes.governance_points.api.common import Id, IdempotencyKey, ProblemRow
from xinzhi.scenes.governance_points.queries import deeds as deed_queries
from xinzhi.scenes.governance_points.queries import statement as statements
from xinzhi.scenes.governance_points.queries import transfers
from xinzhi.scenes.governance_points.queries.earnable import earnable
from xinzhi.scenes.governance_points.scoring import explain
from xinzhi.scenes.governance_points.services import claims, correction, publishing, sheet, verification

router = Router()


class DeedOut(Schema):
    id: int
    state: str
    rule_code: str
    rule_title: str
    category: str
    done_on: date
    points_tenths: int
    household_id: int
    household_no: str
    claimed_at: datetime
    channel: str
    evidence_count: int
    publication_id: int | None
    journal_id: int | None
    why: list[str]

    @staticmethod
    def resolve_why(row: Any) -> list[str]:
        return explain(row.steps)


class DeedPage(Schema):
    items: list[DeedOut]
    next_cursor: str | None


class DeedIn(Schema):
    household_id: int = Id
    rule_code: str = Field(max_length=32)
    done_on: date
    quantity: str | None = Field(
        None, max_length=12, description="units with at most one decimal, for rules by quantity"
    )
    grade: str = Field("", max_length=20)
    person_id: int | None = Field(None, ge=1, le=2**63 - 1)
    evidence_ids: list[UUID] = Field(default_factory=list, max_length=9)


class CompletedIn(Schema):
    done_on: date
    quantity: str | None = Field(None, max_length=12)
    grade: str = Field("", max_length=20)
    note: str = Field("", max_length=500)
    evidence_ids: list[UUID] = Field(default_factory=list, max_length=9, description="added to those it has")


class PreviewOut(Schema):
    raw_tenths: int
    points_tenths: int
    why: list[str]
    charter_version: int


class ManyIn(Schema):
    deed_ids: list[int] = Field(max_length=1000)


class MovedOut(Schema):
    advanced: list[int]
    refused: dict[int, str]


class ReasonIn(Schema):
    reason_code: str = Field("", max_length=40)


class PublishIn(Schema):
    village_id: int = Id
    deed_ids: list[int] | None = Field(None, max_length=10_000)
    days: int | None = Field(None, ge=1, le=60)


class PublicationOut(Schema):
    id: int
    number: str
    starts_at: datetime
    ends_at: datetime
    state: str
    line_count: int


class StatementLineOut(Schema):
    journal_id: int
    at: datetime
    effective_date: date
    amount_tenths: int
    balance_after_tenths: int | None
    deed_id: int | None
    title: str
    rule_code: str
    charter_version: int | None = Field(None, alias="version_number")
    is_reversal: bool
    is_reversed: bool
    life_event_id: int | None


class StatementOut(Schema):
    household_id: int
    spendable_tenths: int
    honour_tenths: int
    items: list[StatementLineOut]
    next_cursor: str | None


class TransferPartOut(Schema):
    tenths: int
    last_day: date


class TransferOut(Schema):
    life_event_id: int
    kind: str
    from_household_id: int
    to_household_id: int
    happened_on: date
    journal_id: int
    spendable_tenths: int
    honour_tenths: int
    share_parts: int
    share_whole: int
    by_members: bool
    parts: list[TransferPartOut]


class SheetOut(Schema):
    households: int
    deeds_new: int
    deeds_known: int
    points_tenths: int
    entered: bool
    problems: list[ProblemRow]


@router.get("/deeds", response=DeedPage)
def list_deeds(
    request: HttpRequest,
    village_id: int | None = Query(None, ge=1, le=2**63 - 1),
    household_id: int | None = Query(None, ge=1, le=2**63 - 1),
    state: str = Query("", max_length=40),
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Deeds the key may see, newest first."""
    return deed_queries.deeds(
        actor=reader(request),
        village_id=village_id,
        household_id=household_id,
        state=state,
        cursor=cursor,
        limit=limit,
    )


@router.post("/deeds", response={201: DeedOut})
def claim_deed(request: HttpRequest, body: DeedIn, key: UUID = IdempotencyKey) -> Any:
    """Claim a deed. The same Idempotency-Key again returns the first one."""
    deed = claims.claim_deed(
        actor=reader(request), request_key=key, household_id=body.household_id, rule_code=body.rule_code,
        done_on=body.done_on, quantity_tenths=parse_points(body.quantity) if body.quantity else None, grade=body.grade,
        person_id=body.person_id, evidence_ids=body.evidence_ids, at=clock.now(),
    )  # fmt: skip
    return 201, deed_queries.row_of(deed_queries.deed(actor=reader(request), deed_id=deed.pk))


@router.post("/deeds/preview", response=PreviewOut)
def preview_deed(request: HttpRequest, body: DeedIn) -> Any:
    """What a deed would be worth and why; writes nothing."""
    seen = claims.preview_deed(
        actor=reader(request), household_id=body.household_id, rule_code=body.rule_code, done_on=body.done_on,
        quantity_tenths=parse_points(body.quantity) if body.quantity else None, grade=body.grade, at=clock.now(),
    )  # fmt: skip
    return {
        "raw_tenths": seen.scored.raw_tenths,
        "points_tenths": seen.scored.points_tenths,
        "why": explain(seen.scored.steps),
        "charter_version": seen.charter.version.number,
    }


@router.get("/deeds/{int:deed_id}", response=DeedOut)
def get_deed(request: HttpRequest, deed_id: int) -> Any:
    """One deed."""
    deed = deed_queries.deed(actor=reader(request), deed_id=deed_id)
    return deed_queries.row_of(deed)


@router.post("/deeds/verify", response=MovedOut)
def verify_many(request: HttpRequest, body: ManyIn, key: UUID = IdempotencyKey) -> Any:
    """Verify many deeds at once; each refused one is named with its reason."""
    moved = verification.verify_deeds(
        actor=reader(request), deed_ids=body.deed_ids, request_key=key, at=clock.now()
    )
    return {"advanced": moved.advanced, "refused": {pk: r.message for pk, r in moved.refused.items()}}


@router.post("/deeds/{int:deed_id}/return", response=DeedOut)
def return_deed(request: HttpRequest, deed_id: int, body: ReasonIn, key: UUID = IdempotencyKey) -> Any:
    """Return a claim with a reason."""
    return _step(request, deed_id, "return", key, body.reason_code)


@router.post("/deeds/{int:deed_id}/withdraw", response=DeedOut)
def withdraw_deed(request: HttpRequest, deed_id: int, key: UUID = IdempotencyKey) -> Any:
    """Take one's own claim back while nobody has verified it."""
    return _step(request, deed_id, "withdraw", key, "")


@router.post("/deeds/{int:deed_id}/resubmit", response=DeedOut)
def resubmit_deed(request: HttpRequest, deed_id: int, body: CompletedIn, key: UUID = IdempotencyKey) -> Any:
    """Complete a returned claim and submit it again."""
    actor = reader(request)
    claims.resubmit_deed(
        actor=actor, request_key=key, deed_id=deed_id, done_on=body.done_on,
        quantity_tenths=parse_points(body.quantity) if body.quantity else None, grade=body.grade, note=body.note,
        evidence_ids=body.evidence_ids, at=clock.now(),
    )  # fmt: skip
    return deed_queries.row_of(deed_queries.deed(actor=actor, deed_id=deed_id))


def _step(request: HttpRequest, deed_id: int, action: str, key: UUID, reason_code: str) -> Any:
    actor = reader(request)
    deed = deed_queries.deed(actor=actor, deed_id=deed_id)
    workflow.advance(deed, action, actor=actor, at=clock.now(), reason_code=reason_code, request_key=key)
    return deed_queries.row_of(deed)


@router.post("/deeds/{int:deed_id}/reverse", response=DeedOut)
def reverse_deed(request: HttpRequest, deed_id: int, body: ReasonIn, key: UUID = IdempotencyKey) -> Any:
    """Take a posted deed back by a contra entry."""
    actor = reader(request)
    correction.reverse_deed(
        actor=actor, request_key=key, deed_id=deed_id, reason_code=body.reason_code, at=clock.now()
    )
    return deed_queries.row_of(deed_queries.deed(actor=actor, deed_id=deed_id))


@router.post("/publications", response={201: PublicationOut})
def publish(request: HttpRequest, body: PublishIn, key: UUID = IdempotencyKey) -> Any:
    """Publish verified deeds of a village as one list."""
    return 201, publishing.publish_deeds(
        actor=reader(request), request_key=key, village_id=body.village_id, deed_ids=body.deed_ids, days=body.days,
        at=clock.now(),
    )  # fmt: skip


@router.post("/score-sheets", response=SheetOut)
def import_score_sheet(
    request: HttpRequest,
    sheet_file: UploadedFile = File(alias="sheet"),
    village_id: int = Form(ge=1, le=2**63 - 1),
    month: date = Form(),
    dry_run: bool = Form(True),
) -> Any:
    """Enter a month's score sheet; a dry run only reports. The same sheet again enters nothing twice."""
    table = read_table(sheet_file, sheet_file.name or "", columns=score_sheet.COLUMNS)
    return sheet.import_score_sheet(
        actor=reader(request),
        village_id=village_id,
        month=month,
        table=table,
        dry_run=dry_run,
        at=clock.now(),
    )


class CapLeftOut(Schema):
    period: str
    points_tenths: int | None
    times: int | None


class EarnableOut(Schema):
    rule_code: str
    category: str
    title: str
    best_tenths: int
    is_used_up: bool
    left: list[CapLeftOut]


@router.get("/households/{int:household_id}/could-earn", response=list[EarnableOut])
def could_earn(request: HttpRequest, household_id: int) -> Any:
    """What a household could still earn today, and what its caps leave."""
    found = earnable(actor=reader(request), household_id=household_id, on=clock.today())
    return [
        {
            "rule_code": e.rule.code, "category": category, "title": e.rule.title, "best_tenths": e.rule.best_tenths,
            "is_used_up": e.is_used_up, "left": list(e.left),
        }
        for category, entries in found.items()
        for e in entries
    ]  # fmt: skip


@router.get("/households/{int:household_id}/statement", response=StatementOut)
def get_statement(
    request: HttpRequest,
    household_id: int,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=200),
) -> Any:
    """Balances and movements of a household; a look from outside is logged."""
    actor = reader(request)
    page = statements.statement(actor=actor, household_id=household_id, cursor=cursor, limit=limit)
    balances = statements.balances(actor=actor, household_id=household_id)
    if household_id not in actor.household_ids:
        audit.record_view(
            actor=actor, page="governance_points.statement", household_id=household_id, at=clock.now(),
            fields=("balance", "movements"),
        )  # fmt: skip
    return {
        "household_id": household_id,
        "spendable_tenths": balances.spendable_tenths,
        "honour_tenths": balances.honour_tenths,
        "items": page.items,
        "next_cursor": page.next_cursor,
    }


@router.get("/transfers/{int:event_id}", response=TransferOut)
def get_transfer(request: HttpRequest, event_id: int) -> Any:
    """Points that went over because households split or merged; a look from outside is logged."""
    actor = reader(request)
    found = transfers.transfer(actor=actor, event_id=event_id)
    succession = found.succession
    homes = (succession.from_household_id, succession.to_household_id)
    for household_id in homes if not set(homes) & set(actor.household_ids) else ():
        audit.record_view(
            actor=actor, page="governance_points.statement", household_id=household_id, at=clock.now(), fields=("movements",)
        )  # fmt: skip
    return {
        "life_event_id": event_id, "kind": succession.kind, "from_household_id": homes[0], "to_household_id": homes[1],
        "happened_on": found.happened_on, "journal_id": found.journal_id, "spendable_tenths": found.spendable_tenths,
        "honour_tenths": found.honour_tenths, "share_parts": succession.share_parts, "share_whole": succession.share_whole,
        "by_members": succession.by_members, "parts": [{"tenths": p.tenths, "last_day": p.last_day} for p in found.parts],
    }  # fmt: skip
