"""Forms of a township's own: kept once, filled every month."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Invalid, NotFound
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.sheets import filling
from xinzhi.scenes.governance_points.models import ReportForm
from xinzhi.scenes.governance_points.reports.figures import FIGURES, NAMES, TABLES, values

MANAGE = "governance_points.report.manage"
FILL = "governance_points.report.fill"
MOST_FORMS = 30


class FormNameNeeded(Invalid):
    code = "governance_points.form_name_needed"
    sentence = _(
        "A form needs a name of 1 to 60 characters, for example “Monthly table of governance points”."
    )


class TooManyForms(Invalid):
    code = "governance_points.too_many_forms"
    sentence = _("There are %(most)s forms already. Remove one that is no longer asked for.")


def forms(*, actor: Actor) -> list[ReportForm]:
    """The forms of the places where the actor fills reports, and of the places above them."""
    paths = actor.scope_paths(FILL)
    above = {int(part) for path in paths for part in path.split("/") if part}
    below = Region.objects.none()
    for path in paths:
        below = below | Region.objects.filter(scope_path__startswith=path)
    return list(
        ReportForm.objects.filter(region_id__in=above | set(below.values_list("pk", flat=True)))
        .only("region_id", "name", "kept_by_key", "kept_at")
        .order_by("name", "pk")[: MOST_FORMS * 4]
    )


@transaction.atomic
def keep_form(
    *, actor: Actor, region_id: int, name: str, data: bytes, filename: str, at: datetime
) -> ReportForm:
    """Keep a workbook with named cells for a place; the same name replaces it. Raises SheetRefused, FormNameNeeded, TooManyForms, NotFound."""
    region = Region.objects.filter(pk=region_id).first()
    if region is None or not actor.may(MANAGE, scope_path=region.scope_path):
        raise NotFound()
    name = " ".join(name.split())
    if not 1 <= len(name) <= 60:
        raise FormNameNeeded(field="name")
    filling.named_cells(data, filename, NAMES)
    kept = ReportForm.objects.filter(region=region)
    if kept.count() >= MOST_FORMS and not kept.filter(name=name).exists():
        raise TooManyForms(most=MOST_FORMS)
    form, _is_new = ReportForm.objects.update_or_create(
        region=region, name=name, defaults={"content": data, "kept_by_key": actor.person_key, "kept_at": at}
    )
    audit.record(
        actor=actor, action="governance_points.keep_form", subject=f"governance_points.form:{form.pk}", at=at,
        region_id=region.pk,
    )  # fmt: skip
    return form


@transaction.atomic
def remove_form(*, actor: Actor, form_id: int, at: datetime) -> None:
    """Remove a form nobody asks for any more. Raises NotFound."""
    form = ReportForm.objects.select_related("region").filter(pk=form_id).first()
    if form is None or not actor.may(MANAGE, scope_path=form.region.scope_path):
        raise NotFound()
    audit.record(
        actor=actor, action="governance_points.remove_form", subject=f"governance_points.form:{form.pk}", at=at,
        region_id=form.region_id,
    )  # fmt: skip
    form.delete()


def filled(
    *, actor: Actor, form_id: int | None, villages: dict[int, str], month: date, at: datetime
) -> bytes:
    """The form (or the built-in one) filled for these villages, which the caller has scoped. Raises NotFound, SheetRefused."""
    if form_id is None:
        data = built_in()
    else:
        form = next((f for f in forms(actor=actor) if f.pk == form_id), None)
        if form is None:
            raise NotFound()
        data = bytes(form.content)
    found, tables = values(villages, month)
    return filling.fill(
        data,
        "form.xlsx",
        values=found,
        tables=tables,
        sources_title=_t("Sources"),
        sources_headers=[_t("Name"), _t("Cell"), _t("Figure"), _t("What is counted"), _t("As of")],
        sources={
            f.name: [str(f.label), str(f.source), f"{at:%Y-%m-%d %H:%M} UTC"] for f in (*FIGURES, *TABLES)
        },
    )


def built_in() -> bytes:
    """A form to begin with, and to learn from how cells are named."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = _t("Monthly report")
    sheet["A1"] = _t("Monthly report of governance points")
    sheet["A1"].font = Font(bold=True, size=16)
    row = 3
    for figure in FIGURES:
        sheet.cell(row, 1, str(figure.label))
        book.defined_names[figure.name] = DefinedName(figure.name, attr_text=f"'{sheet.title}'!$B${row}")
        row += 1
    heads = [_t("Deeds into the ledger"), _t("Points given"), _t("Points deducted")]
    for table, first, gap in ((TABLES[1], _t("Category"), 40), (TABLES[0], _t("Village"), 0)):
        row += 1
        for column, head in enumerate([first, *heads], 1):
            sheet.cell(row, column, head).font = Font(bold=True)
        book.defined_names[table.name] = DefinedName(table.name, attr_text=f"'{sheet.title}'!$A${row + 1}")
        row += gap
    sheet.column_dimensions["A"].width = 28
    sheet.column_dimensions["B"].width = 18
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
