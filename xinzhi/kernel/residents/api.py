"""Households and persons over HTTP. Values are masked; `reveal` shows one, for a purpose, on record."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any, cast

from django.http import HttpRequest
from ninja import Field, Router, Schema, UploadedFile
from ninja.params.functions import File, Path, Query

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.api_auth import session_or_key
from xinzhi.kernel.residents import queries, services
from xinzhi.kernel.residents.api_life import router as life_router
from xinzhi.kernel.residents.purposes import active_purposes

router = Router(auth=session_or_key)
router.add_router("", life_router)

_ID: Any = Path(..., ge=1, le=2**62)


class HouseholdOut(Schema):
    id: int
    village_id: int
    village_name: str
    group_id: int | None
    group_name: str
    household_no: str
    kind: str
    status: str
    elder_mode: bool
    active_from: date
    active_to: date | None
    head_person_id: int | None
    head_name: str
    member_count: int


class HouseholdPage(Schema):
    items: list[HouseholdOut]
    next_cursor: str | None


class PersonOut(Schema):
    person_id: int
    name: str
    relation_code: str
    is_head: bool
    sex_code: str
    birth_year: int | None
    is_collective_member: bool
    phone: str
    id_number: str
    bank_card: str


class HouseholdDetail(HouseholdOut):
    people: list[PersonOut]


class PurposeOut(Schema):
    code: str
    label: str


class RevealIn(Schema):
    field: str
    purpose: str


class RevealOut(Schema):
    person_id: int
    field: str
    value: str


class ProblemOut(Schema):
    row: int
    column: str
    value: str
    problem: str
    remedy: str


class LeftOutOut(Schema):
    column: str
    reason: str


class DifferenceOut(Schema):
    household_no: str
    household_id: int | None
    row: int
    person: str
    field: str
    old: str
    new: str


class NotInFileOut(Schema):
    household_no: str
    household_id: int
    person_id: int
    person: str


class MoveOut(Schema):
    from_no: str
    from_household_id: int
    to_no: str
    to_household_id: int | None
    person_ids: list[int]
    names: list[str]
    head_id: int | None


class ImportOut(Schema):
    dry_run: bool
    rows: int
    households: int
    households_created: int
    households_updated: int
    households_unchanged: int
    households_rejected: int
    households_not_in_file: int
    persons_created: int
    persons_updated: int
    persons_unchanged: int
    groups_created: list[str]
    differences: list[DifferenceOut] = Field(description="field by field, identity numbers and phones masked")
    differences_total: int
    not_in_file: list[NotInFileOut] = Field(description="nobody is removed by an import")
    not_in_file_total: int
    other_households: list[NotInFileOut]
    moves: list[MoveOut] = Field(
        description="to be entered as a split, a marriage or a merger; never done by an import"
    )
    problems: list[ProblemOut]
    warnings: list[ProblemOut]
    left_out: list[LeftOutOut]


def _actor(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


@router.get("/households", response=HouseholdPage, summary="Households you may list, names masked")
def list_households(
    request: HttpRequest,
    village_id: int | None = Query(None, ge=1, le=2**62),
    q: str = Query("", max_length=60, description="Household number, name, phone or identity number"),
    cursor: str | None = Query(None, max_length=300),
    limit: int = Query(50, ge=1, le=200),
) -> object:
    page = queries.households(_actor(request), village_id, cursor, limit, q)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.get("/households/{household_id}", response=HouseholdDetail, summary="One household with its members")
def get_household(request: HttpRequest, household_id: int = _ID) -> object:
    actor = _actor(request)
    row = queries.household(actor, household_id)
    cards = queries.people(actor, household_id)
    audit.record_view(
        actor=actor,
        page="api.residents.household",
        household_id=household_id,
        region_id=row.village_id,
        at=clock.now(),
        fields=queries.PEOPLE_FIELDS,
    )
    shown = {name: getattr(row, name) for name in HouseholdOut.model_fields}
    return HouseholdDetail(**shown, people=[_person(card) for card in cards])


@router.get("/purposes", response=list[PurposeOut], summary="Purposes for which a value may be revealed")
def list_purposes(request: HttpRequest) -> object:
    return [PurposeOut(code=p.code, label=str(p.label)) for p in active_purposes(clock.today())]


@router.post(
    "/persons/{person_id}/reveal", response=RevealOut, summary="Reveal one value, for a purpose, on record"
)
def reveal(request: HttpRequest, payload: RevealIn, person_id: int = _ID) -> object:
    value = services.reveal(
        actor=_actor(request),
        person_id=person_id,
        field=payload.field,
        purpose=payload.purpose,
        at=clock.now(),
    )
    return RevealOut(person_id=person_id, field=payload.field, value=value)


@router.post(
    "/villages/{village_id}/roster",
    response=ImportOut,
    summary="Import a roster, or say what would happen; the same file again changes nothing",
)
def import_roster(
    request: HttpRequest,
    village_id: int = _ID,
    dry_run: bool = True,
    file: UploadedFile = File(...),
) -> object:
    report = services.import_roster(
        actor=_actor(request).via("import"),
        village_id=village_id,
        table=services.read_roster(file, file.name or ""),
        dry_run=dry_run,
        source="roster:api",
        at=clock.now(),
    )
    plain = {name: getattr(report, name) for name in ImportOut.model_fields if name not in _TEXTS}
    for kind in ("differences", "not_in_file", "other_households", "moves"):
        plain[kind] = [asdict(entry) for entry in plain[kind]]
    return ImportOut(
        **plain,
        problems=[_problem(p) for p in report.problems],
        warnings=[_problem(p) for p in report.warnings],
        left_out=[LeftOutOut(column=item.column, reason=str(item.reason)) for item in report.left_out],
    )


_TEXTS = frozenset(("problems", "warnings", "left_out"))


def _problem(problem: Any) -> ProblemOut:
    return ProblemOut(
        row=problem.row,
        column=problem.column,
        value=problem.value,
        problem=str(problem.problem),
        remedy=str(problem.remedy),
    )


def _person(card: queries.PersonCard) -> PersonOut:
    member = card.member
    return PersonOut(
        person_id=member.person_id,
        name=card.name,
        relation_code=member.relation_code,
        is_head=member.is_head,
        sex_code=member.sex_code,
        birth_year=member.birth_year,
        is_collective_member=member.is_collective_member,
        phone=card.phone,
        id_number=card.id_number,
        bank_card=card.bank_card,
    )
