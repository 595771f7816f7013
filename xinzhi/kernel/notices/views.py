"""The village's board: lists, their paper, objections; and a person's messages."""

from __future__ import annotations

from uuid import UUID, uuid4

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError, NotFound
from xinzhi.kernel.notices import queries, services
from xinzhi.kernel.notices.errors import OnBehalfOfWhom
from xinzhi.kernel.notices.lifecycle import GROUNDS
from xinzhi.kernel.notices.models import PublicationLine
from xinzhi.kernel.notices.queries.audience import PURPOSES, READ, audience_of
from xinzhi.kernel.notices.queries.publications import board_lines, head_of, line_rows
from xinzhi.kernel.notices.queries.publications import publication as publication_row
from xinzhi.kernel.notices.services.publishing import OPEN
from xinzhi.kernel.notices.wording import WITHDRAWAL_REASONS, purpose_label
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.web.decorators import page

_BIGGEST = 2**62
PHONE, DESK = "web/phone.html", "web/workbench.html"


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _base(actor: Actor) -> str:
    return DESK if actor.grants else PHONE


def _request_key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("request_key", ""))
    except ValueError:
        return uuid4()


def _small(number: int) -> int:
    """Ids beyond what the database can hold are simply not there. Raises NotFound."""
    if number > _BIGGEST:
        raise NotFound()
    return number


def _villages_of(actor: Actor) -> list[int]:
    """Villages whose board the actor reads: those of his households and of his roles."""
    own = Household.objects.filter(pk__in=actor.own_households(READ)).values_list("village_id", flat=True)
    paths = {g.scope_path for g in actor.grants}
    return sorted({*own, *(regions.village_ids_within(paths) if paths else [])})


@never_cache
@require_safe
@page()
def board(request: HttpRequest) -> HttpResponse:
    """What is announced in the village: lists on display and earlier ones."""
    actor, at = _actor(request), clock.now()
    villages = _villages_of(actor)
    asked = request.GET.get("village", "")
    chosen = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in villages else None
    village_id = chosen or (villages[0] if villages else None)
    found = None
    if village_id is not None:
        found = queries.publications(
            actor=actor, village_id=village_id, at=at, cursor=request.GET.get("cursor"), limit=30
        )
    context = {
        "base": _base(actor),
        "village_id": village_id,
        "villages": sorted(regions.names(villages).items()) if 1 < len(villages) <= 60 else [],
        "publications": found.items if found else [],
        "next_cursor": found.next_cursor if found else None,
    }
    return render(request, "notices/board.html", context)


@never_cache
@require_safe
def publication(request: HttpRequest, publication_id: int) -> HttpResponse:
    """One list, as this reader may see it. Without a login: its title and clock, and where to log in."""
    actor = _actor(request)
    view = queries.view_publication(
        actor=actor,
        publication_id=_small(publication_id),
        at=clock.now(),
        purpose=request.GET.get("purpose", ""),
        cursor=request.GET.get("cursor"),
    )
    office = view.audience in ("office", "township")
    may_withdraw = office and actor.may(OPEN, scope_path=publication_row(publication_id).village.scope_path)
    context = {
        "base": DESK if office else PHONE,
        "view": view,
        "office": office,
        "purpose": request.GET.get("purpose", ""),
        "purposes": [(code, purpose_label(code)) for code in PURPOSES],
        "may_withdraw": may_withdraw and view.head.state == "open",
        "withdrawal_reasons": WITHDRAWAL_REASONS,
        "is_stranger": not actor.is_authenticated,
    }
    return render(request, "notices/publication.html", context)


@never_cache
@require_safe
@page()
def paper(request: HttpRequest, publication_id: int) -> HttpResponse:
    """The paper for the notice board: masked whoever prints it. The QR code leads to the page, not to a person."""
    head, lines = board_lines(actor=_actor(request), publication_id=_small(publication_id), at=clock.now())
    address = request.build_absolute_uri(reverse("notices:publication", args=[head.id]))
    context = {
        "head": head,
        "lines": lines,
        "qr": segno.make(address, error="m").svg_data_uri(scale=4, border=2),
    }
    return render(request, "notices/print.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@page()
def object_to_line(request: HttpRequest, publication_id: int, line_id: int) -> HttpResponse:
    """Say that a line is not right: for the own household, or as a clerk for one that came with a paper."""
    actor, at = _actor(request), clock.now()
    found = (
        PublicationLine.objects.select_related("publication", "publication__village")
        .filter(pk=_small(line_id), publication_id=_small(publication_id))
        .first()
    )
    if found is None:
        raise NotFound()
    reader = audience_of(actor, found.publication)
    visible = queries.view_publication(actor=actor, publication_id=publication_id, at=at, only_line=line_id)
    if not visible.lines or not (reader.may_file or reader.may_enter):
        raise NotFound()
    error: DomainError | None = None
    if request.method == "POST":
        try:
            services.object_to_line(
                actor=actor,
                line_id=line_id,
                grounds_code=request.POST.get("grounds_code", ""),
                note=request.POST.get("note", ""),
                request_key=_request_key(request),
                at=at,
                on_behalf_of_household_id=_on_behalf(request, found) if reader.may_enter else None,
            )
        except DomainError as refusal:
            error = refusal
        else:
            messages.success(
                request, _t("Your objection is filed. You will have an answer within 7 working days.")
            )
            return redirect("notices:publication", publication_id)
    context = {
        "base": _base(actor),
        "head": head_of(found.publication, at),
        "line": line_rows([found], actor=actor, at=at)[0],
        "grounds": GROUNDS,
        "on_paper": reader.may_enter,
        "error": error,
        "typed": request.POST if error else {},
    }
    return render(request, "notices/object.html", context, status=error.status if error else 200)


def _on_behalf(request: HttpRequest, line: PublicationLine) -> int | None:
    """The household a clerk names by its number. Raises OnBehalfOfWhom."""
    written = request.POST.get("household_no", "").strip()
    if not written:
        return None
    found = Household.objects.filter(village_id=line.village_id, household_no=written[:40]).first()
    if found is None:
        raise OnBehalfOfWhom(field="household_no")
    return found.pk


@never_cache
@require_POST
@page()
def take_back(request: HttpRequest, objection_id: int) -> HttpResponse:
    """The household takes its objection back."""
    objection = services.take_back_objection(
        actor=_actor(request),
        objection_id=_small(objection_id),
        request_key=_request_key(request),
        at=clock.now(),
    )
    messages.success(request, _t("Your objection was taken back. The list goes on."))
    return redirect("notices:publication", objection.line.publication_id)


@never_cache
@require_POST
@page()
def withdraw(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Take a list down before its end."""
    services.withdraw_publication(
        actor=_actor(request),
        publication_id=_small(publication_id),
        reason_code=request.POST.get("reason_code", ""),
        at=clock.now(),
    )
    messages.success(request, _t("The list was taken down."))
    return redirect("notices:publication", publication_id)


@never_cache
@require_safe
@page()
def messages_page(request: HttpRequest) -> HttpResponse:
    """My messages; what is shown counts as read."""
    actor, at = _actor(request), clock.now()
    found = queries.messages(actor=actor, cursor=request.GET.get("cursor"))
    services.mark_read(actor=actor, message_ids=[m.id for m in found.items], at=at)
    context = {"base": _base(actor), "items": found.items, "next_cursor": found.next_cursor}
    return render(request, "notices/messages.html", context)
