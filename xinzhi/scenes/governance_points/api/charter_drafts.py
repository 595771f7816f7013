"""A charter's life over HTTP: write a draft, hear what the linter says, vote, publish, file, correct, bring into force."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.sheets import read_table
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.api.common import Day, Id, IdempotencyKey, ProblemRow
from xinzhi.scenes.governance_points.queries import charter_drafts as queries
from xinzhi.scenes.governance_points.services import charter_life as life
from xinzhi.scenes.governance_points.services.charter_life.drafting import (
    MOST_BUDGET_TENTHS,
    MOST_ROWS,
    Settings,
)
from xinzhi.scenes.governance_points.services.charter_life.voting import MOST_PEOPLE

router = Router()
AT = "/charter-drafts/{int:draft_id}"


class FindingOut(Schema):
    key: str
    code: str
    severity: str
    rule_code: str
    found: str
    what: str
    why: str
    article: str
    instead: str

    @staticmethod
    def resolve_what(row: Any) -> str:
        return str(row.what)

    @staticmethod
    def resolve_why(row: Any) -> str:
        return str(row.why)

    @staticmethod
    def resolve_instead(row: Any) -> str:
        return str(row.instead)


class VoteOut(Schema):
    round: int
    basis: str
    notice_on: date
    held_on: date
    resolution: str
    entitled: int
    registered: int
    present: int
    votes_for: int
    votes_against: int
    votes_abstaining: int
    passed: bool
    quorum_article: str
    majority_article: str


class DraftOut(Schema):
    id: int
    number: str
    village_id: int
    state: str
    revision: int
    wanted_from: date
    publication_days: int
    council_deliberates: bool
    budget_tenths: int | None
    checked_on: date | None
    published_on: date | None
    published_until: date | None
    filed_on: date | None
    correction_until: date | None
    correction_reason: str
    version_id: int | None


class DraftDetailOut(DraftOut):
    rows: list[dict[str, str]]
    problems: list[ProblemRow]
    findings: list[FindingOut]
    acknowledged: list[str]
    is_ready: bool
    votes: list[VoteOut]


class DraftSettingsIn(Schema):
    rows: list[dict[str, str]] = Field(max_length=MOST_ROWS * 2)
    wanted_from: Day
    publication_days: int = Field(7, ge=0, le=366)
    council_deliberates: bool = True
    budget_tenths: int | None = Field(None, ge=1, le=MOST_BUDGET_TENTHS)


class DraftIn(DraftSettingsIn):
    village_id: int = Id


class DraftSaveIn(DraftSettingsIn):
    revision: int = Field(ge=1, le=2**31 - 1)


class WarningsIn(Schema):
    keys: list[str] = Field(max_length=500)


class VillageVoteIn(Schema):
    basis: str = Field(max_length=20)
    notice_on: Day
    held_on: Day
    place: str = Field(max_length=60)
    resolution: str = Field(max_length=100)
    entitled: int = Field(ge=1, le=MOST_PEOPLE)
    present: int = Field(ge=1, le=MOST_PEOPLE)
    votes_for: int = Field(ge=0, le=MOST_PEOPLE)
    votes_against: int = Field(0, ge=0, le=MOST_PEOPLE)
    votes_abstaining: int = Field(0, ge=0, le=MOST_PEOPLE)


class SignedIn(Schema):
    evidence_ids: list[UUID] = Field(max_length=20)


class PublicationIn(Schema):
    days: int = Field(7, ge=0, le=366)


class FilingNoteIn(Schema):
    note: str = Field("", max_length=2000)


class CorrectionOrderIn(Schema):
    reason_code: str = Field(max_length=40)
    note: str = Field("", max_length=2000)


class ForceIn(Schema):
    active_from: Day


def _settings(body: DraftSettingsIn) -> Settings:
    return Settings(body.wanted_from, body.publication_days, body.council_deliberates, body.budget_tenths)


def _detail(request: HttpRequest, draft_id: int) -> dict[str, Any]:
    view = queries.draft_view(actor=reader(request), draft_id=draft_id, at=clock.now())
    return {
        **{name: getattr(view.draft, name) for name in DraftOut.model_fields},
        "rows": view.draft.cells,
        "problems": view.looked.problems,
        "findings": view.looked.findings,
        "acknowledged": sorted(view.looked.acknowledged),
        "is_ready": view.looked.is_ready,
        "votes": view.votes,
    }


@router.get("/charter-drafts", response=list[DraftOut])
def list_charter_drafts(request: HttpRequest, village_id: int = Query(ge=1, le=2**63 - 1)) -> Any:
    """The drafts of a village, newest first."""
    return queries.drafts(actor=reader(request), village_id=village_id)


@router.post("/charter-drafts", response={201: DraftOut})
def start_charter_draft(request: HttpRequest, body: DraftIn, key: UUID = IdempotencyKey) -> Any:
    """Begin a draft. Rows are the cells of the charter's sheet by column; what can not be read as a rule yet is kept and named."""
    return 201, life.start_draft(
        actor=reader(request), request_key=key, village_id=body.village_id, cells=body.rows, settings=_settings(body), at=clock.now(),
    )  # fmt: skip


@router.get(AT, response=DraftDetailOut)
def get_charter_draft(request: HttpRequest, draft_id: int) -> Any:
    """A draft with its rows, what can not be read, what the linter says, and its votes."""
    return _detail(request, draft_id)


@router.put(AT, response=DraftDetailOut)
def save_charter_draft(request: HttpRequest, draft_id: int, body: DraftSaveIn) -> Any:
    """Save a draft that was read at this revision; the same content again changes nothing."""
    life.save_draft(
        actor=reader(request), draft_id=draft_id, revision=body.revision, cells=body.rows, settings=_settings(body), at=clock.now(),
    )  # fmt: skip
    return _detail(request, draft_id)


@router.post(f"{AT}/sheet", response=DraftDetailOut)
def bring_charter_sheet(
    request: HttpRequest,
    draft_id: int,
    sheet_file: UploadedFile = File(alias="sheet"),
    revision: int = Form(ge=1, le=2**31 - 1),
) -> Any:
    """Put the rows of an Excel or CSV sheet in the place of the draft's."""
    found = queries.draft_for(actor=reader(request), draft_id=draft_id)
    table = read_table(sheet_file, sheet_file.name or "", columns=charter_sheet.COLUMNS)
    cells = [{key: str(row.cells.get(key) or "") for key in queries.COLUMN_KEYS} for row in table.rows]
    settings = Settings(
        found.wanted_from, found.publication_days, found.council_deliberates, found.budget_tenths
    )
    life.save_draft(
        actor=reader(request),
        draft_id=draft_id,
        revision=revision,
        cells=cells,
        settings=settings,
        at=clock.now(),
    )
    return _detail(request, draft_id)


@router.post(f"{AT}/acknowledge", response=DraftDetailOut)
def acknowledge_warnings(request: HttpRequest, draft_id: int, body: WarningsIn) -> Any:
    """Say that warnings were read, by their keys; doing so again changes nothing."""
    life.acknowledge(
        actor=reader(request), draft_id=draft_id, keys=[k[:64] for k in body.keys], at=clock.now()
    )
    return _detail(request, draft_id)


@router.post(f"{AT}/put-to-vote", response=DraftOut)
def put_charter_to_vote(request: HttpRequest, draft_id: int, key: UUID = IdempotencyKey) -> Any:
    """The draft is out: everybody may read it, nobody changes it."""
    return life.put_to_vote(actor=reader(request), draft_id=draft_id, request_key=key, at=clock.now())


@router.post(f"{AT}/reopen", response=DraftOut)
def reopen_charter_draft(request: HttpRequest, draft_id: int, key: UUID = IdempotencyKey) -> Any:
    """Take it back before the vote."""
    return life.reopen(actor=reader(request), draft_id=draft_id, request_key=key, at=clock.now())


@router.post(f"{AT}/vote", response=DraftDetailOut)
def enter_charter_vote(
    request: HttpRequest, draft_id: int, body: VillageVoteIn, key: UUID = IdempotencyKey
) -> Any:
    """Enter the vote of the villagers' meeting. Not passed, the draft is written on."""
    life.enter_vote(
        actor=reader(request),
        draft_id=draft_id,
        tally=life.Tally(**body.dict()),
        request_key=key,
        at=clock.now(),
    )
    return _detail(request, draft_id)


@router.post(f"{AT}/signed-minutes", response=DraftOut)
def file_signed_minutes(
    request: HttpRequest, draft_id: int, body: SignedIn, key: UUID = IdempotencyKey
) -> Any:
    """Attach the scan of the signed minutes."""
    return life.file_minutes(
        actor=reader(request),
        draft_id=draft_id,
        evidence_ids=body.evidence_ids,
        request_key=key,
        at=clock.now(),
    )


@router.post(f"{AT}/publish", response=DraftOut)
def publish_charter(
    request: HttpRequest, draft_id: int, body: PublicationIn, key: UUID = IdempotencyKey
) -> Any:
    """Hang the charter out for some days."""
    return life.publish_draft(
        actor=reader(request), draft_id=draft_id, days=body.days, request_key=key, at=clock.now()
    )


@router.post(f"{AT}/file", response=DraftOut)
def file_charter(request: HttpRequest, draft_id: int, key: UUID = IdempotencyKey) -> Any:
    """File the charter with the township."""
    return life.file_with_township(actor=reader(request), draft_id=draft_id, request_key=key, at=clock.now())


@router.post(f"{AT}/accept", response=DraftOut)
def accept_charter_filing(
    request: HttpRequest, draft_id: int, body: FilingNoteIn, key: UUID = IdempotencyKey
) -> Any:
    """The township takes the charter on file without remarks."""
    return life.accept_filing(
        actor=reader(request), draft_id=draft_id, note=body.note, request_key=key, at=clock.now()
    )


@router.post(f"{AT}/order-correction", response=DraftOut)
def order_charter_correction(
    request: HttpRequest, draft_id: int, body: CorrectionOrderIn, key: UUID = IdempotencyKey
) -> Any:
    """The township orders a correction, within its term."""
    return life.order_correction(
        actor=reader(request), draft_id=draft_id, reason_code=body.reason_code, note=body.note, request_key=key, at=clock.now(),
    )  # fmt: skip


@router.post(f"{AT}/mend", response=DraftOut)
def mend_charter(request: HttpRequest, draft_id: int, key: UUID = IdempotencyKey) -> Any:
    """Take a charter that is to be corrected up again."""
    return life.mend(actor=reader(request), draft_id=draft_id, request_key=key, at=clock.now())


@router.post(f"{AT}/bring-into-force", response=DraftOut)
def bring_charter_into_force(
    request: HttpRequest, draft_id: int, body: ForceIn, key: UUID = IdempotencyKey
) -> Any:
    """Adopt what the villagers passed, from a day on."""
    return life.bring_into_force(
        actor=reader(request),
        draft_id=draft_id,
        active_from=body.active_from,
        request_key=key,
        at=clock.now(),
    )


@router.post(f"{AT}/withdraw", response=DraftOut)
def withdraw_charter_draft(request: HttpRequest, draft_id: int, key: UUID = IdempotencyKey) -> Any:
    """Give the draft up."""
    return life.withdraw(actor=reader(request), draft_id=draft_id, request_key=key, at=clock.now())
