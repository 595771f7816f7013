"""The village's board: lists and their paper; and a person's messages."""

from __future__ import annotations

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.reader import reader
from xinzhi.kernel.notices import queries, services
from xinzhi.kernel.notices.queries.audience import PURPOSES, READ
from xinzhi.kernel.notices.queries.publications import board_lines
from xinzhi.kernel.notices.queries.publications import publication as publication_row
from xinzhi.kernel.notices.queries.spoken import spoken
from xinzhi.kernel.notices.services.publishing import OPEN
from xinzhi.kernel.notices.views.common import DESK, PHONE, base_of, small
from xinzhi.kernel.notices.wording import WITHDRAWAL_REASONS, purpose_label
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.web.decorators import page


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
    actor, at = reader(request), clock.now()
    villages = _villages_of(actor)
    asked = request.GET.get("village", "")
    chosen = next((pk for pk in villages if str(pk) == asked), None)
    village_id = chosen or (villages[0] if villages else None)
    found = None
    if village_id is not None:
        found = queries.publications(
            actor=actor, village_id=village_id, at=at, cursor=request.GET.get("cursor"), limit=30
        )
    context = {
        "base": base_of(actor),
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
    actor = reader(request)
    view = queries.view_publication(
        actor=actor,
        publication_id=small(publication_id),
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
    head, lines = board_lines(actor=reader(request), publication_id=small(publication_id), at=clock.now())
    address = request.build_absolute_uri(reverse("notices:publication", args=[head.id]))
    context = {
        "head": head,
        "lines": lines,
        "qr": segno.make(address, error="m").svg_data_uri(scale=4, border=2),
    }
    return render(request, "notices/print.html", context)


@never_cache
@require_safe
@page()
def loudspeaker(request: HttpRequest, publication_id: int) -> HttpResponse:
    """The list as text to read out; `?as=text` gives it as a file for the player of the loudspeaker."""
    head, passages = spoken(actor=reader(request), publication_id=small(publication_id), at=clock.now())
    if request.GET.get("as") == "text":
        text = "\n\n".join(passage.text for passage in passages)
        answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="list-{head.id}.txt"'
        return answer
    return render(request, "notices/spoken.html", {"head": head, "passages": passages})


@never_cache
@require_POST
@page()
def withdraw(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Take a list down before its end."""
    services.withdraw_publication(
        actor=reader(request),
        publication_id=small(publication_id),
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
    actor, at = reader(request), clock.now()
    found = queries.messages(actor=actor, cursor=request.GET.get("cursor"))
    services.mark_read(actor=actor, message_ids=[m.id for m in found.items], at=at)
    context = {"base": base_of(actor), "items": found.items, "next_cursor": found.next_cursor}
    return render(request, "notices/messages.html", context)
