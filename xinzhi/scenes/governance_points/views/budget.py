"""The budget of the points: what it says, what it has come to, and the forms that record it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes.governance_points.overview import budget as figures
from xinzhi.scenes.governance_points.queries import statement
from xinzhi.scenes.governance_points.services import budget as services
from xinzhi.scenes.governance_points.views.desk import choose_village
from xinzhi.scenes.governance_points.views.reading import (
    read_day,
    read_fen,
    read_int,
    read_request_key,
    said_at,
)

FIELDS = ("year", "amount", "per_point", "active_from", "basis", "source", "decided_on")


@require_http_methods(["GET", "POST"])
@page(permission=statement.VIEW)
def budget_page(request: HttpRequest) -> HttpResponse:
    """Figures and rows of a year; a POST records the budget."""
    village, villages = choose_village(request, statement.VIEW)
    if request.method == "GET":
        return _shown(request, village, villages)
    try:
        services.record_budget(
            actor=reader(request), request_key=read_request_key(request.POST), village_id=village.pk,
            year=_year(request), amount_fen=read_fen(request.POST, "amount"),
            fen_per_point=read_fen(request.POST, "per_point"), active_from=read_day(request.POST, "active_from"),
            basis=request.POST.get("basis", ""), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        return _shown(request, village, villages, refusal, form="budget")
    messages.success(request, _("The budget is recorded."))
    return redirect("governance_points:desk-budget")


@require_POST
@page(permission=services.RECORD)
def fund(request: HttpRequest) -> HttpResponse:
    """Record money for the points."""
    village, villages = choose_village(request, services.RECORD)
    try:
        services.record_fund(
            actor=reader(request), request_key=read_request_key(request.POST), village_id=village.pk,
            year=_year(request), source_code=request.POST.get("source", ""),
            amount_fen=read_fen(request.POST, "amount"), decided_on=read_day(request.POST, "decided_on"),
            basis=request.POST.get("basis", ""), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        return _shown(request, village, villages, refusal, form="fund")
    messages.success(request, _("The money is recorded."))
    return redirect("governance_points:desk-budget")


def _year(request: HttpRequest) -> int:
    found = read_int(request.POST, "year")
    return clock.today().year if found is None else found


def _shown(
    request: HttpRequest,
    village: Region,
    villages: list[Region],
    refusal: DomainError | None = None,
    form: str = "",
) -> HttpResponse:
    as_of = read_day(request.GET, "as_of") if request.GET.get("as_of") else clock.today()
    found = figures.budgets({village.pk: village.name}, as_of=as_of, now=clock.now())
    context: dict[str, Any] = {
        "village": village, "villages": villages, "as_of": as_of, "today": clock.today(), "found": found[0] if found else None,
        "rows": figures.recorded(village.pk, as_of.year), "sources": figures.SOURCES,
        "may_record": reader(request).may(services.RECORD, scope_path=village.scope_path),
        "errors": {}, "typed": {}, "fund_errors": {}, "fund_typed": {},
    }  # fmt: skip
    if refusal is not None:
        prefix = "fund_" if form == "fund" else ""
        context |= {f"{prefix}errors": said_at(refusal, *FIELDS), f"{prefix}typed": request.POST}
    return render(
        request, "governance_points/overview/budget.html", context, status=refusal.status if refusal else 200
    )
