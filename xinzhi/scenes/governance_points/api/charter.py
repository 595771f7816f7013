"""The charter over HTTP: read the one in force, adopt one from a sheet."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.sheets import read_table
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.api.common import ProblemRow
from xinzhi.scenes.governance_points.queries import charter as charters
from xinzhi.scenes.governance_points.services import charter as charter_services

router = Router()


class RuleOut(Schema):
    code: str
    category: str
    title: str
    points_kind: str
    points_tenths: int
    grades: dict[str, int]
    unit: str
    evidence: str
    verifier: str
    caps: list[dict[str, Any]]
    legal_basis: str
    max_quantity_tenths: int | None
    recheck: bool
    ladder: list[list[int]] = []
    group: str = ""
    repeat_months: int = 0
    validity_months: int | None = None
    vetoes: bool = False


class CharterOut(Schema):
    version: int
    active_from: date
    resolution: str
    publication_days: int
    council_deliberates: bool
    terms: dict[str, Any]
    rules: list[RuleOut]


class CharterImportOut(Schema):
    rules: int
    version: int | None
    problems: list[ProblemRow]


@router.get("/charter", response=CharterOut)
def get_charter(
    request: HttpRequest, village_id: int = Query(ge=1, le=2**63 - 1), on: date | None = None
) -> Any:
    """The charter in force in a village on a day (today without one)."""
    charter = charters.charter_on(village_id, on or clock.today())
    rules = [
        {
            **line.rule.to_new_rule().params,
            "code": line.rule.code,
            "category": line.rule.category,
            "title": line.rule.title,
            "legal_basis": line.rule.legal_basis,
        }
        for line in charter.lines
    ]
    return {
        "version": charter.version.number,
        "active_from": charter.version.active_from,
        "resolution": charter.version.resolution,
        "publication_days": charter.publication_days,
        "council_deliberates": charter.council_deliberates,
        "terms": charter.terms.to_settings(),
        "rules": rules,
    }


@router.post("/charter/import", response=CharterImportOut)
def import_charter(
    request: HttpRequest,
    sheet_file: UploadedFile = File(alias="sheet"),
    village_id: int = Form(ge=1, le=2**63 - 1),
    resolution: str = Form(max_length=200),
    active_from: date = Form(),
    publication_days: int = Form(7, ge=-(2**31), le=2**31),
    council_deliberates: bool = Form(False),
    dry_run: bool = Form(True),
) -> Any:
    """Adopt a charter from a sheet; a dry run only reports."""
    table = read_table(sheet_file, sheet_file.name or "", columns=charter_sheet.COLUMNS)
    report = charter_services.import_charter(
        actor=reader(request), village_id=village_id, table=table, resolution=resolution, active_from=active_from,
        publication_days=publication_days, council_deliberates=council_deliberates, dry_run=dry_run, at=clock.now(),
    )  # fmt: skip
    return {
        "rules": len(report.rules),
        "version": report.version.number if report.version else None,
        "problems": report.problems,
    }
