"""Monthly forms over HTTP: the figures, the forms, and a form filled."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.sheets import XLSX
from xinzhi.kernel.sheets.filling import MAX_BYTES
from xinzhi.scenes.governance_points.api.common import Day
from xinzhi.scenes.governance_points.queries import villages
from xinzhi.scenes.governance_points.reports import forms
from xinzhi.scenes.governance_points.reports.figures import FIGURES, values

router = Router()


class FigureOut(Schema):
    name: str
    label: str
    source: str
    value: str | int | float


class FormOut(Schema):
    id: int
    name: str
    region_id: int
    kept_at: Any


@router.get("/reports/figures", response=list[FigureOut])
def report_figures(
    request: HttpRequest, month: Day = Query(), village_id: int | None = Query(None, ge=1, le=2**63 - 1)
) -> Any:
    """What the forms of a month say (any day of it), each figure with its source; all my villages, or one."""
    shown = villages.shown(villages.named(reader(request), forms.FILL), village_id)
    found, _tables = values(shown, month)
    return [
        {"name": f.name, "label": str(f.label), "source": str(f.source), "value": found[f.name]}
        for f in FIGURES
    ]


@router.get("/reports/forms", response=list[FormOut])
def list_forms(request: HttpRequest) -> Any:
    """The forms kept for my places."""
    return forms.forms(actor=reader(request))


@router.post("/reports/forms", response={201: FormOut})
def keep_form(
    request: HttpRequest,
    workbook: UploadedFile = File(),
    name: str = Form(max_length=200),
    region_id: int = Form(ge=1, le=2**63 - 1),
) -> Any:
    """Keep a workbook whose cells are named after figures. The same name replaces it."""
    return 201, forms.keep_form(
        actor=reader(request), region_id=region_id, name=name, data=workbook.read(MAX_BYTES + 1),
        filename=workbook.name or "", at=clock.now(),
    )  # fmt: skip


@router.get("/reports/filled")
def filled(
    request: HttpRequest,
    month: Day = Query(),
    form_id: int | None = Query(None, ge=1, le=2**63 - 1),
    village_id: int | None = Query(None, ge=1, le=2**63 - 1),
) -> HttpResponse:
    """A form filled, as Excel; without `form_id` the built-in one."""
    shown = villages.shown(villages.named(reader(request), forms.FILL), village_id)
    content = forms.filled(
        actor=reader(request), form_id=form_id, villages=shown, month=month, at=clock.now()
    )
    return HttpResponse(content, content_type=XLSX)


@router.delete("/reports/forms/{int:form_id}", response={204: None})
def remove_form(request: HttpRequest, form_id: int) -> Any:
    """Remove a form nobody asks for any more."""
    forms.remove_form(actor=reader(request), form_id=form_id, at=clock.now())
    return 204, None
