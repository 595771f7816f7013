"""Monthly forms: see the figures, download the form filled, keep a form of one's own."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.sheets.filling import MAX_BYTES
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes.governance_points.queries import villages
from xinzhi.scenes.governance_points.reports import forms
from xinzhi.scenes.governance_points.reports.figures import FIGURES, TABLES, values
from xinzhi.scenes.governance_points.views.desk import attachment
from xinzhi.scenes.governance_points.views.reading import FileNeeded, read_int, read_month


def _asked(request: HttpRequest) -> tuple[dict[int, str], dict[int, str], int | None, date]:
    """The reader's villages, those shown, the one chosen, the month (the last whole one unless asked). Raises NotFound."""
    mine = villages.named(reader(request), forms.FILL)
    chosen = read_int(request.GET, "village")
    last = (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    month = read_month(request.GET, "month") if request.GET.get("month") else last
    return mine, villages.shown(mine, chosen), chosen, month


@require_http_methods(["GET", "POST"])
@page(permission=forms.FILL)
def reports_page(request: HttpRequest) -> HttpResponse:
    """What the month's forms will say, and the forms."""
    actor, error = reader(request), None
    mine, shown, chosen, month = _asked(request)
    if request.method == "POST":
        try:
            upload = request.FILES.get("file")
            if upload is None:
                raise FileNeeded(field="file")
            forms.keep_form(
                actor=actor, region_id=_own_region(request), name=request.POST.get("name", ""),
                data=upload.read(MAX_BYTES + 1), filename=upload.name or "", at=clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(request, _("The form is kept. It can be filled every month from now on."))
            return redirect("governance_points:desk-reports")
    found, _tables = values(shown, month)
    context = {
        "mine": mine, "chosen": chosen, "month": month, "figures": [(f, _shown(found[f.name])) for f in FIGURES] + [(t, "") for t in TABLES],
        "forms": forms.forms(actor=actor), "error": error and error.message, "typed": request.POST if error else {},
    }  # fmt: skip
    return render(
        request, "governance_points/overview/reports.html", context, status=error.status if error else 200
    )


def _shown(value: str | int | float) -> str:
    """Numbers read as they do everywhere: 1,084.5."""
    return value if isinstance(value, str) else format_points(round(value * 10))


def _own_region(request: HttpRequest) -> int:
    """Where a form is kept: the place for which its keeper holds his office."""
    for grant in reader(request).grants:
        if forms.MANAGE in grant.permissions and grant.region_id:
            return grant.region_id
    raise NotFound()


@require_GET
@page(permission=forms.FILL)
def download(request: HttpRequest) -> HttpResponse:
    """A form filled."""
    _mine, shown, _chosen, month = _asked(request)
    content = forms.filled(
        actor=reader(request),
        form_id=read_int(request.GET, "form"),
        villages=shown,
        month=month,
        at=clock.now(),
    )
    return attachment(content, f"report-{month:%Y-%m}.xlsx")


@require_POST
@page(permission=forms.MANAGE)
def remove(request: HttpRequest, form_id: int) -> HttpResponse:
    """Remove a form."""
    forms.remove_form(actor=reader(request), form_id=min(form_id, 2**62), at=clock.now())
    messages.success(request, _("The form is removed."))
    return redirect("governance_points:desk-reports")
