"""Object to a line, follow what becomes of it, take it back or appeal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinzhi.kernel.evidence import queries as evidence_queries
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.notices import queries, services
from xinzhi.kernel.notices.errors import OnBehalfOfWhom
from xinzhi.kernel.notices.lifecycle import GROUNDS
from xinzhi.kernel.notices.models import PublicationLine
from xinzhi.kernel.notices.queries.audience import audience_of
from xinzhi.kernel.notices.queries.publications import head_of, line_rows
from xinzhi.kernel.notices.views.common import base_of, read_request_key, small
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.sheets.cleaning import clean
from xinzhi.kernel.web.decorators import page

MOST_FILES = 6


@never_cache
@require_http_methods(["GET", "POST"])
@page()
def object_to_line(request: HttpRequest, publication_id: int, line_id: int) -> HttpResponse:
    """Say that a line is not right: for the own household, or as a clerk for one that came with a paper."""
    actor, at = reader(request), clock.now()
    line = (
        PublicationLine.objects.select_related("publication", "publication__village")
        .filter(pk=small(line_id), publication_id=small(publication_id))
        .first()
    )
    if line is None:
        raise NotFound()
    audience = audience_of(actor, line.publication)
    visible = queries.view_publication(actor=actor, publication_id=publication_id, at=at, only_line=line_id)
    if not visible.lines or not (audience.may_file or audience.may_enter):
        raise NotFound()
    error: DomainError | None = None
    kept: list[Any] = []
    if request.method == "POST":
        try:
            on_behalf = _on_behalf(request, line) if audience.may_enter else None
            kept = evidence_queries.unattached(_uuids(request), actor)
            kept += _store(request, actor, line, on_behalf)
            objection = services.object_to_line(
                actor=actor,
                line_id=line_id,
                grounds_code=request.POST.get("grounds_code", ""),
                note=request.POST.get("note", ""),
                request_key=read_request_key(request),
                at=at,
                on_behalf_of_household_id=on_behalf,
                evidence_ids=[e.pk for e in kept],
            )
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(
                request, _t("Your objection is filed. You will have an answer within 7 working days.")
            )
            return redirect("notices:objection", objection.pk)
    context = {
        "base": base_of(actor),
        "head": head_of(line.publication, at),
        "line": line_rows([line], actor=actor, at=at)[0],
        "grounds": GROUNDS,
        "on_paper": audience.may_enter,
        "error": error,
        "kept": kept,
        "typed": request.POST if error else {},
    }
    return render(request, "notices/object.html", context, status=error.status if error else 200)


def _uuids(request: HttpRequest) -> list[UUID]:
    """Files of an earlier try that are kept already."""
    found = []
    for value in request.POST.getlist("evidence")[:MOST_FILES]:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _store(request: HttpRequest, actor: Actor, line: PublicationLine, on_behalf: int | None) -> list[Any]:
    uploads = [*request.FILES.getlist("photo"), *request.FILES.getlist("voice")][:MOST_FILES]
    if not uploads:
        return []
    own, _opening = services.objecting_household(
        actor=actor,
        village_id=line.village_id,
        scope_path=line.publication.village.scope_path,
        on_behalf_of=on_behalf,
    )
    return [
        evidence.store(
            actor=actor, data=upload, filename=upload.name or "", village_id=line.village_id, household_id=own,
            at=clock.now(), request_key=None,
        )
        for upload in uploads
    ]  # fmt: skip


def _on_behalf(request: HttpRequest, line: PublicationLine) -> int | None:
    """The household a clerk names by its number. Raises OnBehalfOfWhom."""
    written = clean(request.POST.get("household_no", ""))  # copied numbers bring characters nobody sees
    if not written:
        return None
    found = Household.objects.filter(village_id=line.village_id, household_no=written[:40]).first()
    if found is None:
        raise OnBehalfOfWhom(field="household_no")
    return found.pk


@never_cache
@require_safe
@page()
def my_objections(request: HttpRequest) -> HttpResponse:
    """What the own household objected to, and what became of it."""
    actor = reader(request)
    found = queries.objections(actor=actor, at=clock.now(), cursor=request.GET.get("cursor"))
    context = {"base": base_of(actor), "items": found.items, "next_cursor": found.next_cursor}
    return render(request, "notices/objections.html", context)


@never_cache
@require_safe
@page()
def objection(request: HttpRequest, objection_id: int) -> HttpResponse:
    """One objection: where it stands, until when who answers, what may still be done."""
    actor = reader(request)
    view = queries.view_objection(actor=actor, objection_id=small(objection_id), at=clock.now())
    return render(request, "notices/objection.html", {"base": base_of(actor), "view": view, "row": view.row})


@never_cache
@require_POST
@page()
def take_back(request: HttpRequest, objection_id: int) -> HttpResponse:
    """The household takes its objection back."""
    taken = services.take_back_objection(
        actor=reader(request),
        objection_id=small(objection_id),
        request_key=read_request_key(request),
        at=clock.now(),
    )
    messages.success(request, _t("Your objection was taken back. The list goes on."))
    return redirect("notices:objection", taken.pk)


@never_cache
@require_POST
@page()
def appeal(request: HttpRequest, objection_id: int) -> HttpResponse:
    """To the township, by the household or by the clerk who has its paper in hand."""
    appealed = services.appeal(
        actor=reader(request),
        objection_id=small(objection_id),
        note=request.POST.get("note", ""),
        request_key=read_request_key(request),
        at=clock.now(),
    )
    messages.success(request, _t("The appeal is with the township. It answers within 7 working days."))
    return redirect("notices:objection", appealed.pk)
