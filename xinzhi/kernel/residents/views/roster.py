"""The roster page: bring a village's roster in, look first, see what has to be put right."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.kernel.foundation.errors import DomainError, Invalid, NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.jobs.progress import progress_of
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents.jobs import IMPORT, bring_in_looked, submit_roster
from xinzhi.kernel.residents.roster import waiting
from xinzhi.kernel.residents.roster.columns import COLUMNS
from xinzhi.kernel.sheets import XLSX, template_xlsx
from xinzhi.kernel.web.decorators import page


class RosterFileNeeded(Invalid):
    code = "residents.roster_file_needed"
    sentence = _("Choose the roster's file first: .xlsx or .csv.")


@require_http_methods(["GET", "POST"])
@page(permission=IMPORT)
def roster(request: HttpRequest) -> HttpResponse:
    """Send a roster; a job reads it."""
    actor = reader(request)
    villages = list(
        Region.objects.filter(pk__in=regions.village_ids_within(actor.scope_paths(IMPORT))).order_by("pk")
    )
    if not villages:
        raise NotFound()
    asked = request.POST.get("village", request.GET.get("village", ""))
    village = next((v for v in villages if str(v.pk) == asked), villages[0])
    context = {"villages": villages, "village": village, "errors": {}}
    if request.method == "GET":
        return render(request, "residents/roster.html", context)
    try:
        upload = request.FILES.get("roster")
        if upload is None:
            raise RosterFileNeeded(field="roster")
        if asked != str(village.pk):
            raise NotFound()
        progress_id = submit_roster(
            actor=actor, village_id=village.pk, data=upload.read(), filename=upload.name or "",
            dry_run=request.POST.get("dry_run") == "1",
        )  # fmt: skip
    except DomainError as refusal:
        context["errors"] = {refusal.field or "form": refusal.message}
        return render(request, "residents/roster.html", context, status=refusal.status)
    return redirect("residents:roster-report", progress_id)


@require_GET
@page(permission=IMPORT)
def roster_report(request: HttpRequest, progress_id: int) -> HttpResponse:
    """How far the import is, and then what it found."""
    progress = progress_of(actor=reader(request), progress_id=progress_id)
    if progress.kind != "residents.import_roster":
        raise NotFound()
    report = waiting.report_of(progress_id) if progress.state != "running" else None
    may_bring_in = bool(report and report.get("dry_run") and waiting.is_looked(progress_id))
    template = (
        "residents/_roster_report.html"
        if request.headers.get("HX-Request")
        else "residents/roster_report.html"
    )
    return render(request, template, {"progress": progress, "report": report, "may_bring_in": may_bring_in})


@require_POST
@page(permission=IMPORT)
def bring_in(request: HttpRequest, progress_id: int) -> HttpResponse:
    """Bring in the file whose differences were shown."""
    actor = reader(request)
    progress = progress_of(actor=actor, progress_id=progress_id)
    if progress.kind != "residents.import_roster" or progress.region_id is None:
        raise NotFound()
    new_id = bring_in_looked(actor=actor, village_id=progress.region_id, progress_id=progress_id)
    return redirect("residents:roster-report", new_id)


@require_GET
@page(permission=IMPORT)
def roster_form(request: HttpRequest) -> HttpResponse:
    """The empty roster to fill in."""
    response = HttpResponse(template_xlsx(COLUMNS, []), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="roster.xlsx"'
    return response
