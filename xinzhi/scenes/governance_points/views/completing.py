"""Complete a returned claim and submit it again: on the phone for the household, at the desk for what the office entered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.web.decorators import page
from xinzhi.scenes.governance_points.queries import deeds, story
from xinzhi.scenes.governance_points.services import claims
from xinzhi.scenes.governance_points.views.hearing import store_uploads
from xinzhi.scenes.governance_points.views.reading import (
    read_day,
    read_quantity,
    read_request_key,
    read_uuids,
    said_at,
)


@require_http_methods(["GET", "POST"])
@page(permission=deeds.VIEW)
def complete(request: HttpRequest, deed_id: int) -> HttpResponse:
    """What was returned, with the reason, to be completed."""
    actor = reader(request)
    told = story.story(actor=actor, deed_id=deed_id)
    deed, own = told.deed, actor.may(claims.CLAIM, household_id=told.deed.household_id)
    if not own and not actor.may(claims.ENTER, scope_path=deed.village.scope_path):
        raise NotFound()
    context: dict[str, Any] = {
        "deed": deed, "rule": told.rule, "story": told, "errors": {}, "today": clock.today(),
        "returned": next((e for e in reversed(told.timeline) if e.to_state == "returned"), None),
        "base": "web/phone.html" if own else "web/workbench.html",
        "typed": request.POST or {
            "done_on": deed.done_on.isoformat(), "grade": deed.grade,
            "quantity": format_points(deed.quantity_tenths).replace(",", "") if deed.quantity_tenths else "",
        },
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "governance_points/complete.html", context)
    kept: list[Any] = []
    try:
        kept = story.own_evidence(actor=actor, ids=read_uuids(request.POST, "evidence"))
        kept += store_uploads(
            actor, request.FILES.getlist("photo") + request.FILES.getlist("voice"), village_id=deed.village_id,
            household_id=deed.household_id,
        )  # fmt: skip
        claims.resubmit_deed(
            actor=actor, request_key=read_request_key(request.POST), deed_id=deed_id, done_on=read_day(request.POST, "done_on"),
            quantity_tenths=read_quantity(request.POST), grade=request.POST.get("grade", ""),
            evidence_ids=[e.pk for e in kept], note=request.POST.get("note", ""), at=clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        if refusal.status in (403, 404):
            raise
        context |= {"errors": said_at(refusal, "photo", "done_on", "quantity", "grade"), "kept": kept}
        return render(request, "governance_points/complete.html", context, status=refusal.status)
    messages.success(request, _("Submitted again. It waits to be verified."))
    return redirect("governance_points:deed" if own else "governance_points:desk-deed", deed_id)
