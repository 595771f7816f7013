"""The workbench pages of the charter: versions, a new one from Excel or by hand."""

from __future__ import annotations

from itertools import zip_longest

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.rules.queries import NoVersionInForce
from xinzhi.kernel.sheets import Row, Table, read_table, write_xlsx
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.queries import charter as charters
from xinzhi.scenes.governance_points.queries import deeds
from xinzhi.scenes.governance_points.services import charter as services
from xinzhi.scenes.governance_points.views.desk import attachment, choose_village
from xinzhi.scenes.governance_points.views.reading import FileNeeded, read_day, read_int, said_at

#: Rows offered beyond the present rules when a charter is edited by hand.
EMPTY_ROWS = 5
HEAD_FIELDS = ("resolution", "active_from", "publication_days")


@require_GET
@page(permission=deeds.VIEW)
def overview(request: HttpRequest) -> HttpResponse:
    """The charter in force and its versions."""
    village, villages = choose_village(request, deeds.VIEW)
    try:
        charter = charters.charter_on(village.pk, clock.today())
    except NoVersionInForce:
        charter = None
    context = {
        "village": village, "villages": villages, "charter": charter, "versions": charters.versions_of(village.pk),
        "categories": charter.by_category() if charter else {},
        "may_manage": reader(request).may(services.MANAGE, scope_path=village.scope_path),
    }  # fmt: skip
    return render(request, "governance_points/desk/charter.html", context)


@require_http_methods(["GET", "POST"])
@page(permission=services.MANAGE)
def import_sheet(request: HttpRequest) -> HttpResponse:
    """A new charter from an Excel sheet: look first, then adopt."""
    village, villages = choose_village(request, services.MANAGE)
    context = {"village": village, "villages": villages, "typed": request.POST, "errors": {},
        "today_iso": clock.today().isoformat()}  # fmt: skip
    if request.method == "GET":
        return render(request, "governance_points/desk/charter_import.html", context)
    try:
        upload = request.FILES.get("sheet")
        if upload is None:
            raise FileNeeded(field="sheet")
        table = read_table(upload, upload.name or "", columns=charter_sheet.COLUMNS)
        report = _adopt(request, village.pk, table)
    except DomainError as refusal:
        context["errors"] = said_at(refusal, *HEAD_FIELDS, "sheet")
        return render(request, "governance_points/desk/charter_import.html", context, status=refusal.status)
    if report.version is not None:
        return _adopted(request, report)
    context["report"] = report
    return render(
        request, "governance_points/desk/charter_import.html", context, status=422 if report.problems else 200
    )


@require_http_methods(["GET", "POST"])
@page(permission=services.MANAGE)
def edit(request: HttpRequest) -> HttpResponse:
    """A new charter by hand: the present one as a table to change."""
    village, villages = choose_village(request, services.MANAGE)
    columns = [c.key for c in charter_sheet.COLUMNS]
    context = {
        "village": village, "villages": villages, "columns": charter_sheet.COLUMNS, "typed": request.POST, "errors": {},
        "today_iso": clock.today().isoformat(),
    }  # fmt: skip
    if request.method == "GET":
        try:
            present = charters.charter_on(village.pk, clock.today())
            _headers, cells = charter_sheet.charter_rows((line.rule for line in present.lines), present.terms)
        except NoVersionInForce:
            cells = []
        context["rows"] = cells + [[""] * len(columns) for _row in range(EMPTY_ROWS)]
        return render(request, "governance_points/desk/charter_edit.html", context)
    lists = [request.POST.getlist(key) for key in columns]
    cells = [list(values) for values in zip_longest(*lists, fillvalue="")]
    context["rows"] = cells
    filled = [
        (number, values) for number, values in enumerate(cells, start=1) if any(v.strip() for v in values)
    ]
    table = Table(
        header=columns,
        rows=[Row(number, dict(zip(columns, values, strict=True))) for number, values in filled],
        warnings=[],
    )
    try:
        report = _adopt(request, village.pk, table)
    except DomainError as refusal:
        context["errors"] = said_at(refusal, *HEAD_FIELDS)
        return render(request, "governance_points/desk/charter_edit.html", context, status=refusal.status)
    if report.version is not None:
        return _adopted(request, report)
    context["report"] = report
    return render(
        request, "governance_points/desk/charter_edit.html", context, status=422 if report.problems else 200
    )


def _adopt(request: HttpRequest, village_id: int, table: Table) -> services.CharterReport:
    return services.import_charter(
        actor=reader(request),
        village_id=village_id,
        table=table,
        resolution=request.POST.get("resolution", ""),
        active_from=read_day(request.POST, "active_from"),
        publication_days=read_int(request.POST, "publication_days") or 0,
        council_deliberates=request.POST.get("council_deliberates") == "1",
        dry_run=request.POST.get("dry_run") == "1",
        at=clock.now(),
    )


def _adopted(request: HttpRequest, report: services.CharterReport) -> HttpResponse:
    assert report.version is not None
    messages.success(
        request,
        _("Version %(number)s with %(rules)s rules holds from %(day)s.")
        % {"number": report.version.number, "rules": len(report.rules), "day": report.version.active_from},
    )
    return redirect("governance_points:desk-charter")


@require_GET
@page(permission=deeds.VIEW)
def download(request: HttpRequest) -> HttpResponse:
    """The charter in force as an Excel sheet, the way it is imported; empty where there is none."""
    village, _villages = choose_village(request, deeds.VIEW)
    try:
        present = charters.charter_on(village.pk, clock.today())
        headers, rows = charter_sheet.charter_rows((line.rule for line in present.lines), present.terms)
    except NoVersionInForce:
        headers, rows = charter_sheet.charter_rows(())
    return attachment(write_xlsx(headers, rows), "charter.xlsx")
