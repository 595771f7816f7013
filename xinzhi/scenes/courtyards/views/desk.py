"""The office: sheet, route, rounds with their progress, the order of each class, Excel."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.sheets import XLSX, write_xlsx
from xinzhi.kernel.web.decorators import page
from xinzhi.kernel.web.forms import read_day, read_int, read_request_key, said_at
from xinzhi.scenes.courtyards.lifecycle import KEEP, SCORE, SET_ASIDE
from xinzhi.scenes.courtyards.models import CLASSES
from xinzhi.scenes.courtyards.queries import rounds as queries
from xinzhi.scenes.courtyards.queries.sheets import sheet_or_none
from xinzhi.scenes.courtyards.services import grading, sheets
from xinzhi.scenes.courtyards.services import rounds as services

ROUND_DAYS = 14


def choose_village(request: HttpRequest, permission: str) -> tuple[Region, list[Region]]:
    """The village a page is about: asked for, remembered, or the first. Raises NotFound, NumberNotUnderstood."""
    villages = queries.my_villages(reader(request), permission)
    asked = read_int(request.POST if request.method == "POST" else request.GET, "village")
    wanted = asked if asked is not None else request.session.get("village_id")
    chosen = next((v for v in villages if v.pk == wanted), None)
    if not villages or (chosen is None and asked is not None):
        raise NotFound()
    chosen = chosen or villages[0]
    if request.session.get("village_id") != chosen.pk:  # written only when it changes: a session is a row
        request.session["village_id"] = chosen.pk
    return chosen, villages


@require_GET
@page(permission=queries.VIEW)
def rounds_page(request: HttpRequest) -> HttpResponse:
    """The rounds of a village, and what is needed for the next one."""
    return _rounds(request)


def _rounds(request: HttpRequest, errors: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    actor = reader(request)
    village, villages = choose_village(request, queries.VIEW)
    found = queries.rounds(actor=actor, village_id=village.pk, cursor=request.GET.get("cursor"), limit=12)
    far = queries.progress_of(found.items)
    today = clock.today()
    context = {
        "village": village, "villages": villages, "next_cursor": found.next_cursor,
        "rounds": [(r, far[r.pk]) for r in found.items],
        "sheet": sheet_or_none(village.pk, today),
        "is_opened": any((r.year, r.quarter) == (today.year, (today.month - 1) // 3 + 1) for r in found.items),
        "may_keep": actor.may(KEEP, scope_path=village.scope_path),
        "may_score": actor.may(SCORE, scope_path=village.scope_path),
        "today": today, "last_day": today + timedelta(days=ROUND_DAYS), "typed": request.POST, "errors": errors or {},
    }  # fmt: skip
    return render(request, "courtyards/rounds.html", context, status=status)


@require_POST
@page(permission=KEEP)
def adopt(request: HttpRequest) -> HttpResponse:
    """Let the 100-point sheet hold from a day on."""
    village, _villages = choose_village(request, KEEP)
    try:
        version = sheets.adopt_sheet(
            actor=reader(request), village_id=village.pk, resolution=request.POST.get("resolution", ""),
            active_from=read_day(request.POST, "active_from"), raters=read_int(request.POST, "raters") or 0, at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        return _rounds(request, said_at(refusal, "resolution", "active_from", "raters"), refusal.status)
    messages.success(
        request,
        _("The sheet holds from %(day)s: %(resolution)s.")
        % {"day": version.active_from, "resolution": version.resolution},
    )
    return redirect("courtyards:rounds")


@require_POST
@page(permission=KEEP)
def open_round(request: HttpRequest) -> HttpResponse:
    """Open this quarter's round."""
    village, _villages = choose_village(request, KEEP)
    try:
        opened = services.open_round(
            actor=reader(request), request_key=read_request_key(request.POST), village_id=village.pk,
            last_day=read_day(request.POST, "last_day"), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        return _rounds(request, said_at(refusal, "last_day"), refusal.status)
    how_many = queries.progress(opened).total
    messages.success(request, _("The round is open: %(count)s courtyards are waiting.") % {"count": how_many})
    return redirect("courtyards:round", opened.pk)


@require_http_methods(["GET", "POST"])
@page(permission=KEEP)
def route(request: HttpRequest) -> HttpResponse:
    """The route in walking order: class and place of each courtyard."""
    village, villages = choose_village(request, KEEP)
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        try:
            if request.POST.get("step") == "lay":
                count = services.lay_route(actor=reader(request), village_id=village.pk, at=clock.now())
                messages.success(request, _("%(count)s courtyards stand on the route.") % {"count": count})
            else:
                services.change_courtyard(
                    actor=reader(request), village_id=village.pk, household_no=request.POST.get("household_no", ""),
                    yard_class=request.POST.get("yard_class", ""),
                    after_no=request.POST.get("after_no", "") if request.POST.get("move") == "1" else None, at=clock.now(),
                )  # fmt: skip
                messages.success(request, _("The route was changed."))
            return redirect("courtyards:route")
        except DomainError as refusal:
            errors, status = said_at(refusal, "household_no", "yard_class", "after_no"), refusal.status
    rows = queries.route(village.pk)
    heads = residents.head_names([c.household_id for c in rows])
    context = {
        "village": village, "villages": villages, "classes": CLASSES, "typed": request.POST, "errors": errors,
        "rows": [(c, heads.get(c.household_id, "")) for c in rows],
    }  # fmt: skip
    return render(request, "courtyards/route.html", context, status=status)


@require_GET
@page(permission=queries.VIEW)
def round_page(request: HttpRequest, round_id: int) -> HttpResponse:
    """How far the round is, the order of each class, every courtyard."""
    actor = reader(request)
    found = queries.round_for(actor=actor, round_id=round_id)
    rows = queries.yard_rows(found)
    asked = request.GET.get("state", "")
    states = [
        (code, label, sum(1 for r in rows if r.state == code))
        for code, label in dict.fromkeys((r.state, r.state_label) for r in rows)
    ]
    context = {
        "round": found, "progress": queries.progress(found), "classes": queries.by_class(rows),
        "rows": [r for r in rows if not asked or r.state == asked], "states": states, "asked": asked,
        "may_keep": actor.may(KEEP, scope_path=found.village.scope_path),
        "may_score": actor.may(SCORE, scope_path=found.village.scope_path),
    }  # fmt: skip
    return render(request, "courtyards/round.html", context)


@require_GET
@page(permission=queries.VIEW)
def excel(request: HttpRequest, round_id: int) -> HttpResponse:
    """The round as a workbook, names masked: it is carried about."""
    found = queries.round_for(actor=reader(request), round_id=round_id)
    headers = [
        _("No."), _("Household"), _("Head"), _("Class"), _("State"), _("Scores"), _("Total"), _("Grade"), _("Place in class"),
    ]  # fmt: skip
    rows: list[list[str | int | float | None]] = [
        [
            r.position, r.household_no, r.head_name, r.class_label, r.state_label, r.scores,
            None if r.result_tenths is None else r.result_tenths / 10, f"{r.grade} {r.grade_label}".strip(), r.rank,
        ]
        for r in queries.yard_rows(found)
    ]  # fmt: skip
    content = write_xlsx(headers, rows, title=f"{found.year}Q{found.quarter}")
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="courtyards-{found.year}Q{found.quarter}.xlsx"'
    return answer


@require_POST
@page(permission=KEEP)
def close(request: HttpRequest, round_id: int) -> HttpResponse:
    """End the round."""
    found = services.close_round(actor=reader(request), round_id=round_id, at=clock.now())
    done = queries.progress(found)
    messages.success(
        request,
        _("The round is closed: %(graded)s graded, %(unscored)s without a score.")
        % {"graded": done.graded, "unscored": done.unscored},
    )
    return redirect("courtyards:round", found.pk)


@require_POST
@page(permission=KEEP)
def stand(request: HttpRequest, yard_id: int) -> HttpResponse:
    """The time to make good is over; the first score stands."""
    grading.let_stand(
        actor=reader(request), yard_id=yard_id, at=clock.now(), request_key=read_request_key(request.POST)
    )
    messages.success(request, _("The first score stands. The household gets no grade this quarter."))
    return redirect("courtyards:yard", yard_id)


@require_POST
@page(permission=SET_ASIDE)
def aside(request: HttpRequest, yard_id: int) -> HttpResponse:
    """A grade did not hold."""
    grading.set_aside(
        actor=reader(request), yard_id=yard_id, reason_code=request.POST.get("reason_code", ""), at=clock.now(),
        request_key=read_request_key(request.POST),
    )  # fmt: skip
    messages.success(request, _("The score is set aside; what it brought is taken back."))
    return redirect("courtyards:yard", yard_id)
