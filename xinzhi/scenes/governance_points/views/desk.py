"""The workbench pages: deeds, enter, score sheet, publish, households."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.permissions import ISSUE_CARDS
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.sheets import XLSX, read_table, write_xlsx
from xinzhi.kernel.sheets.cleaning import clean
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes.governance_points import score_sheet
from xinzhi.scenes.governance_points.queries import charter as charters
from xinzhi.scenes.governance_points.queries import deeds, statement, story
from xinzhi.scenes.governance_points.queries.villages import my_villages
from xinzhi.scenes.governance_points.services import claims, correction, publishing, sheet
from xinzhi.scenes.governance_points.views.reading import (
    FileNeeded,
    HouseholdNotKnown,
    read_day,
    read_ids,
    read_int,
    read_month,
    read_quantity,
    read_request_key,
    read_uuids,
    said_at,
)


def choose_village(request: HttpRequest, permission: str) -> tuple[Region, list[Region]]:
    """The village a page is about: asked for, or remembered, or the first. Raises NotFound."""
    actor = reader(request)
    villages = my_villages(actor, permission)
    if not villages:
        raise NotFound()
    data = request.POST if request.method == "POST" else request.GET
    asked = read_int(data, "village") or request.session.get("village_id")
    chosen = next((v for v in villages if v.pk == asked), None)
    if chosen is None and read_int(data, "village") is not None:
        raise NotFound()
    chosen = chosen or villages[0]
    if request.session.get("village_id") != chosen.pk:  # written only when it changes: a session is a row
        request.session["village_id"] = chosen.pk
    return chosen, villages


def attachment(content: bytes, filename: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


@require_GET
@page(permission=deeds.VIEW)
def deed_list(request: HttpRequest) -> HttpResponse:
    """Deeds of a village, newest first."""
    village, villages = choose_village(request, deeds.VIEW)
    state, category = request.GET.get("state", ""), clean(request.GET.get("category", ""))[:60]
    month = read_month(request.GET, "month") if request.GET.get("month") else None
    found = deeds.deeds(
        actor=reader(request), village_id=village.pk, state=state if state in deeds.state_labels() else "",
        category=category, posted_in=month, cursor=request.GET.get("cursor"), limit=50,
    )  # fmt: skip
    context = {
        "village": village,
        "villages": villages,
        "page": found,
        "state": state,
        "states": deeds.state_labels(),
        "category": category,
        "month": month,
    }
    return render(request, "governance_points/desk/deeds.html", context)


@require_GET
@page(permission=deeds.VIEW)
def deed_page(request: HttpRequest, deed_id: int) -> HttpResponse:
    """One deed with its whole story; the look is logged once."""
    actor = reader(request)
    context = story.page_context(actor=actor, deed_id=deed_id)
    record_look(actor, context["deed"].household_id)
    return render(request, "governance_points/desk/deed.html", context)


def record_look(actor: Actor, household_id: int) -> None:
    """Note that somebody outside the household looked at a deed of it: once a page view."""
    if household_id not in actor.household_ids:
        audit.record_view(
            actor=actor, page="governance_points.deed", household_id=household_id, at=clock.now(),
            fields=("deed", "evidence"),
        )  # fmt: skip


@require_http_methods(["GET", "POST"])
@page(permission=claims.ENTER)
def enter(request: HttpRequest) -> HttpResponse:
    """Enter a deed for a household: it waits to be verified by somebody else."""
    actor = reader(request)
    village, villages = choose_village(request, claims.ENTER)
    charter = charters.charter_on(village.pk, clock.today())
    context = {
        "village": village, "villages": villages, "charter": charter, "today": clock.today(),
        "today_iso": clock.today().isoformat(), "categories": charter.by_category(deductions=False),
        "households": numbers_to_choose(village), "typed": request.POST or request.GET, "errors": {},
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "governance_points/desk/enter.html", context)
    kept: list[Any] = []
    try:
        household = household_of_number(village, request.POST.get("household_no", ""))
        kept = story.own_evidence(actor=actor, ids=read_uuids(request.POST, "evidence"))
        kept += (  # one by one: what came before a refused file is kept
            evidence.store(
                actor=actor, data=upload, filename=upload.name or "", village_id=village.pk, household_id=household.pk,
                at=clock.now(), request_key=None,
            )
            for upload in request.FILES.getlist("photo")
        )  # fmt: skip
        deed = claims.claim_deed(
            actor=actor, request_key=read_request_key(request.POST), household_id=household.pk,
            rule_code=request.POST.get("rule", ""), done_on=read_day(request.POST, "done_on"),
            quantity_tenths=read_quantity(request.POST), grade=request.POST.get("grade", ""), evidence_ids=[e.pk for e in kept],
            at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        errors = said_at(refusal, "household_no", "rule", "done_on", "quantity", "grade", "photo")
        context |= {"errors": errors, "kept": kept}
        return render(request, "governance_points/desk/enter.html", context, status=refusal.status)
    messages.success(
        request,
        _("Entered for household %(household)s: %(points)s points, waiting to be verified.")
        % {"household": household.household_no, "points": format_points(deed.points_tenths)},
    )
    return redirect("governance_points:desk-enter")


#: In a larger village the number is typed without a list: the page would grow too heavy for a slow line.
MOST_TO_CHOOSE = 800


def numbers_to_choose(village: Region) -> list[tuple[str, str]]:
    """Household numbers with masked heads, so that a wrong number is seen before it is sent."""
    numbers = dict(
        Household.objects.filter(village=village, status="active")
        .order_by("household_no")
        .values_list("pk", "household_no")[: MOST_TO_CHOOSE + 1]
    )
    if len(numbers) > MOST_TO_CHOOSE:
        return []
    heads = residents.head_names(numbers)
    return [(number, heads.get(pk, "")) for pk, number in numbers.items()]


def household_of_number(village: Region, number: str) -> Household:
    number = clean(number)[:40]  # a number copied from a chat brings characters nobody sees
    found = Household.objects.filter(village=village, household_no=number).first()
    if found is None:
        raise HouseholdNotKnown(field="household_no", found=number, village=village.name)
    return found


@require_http_methods(["GET", "POST"])
@page(permission=claims.ENTER)
def score_sheet_page(request: HttpRequest) -> HttpResponse:
    """A month's score sheet: look first, then enter."""
    actor = reader(request)
    village, villages = choose_village(request, claims.ENTER)
    today = clock.today()
    context = {
        "village": village,
        "villages": villages,
        "month": today.strftime("%Y-%m"),
        "errors": {},
        "typed": request.POST,
    }
    if request.method == "GET":
        return render(request, "governance_points/desk/sheet.html", context)
    try:
        upload = request.FILES.get("sheet")
        if upload is None:
            raise FileNeeded(field="sheet")
        table = read_table(upload, upload.name or "", columns=score_sheet.COLUMNS)
        report = sheet.import_score_sheet(
            actor=actor, village_id=village.pk, month=read_month(request.POST, "month"), table=table,
            dry_run=request.POST.get("dry_run") == "1", at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        context["errors"] = said_at(refusal, "month", "done_on", "sheet")
        return render(request, "governance_points/desk/sheet.html", context, status=refusal.status)
    context |= {"report": report, "month": request.POST.get("month", "")[:7]}
    return render(
        request, "governance_points/desk/sheet.html", context, status=422 if report.problems else 200
    )


@require_GET
@page(permission=claims.ENTER)
def score_sheet_form(request: HttpRequest) -> HttpResponse:
    """The empty score sheet of the village, a row a household."""
    village, _villages = choose_village(request, claims.ENTER)
    charter = charters.charter_on(village.pk, clock.today())
    households = list(Household.objects.filter(village=village, status="active").order_by("household_no"))
    heads = residents.head_names([h.pk for h in households], masked=False)
    headings = ["户编号", "户主", *score_sheet.rule_headings(charter)]
    rows = [[h.household_no, heads.get(h.pk, "")] for h in households]
    audit.record(
        actor=reader(request), action="governance_points.download_score_sheet", subject=f"regions.region:{village.pk}",
        at=clock.now(), region_id=village.pk, count=len(rows), fields=("name",),
    )  # fmt: skip
    return attachment(write_xlsx(headings, rows), "score-sheet.xlsx")


@require_http_methods(["GET", "POST"])
@page(permission=publishing.PUBLISH)
def publish(request: HttpRequest) -> HttpResponse:
    """What waits to be published, and the lists that are out."""
    actor = reader(request)
    village, villages = choose_village(request, publishing.PUBLISH)
    errors: dict[str, str] = {}
    charter = charters.charter_on(village.pk, clock.today())
    if request.method == "POST":
        try:
            publication = publishing.publish_deeds(
                actor=actor, request_key=read_request_key(request.POST), village_id=village.pk,
                deed_ids=read_ids(request.POST, "deed") if "deed" in request.POST else None, at=clock.now(),
            )  # fmt: skip
            messages.success(
                request, _("Published. The list is open until its last day; then it posts itself.")
            )
            return redirect("notices:publication", publication.pk)
        except DomainError as refusal:
            errors = said_at(refusal)
    context = {
        "village": village, "villages": villages, "errors": errors,
        "waiting": deeds.rows_of(deeds.ready_to_publish(village.pk, charter), limit=200),
        "waiting_total": deeds.ready_to_publish(village.pk, charter).count(),
        "for_council": deeds.waiting_for_council(village.pk, charter).count(),
        "publications": publishing.publications_of(village.pk), "charter": charter,
    }  # fmt: skip
    return render(request, "governance_points/desk/publish.html", context, status=422 if errors else 200)


@require_GET
@page(permission=statement.VIEW)
def households(request: HttpRequest) -> HttpResponse:
    """Households of a village with their balances."""
    actor = reader(request)
    village, villages = choose_village(request, statement.VIEW)
    found = residents.households(
        actor,
        village_id=village.pk,
        cursor=request.GET.get("cursor"),
        limit=50,
        q=request.GET.get("q") or None,
    )
    balances = statement.balances_of(village.pk, [h.id for h in found.items])
    context = {
        "may_card": actor.may(ISSUE_CARDS, scope_path=village.scope_path),
        "village": village, "villages": villages, "next_cursor": found.next_cursor, "q": request.GET.get("q", ""),
        "rows": [{"household": h, "balances": balances.get(h.id)} for h in found.items],
    }  # fmt: skip
    return render(request, "governance_points/desk/households.html", context)


@require_GET
@page(permission=statement.VIEW)
def household(request: HttpRequest, household_id: int) -> HttpResponse:
    """A household's statement for the clerk; the look is logged once and the household can see it."""
    actor = reader(request)
    found = statement.household_for(actor=actor, household_id=household_id)
    page_of_lines = statement.statement(
        actor=actor, household_id=household_id, cursor=request.GET.get("cursor"), limit=60
    )
    if household_id not in actor.household_ids:
        audit.record_view(
            actor=actor, page="governance_points.statement", household_id=household_id, at=clock.now(),
            fields=("name", "balance", "movements"),
        )  # fmt: skip
    context = {
        "household": found, "head": residents.head_names([household_id], masked=False).get(household_id, ""),
        "balances": statement.balances(actor=actor, household_id=household_id), "lines": page_of_lines.items,
        "next_cursor": page_of_lines.next_cursor,
        "may_enter": actor.may(claims.ENTER, scope_path=found.village.scope_path),
        "may_card": actor.may(ISSUE_CARDS, scope_path=found.village.scope_path, household_id=household_id),
        "waiting": deeds.waiting_of(actor=actor, household_id=household_id),
    }  # fmt: skip
    return render(request, "governance_points/desk/household.html", context)


@require_POST
@page(permission=correction.CORRECT)
def correct(request: HttpRequest, deed_id: int) -> HttpResponse:
    """Take a posted deed back; both entries stay visible."""
    actor = reader(request)
    deed = correction.reverse_deed(
        actor=actor, request_key=read_request_key(request.POST), deed_id=deed_id,
        reason_code=request.POST.get("reason_code", ""), at=clock.now(),
    )  # fmt: skip
    messages.success(request, _("Taken back by a contra entry. Both stay visible in the statement."))
    return redirect("governance_points:desk-deed", deed.pk)
