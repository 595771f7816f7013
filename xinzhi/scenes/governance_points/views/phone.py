"""The villager's pages: points, claim, statement, the story of one point."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.notices import queries as notices
from xinzhi.kernel.residents import everything
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.web.decorators import page
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.overview.titles import own_title
from xinzhi.scenes.governance_points.queries import charter as charters
from xinzhi.scenes.governance_points.queries import deeds, earnable, statement, story
from xinzhi.scenes.governance_points.queries.charter_drafts import public_drafts
from xinzhi.scenes.governance_points.scoring import explain
from xinzhi.scenes.governance_points.services import claims
from xinzhi.scenes.governance_points.views.desk import record_look
from xinzhi.scenes.governance_points.views.reading import (
    own_household_id,
    read_day,
    read_int,
    read_quantity,
    read_request_key,
    read_uuids,
    said_at,
)


@require_GET
@page(permission=statement.VIEW)
def home(request: HttpRequest) -> HttpResponse:
    """How many points, what now."""
    actor = reader(request)
    household_id = own_household_id(request)
    household = statement.household_for(actor=actor, household_id=household_id)
    waiting = deeds.waiting_of(actor=actor, household_id=household_id)
    latest = statement.statement(actor=actor, household_id=household_id, limit=3)
    context = {
        "household": household,
        "head": residents.head_names([household_id], masked=False).get(household_id, ""),
        "balances": statement.balances(actor=actor, household_id=household_id),
        "expiring": statement.expiring_soon(actor=actor, household_id=household_id, on=clock.today()),
        "unread": notices.unread_count(actor=actor),
        "waiting": waiting,
        "latest": latest.items,
        "publications": story.open_publications(actor=actor, village_id=household.village_id, at=clock.now()),
        "households": Household.objects.filter(pk__in=actor.household_ids).order_by("pk"),
    }
    return render(request, "governance_points/home.html", context)


@require_POST
@page(permission=statement.VIEW)
def choose_household(request: HttpRequest) -> HttpResponse:
    """Act for another of one's households."""
    chosen = read_int(request.POST, "household_id")
    if chosen not in reader(request).household_ids:
        raise NotFound()
    request.session["household_id"] = chosen
    return redirect("governance_points:home")


@require_GET
def rules(request: HttpRequest, village_id: int) -> HttpResponse:
    """The charter in force: public to everyone (village.md 6.4)."""
    charter, drafts = charters.charter_or_none(village_id, clock.today()), public_drafts(village_id)
    if charter is None and not drafts:
        charter = charters.charter_on(village_id, clock.today())  # says that there is none
    context = {"charter": charter, "categories": charter.by_category() if charter else {}, "drafts": drafts}
    return render(request, "governance_points/rules.html", context)


@require_GET
@page(permission=claims.CLAIM)
def claim(request: HttpRequest) -> HttpResponse:
    """First question: what did you do."""
    household = statement.household_for(actor=reader(request), household_id=own_household_id(request))
    charter = charters.charter_on(household.village_id, clock.today())
    return render(
        request,
        "governance_points/claim.html",
        {"charter": charter, "categories": charter.by_category(deductions=False)},
    )


@require_http_methods(["GET", "POST"])
@page(permission=claims.CLAIM)
def claim_form(request: HttpRequest, code: str) -> HttpResponse:
    """Second question: photo, day, how much; with what it would be worth."""
    actor = reader(request)
    household = statement.household_for(actor=actor, household_id=own_household_id(request))
    charter = charters.charter_on(household.village_id, clock.today())
    line = charter.line(code)
    if line is None or line.rule.is_deduction:
        raise NotFound()
    context = {
        "household": household, "charter": charter, "line": line, "rule": line.rule, "today": clock.today(),
        "today_iso": clock.today().isoformat(),
        "members": story.member_names(household.pk), "typed": request.POST, "errors": {},
        "max_quantity": format_points(line.rule.max_quantity_tenths) if line.rule.max_quantity_tenths else "",
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "governance_points/claim_form.html", context)
    kept: list[Any] = []
    try:
        kept = story.own_evidence(actor=actor, ids=read_uuids(request.POST, "evidence"))
        kept += (  # one by one: what came before a refused file is kept
            evidence.store(
                actor=actor, data=upload, filename=upload.name or "", village_id=household.village_id,
                household_id=household.pk, at=clock.now(), request_key=None,
            )
            for upload in request.FILES.getlist("photo") + request.FILES.getlist("voice")
        )  # fmt: skip
        claims.claim_deed(
            actor=actor,
            request_key=read_request_key(request.POST),
            household_id=household.pk,
            rule_code=code,
            done_on=read_day(request.POST, "done_on"),
            quantity_tenths=read_quantity(request.POST),
            grade=request.POST.get("grade", ""),
            person_id=read_int(request.POST, "person"),
            evidence_ids=[e.pk for e in kept],
            at=clock.now(),
        )
    except DomainError as refusal:
        if refusal.status >= 500:
            raise
        errors = said_at(refusal, "photo", "done_on", "quantity", "grade", "person", "rule")
        context |= {"errors": errors, "kept": kept}
        return render(request, "governance_points/claim_form.html", context, status=refusal.status)
    return redirect("governance_points:claimed")


@require_POST
@page()
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """What the deed would be worth and why, while it is typed."""
    actor = reader(request)
    try:
        seen = claims.preview_deed(
            actor=actor, household_id=read_int(request.POST, "household") or own_household_id(request), rule_code=code,
            done_on=read_day(request.POST, "done_on"), quantity_tenths=read_quantity(request.POST),
            grade=request.POST.get("grade", ""), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        return render(request, "governance_points/_preview.html", {"refusal": refusal.message})
    context = {
        "points_tenths": seen.scored.points_tenths,
        "why": explain(seen.scored.steps),
        "version": seen.charter.version,
    }
    return render(request, "governance_points/_preview.html", context)


@require_GET
@page(permission=claims.CLAIM)
def claimed(request: HttpRequest) -> HttpResponse:
    """The claim is in; what happens next."""
    rows = deeds.waiting_of(actor=reader(request), household_id=own_household_id(request))
    return render(request, "governance_points/claimed.html", {"deed": rows[0] if rows else None})


@require_GET
@page(permission=statement.VIEW)
def my_statement(request: HttpRequest) -> HttpResponse:
    """Where each point comes from: months as headings."""
    actor = reader(request)
    household_id = own_household_id(request)
    found = statement.statement(
        actor=actor, household_id=household_id, cursor=request.GET.get("cursor"), limit=60
    )
    months = [
        (month, list(lines))
        for month, lines in groupby(found.items, key=lambda row: row.effective_date.replace(day=1))
    ]
    household = statement.household_for(actor=actor, household_id=household_id)
    context = {
        "household": household,
        "own_title": own_title(household, on=clock.today(), now=clock.now()),
        "balances": statement.balances(actor=actor, household_id=household_id),
        "months": months, "next_cursor": found.next_cursor,
        "expiries": statement.expiries(actor=actor, household_id=household_id),
    }  # fmt: skip
    return render(request, "governance_points/statement.html", context)


@require_GET
@page(permission=claims.CLAIM)
def could_earn(request: HttpRequest) -> HttpResponse:
    """What the household could still earn this month, with what the caps leave."""
    household_id = own_household_id(request)
    found = earnable.earnable(actor=reader(request), household_id=household_id, on=clock.today())
    return render(request, "governance_points/could_earn.html", {"categories": found})


@require_GET
@page(permission=statement.VIEW)
def download(request: HttpRequest) -> HttpResponse:
    """Everything about one's own household as one file."""
    household_id = own_household_id(request)
    statement.household_for(actor=reader(request), household_id=household_id)
    content = everything.write_zip(actor=reader(request), household_id=household_id, at=clock.now())
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="xinzhi-{clock.today().isoformat()}.zip"'
    return response


@require_GET
@page(permission=deeds.VIEW)
def deed_story(request: HttpRequest, deed_id: int) -> HttpResponse:
    """The whole story of one point: rule, version, evidence, verifier, list, ledger."""
    actor = reader(request)
    context = story.page_context(actor=actor, deed_id=deed_id)
    record_look(actor, context["deed"].household_id)
    return render(request, "governance_points/story.html", context)


@require_POST
@page(permission=claims.CLAIM)
def withdraw(request: HttpRequest, deed_id: int) -> HttpResponse:
    """Take one's own claim back while nobody has verified it."""
    actor = reader(request)
    found = deeds.deed(actor=actor, deed_id=deed_id)
    workflow.advance(
        found, "withdraw", actor=actor, at=clock.now(), request_key=read_request_key(request.POST)
    )
    return redirect("governance_points:home")


@require_GET
@page(permission=statement.VIEW)
def who_looked(request: HttpRequest) -> HttpResponse:
    """Who looked at my household's data."""
    looks = story.looks(
        actor=reader(request), household_id=own_household_id(request), cursor=request.GET.get("cursor")
    )
    return render(request, "governance_points/who_looked.html", {"looks": looks, "title": _("Who looked")})
