"""Deductions on the page: tell the household at the desk, answer and make good on the phone, a letter for those without one."""

from __future__ import annotations

from collections.abc import Iterable
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
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes.governance_points.lifecycle import ANSWER, ENTER
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries import charter as charters
from xinzhi.scenes.governance_points.queries import deeds, story
from xinzhi.scenes.governance_points.services import hearing
from xinzhi.scenes.governance_points.views.desk import (
    choose_village,
    household_of_number,
    numbers_to_choose,
    record_look,
)
from xinzhi.scenes.governance_points.views.reading import (
    read_day,
    read_quantity,
    read_request_key,
    read_uuids,
    said_at,
)


def store_uploads(actor: Actor, uploads: Iterable[Any], *, village_id: int, household_id: int) -> list[Any]:
    """Keep uploaded files one by one, so that what came before a refused file is kept."""
    return [
        evidence.store(
            actor=actor, data=upload, filename=upload.name or "", village_id=village_id, household_id=household_id,
            at=clock.now(), request_key=None,
        )
        for upload in uploads
    ]  # fmt: skip


@require_http_methods(["GET", "POST"])
@page(permission=ENTER)
def notify(request: HttpRequest) -> HttpResponse:
    """Tell a household what was seen. Nothing is taken by this."""
    actor = reader(request)
    village, villages = choose_village(request, ENTER)
    charter = charters.charter_on(village.pk, clock.today())
    lines = [line for line in charter.lines if line.rule.is_deduction]
    context: dict[str, Any] = {
        "village": village, "villages": villages, "lines": lines, "today": clock.today(),
        "today_iso": clock.today().isoformat(), "households": numbers_to_choose(village),
        "typed": request.POST or request.GET, "errors": {},
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "governance_points/hearing/notify.html", context)
    kept: list[Any] = []
    try:
        household = household_of_number(village, request.POST.get("household_no", ""))
        kept = story.own_evidence(actor=actor, ids=read_uuids(request.POST, "evidence"))
        kept += store_uploads(
            actor, request.FILES.getlist("photo"), village_id=village.pk, household_id=household.pk
        )
        deed = hearing.notify_deduction(
            actor=actor, request_key=read_request_key(request.POST), household_id=household.pk,
            rule_code=request.POST.get("rule", ""), done_on=read_day(request.POST, "done_on"),
            quantity_tenths=read_quantity(request.POST), grade=request.POST.get("grade", ""),
            description=request.POST.get("description", ""), evidence_ids=[e.pk for e in kept], at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        errors = said_at(
            refusal, "household_no", "rule", "done_on", "quantity", "grade", "photo", "description"
        )
        context |= {"errors": errors, "kept": kept}
        return render(request, "governance_points/hearing/notify.html", context, status=refusal.status)
    messages.success(
        request,
        _("Household %(household)s has been told and may answer. Print the letter if it has no phone.")
        % {"household": household.household_no},
    )
    return redirect("governance_points:desk-deed", deed.pk)


@require_GET
@page(permission=ENTER)
def letter(request: HttpRequest, deed_id: int) -> HttpResponse:
    """The notice on paper, for a household without a phone."""
    actor = reader(request)
    told = story.story(actor=actor, deed_id=deed_id)
    record_look(actor, told.deed.household_id)
    audit.record(
        actor=actor, action="governance_points.print_letter", subject=told.deed.reference, at=clock.now(),
        region_id=told.deed.village_id, household_id=told.deed.household_id, fields=("name",),
    )  # fmt: skip
    context = {
        "story": told, "deed": told.deed,
        "head": residents.head_names([told.deed.household_id], masked=False).get(told.deed.household_id, ""),
        "said": [entry for entry in told.timeline if entry.action == "notified"],
    }  # fmt: skip
    return render(request, "governance_points/hearing/letter.html", context)


@require_POST
@page()
def answer(request: HttpRequest, deed_id: int) -> HttpResponse:
    """The household answers; or the office enters what came on paper."""
    return _said(request, deed_id, repair=False)


@require_POST
@page(permission=ANSWER)
def repair(request: HttpRequest, deed_id: int) -> HttpResponse:
    """The household shows that it made good."""
    return _said(request, deed_id, repair=True)


def _said(request: HttpRequest, deed_id: int, *, repair: bool) -> HttpResponse:
    actor = reader(request)
    deed = deeds.deed(actor=actor, deed_id=deed_id)
    own = actor.may(ANSWER, household_id=deed.household_id)
    try:
        kept = store_uploads(
            actor, request.FILES.getlist("photo") + request.FILES.getlist("voice"), village_id=deed.village_id,
            household_id=deed.household_id,
        )  # fmt: skip
        act = hearing.claim_repair if repair else hearing.answer_deduction
        act(
            actor=actor, deed_id=deed_id, note=request.POST.get("note", ""), evidence_ids=[e.pk for e in kept],
            request_key=read_request_key(request.POST), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        if refusal.status in (403, 404):
            raise
        return _story_again(request, deed, refusal, own=own)
    messages.success(
        request,
        _("Thank you. Somebody comes to look, or looks at the photo.") if repair else _("Your answer is in. Who decides reads it first.") if own else _("The answer is entered."),
    )  # fmt: skip
    return redirect("governance_points:deed" if own else "governance_points:desk-deed", deed_id)


def _story_again(request: HttpRequest, deed: Deed, refusal: DomainError, *, own: bool) -> HttpResponse:
    """The page of the deed with what was typed and the sentence at its field."""
    context = story.page_context(actor=reader(request), deed_id=deed.pk) | {
        "errors": said_at(refusal, "note", "photo"),
        "typed": request.POST,
    }
    template = "governance_points/story.html" if own else "governance_points/desk/deed.html"
    return render(request, template, context, status=refusal.status)
