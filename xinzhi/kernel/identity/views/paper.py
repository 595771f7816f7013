"""Household cards on paper, one or a village: printed by the village office, or by the household itself."""

from __future__ import annotations

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity import card_sheets, cards
from xinzhi.kernel.identity.models import HouseholdCard
from xinzhi.kernel.identity.permissions import ISSUE_CARDS
from xinzhi.kernel.identity.views.common import actor_of_page, needs_login
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions.models import Region


@never_cache
@needs_login
@require_http_methods(["GET", "POST"])
def card_paper(request: HttpRequest, household_id: int) -> HttpResponse:
    """The card to print; a POST issues a new one, after which the lost one opens nothing."""
    from xinzhi.kernel.residents import queries as residents

    actor = actor_of_page(request)
    if request.method == "POST":
        cards.issue_card(actor=actor, household_id=household_id, at=clock.now())
        messages.success(request, _("A new card is issued. Every earlier one has stopped working."))
        return redirect("identity:card_paper", household_id)
    token = cards.current_token(actor, household_id, at=clock.now())
    card = HouseholdCard.objects.select_related("household__village").get(household_id=household_id)
    context = {
        "card": card,
        "head": residents.head_names([household_id], masked=True).get(household_id, ""),
        "qr": _qr(request, token, scale=5),
    }
    return render(request, "identity/card_paper.html", context)


@never_cache
@needs_login
@require_http_methods(["GET", "POST"])
def card_sheets_paper(request: HttpRequest) -> HttpResponse:
    """The cards of a village to print, eight to a sheet; a POST issues those that are missing."""
    actor = actor_of_page(request)
    village = _village(request)
    if request.method == "POST":
        issued = card_sheets.issue_missing(actor=actor, village_id=village.pk, at=clock.now())
        messages.success(
            request, ngettext("%(n)s card is issued.", "%(n)s cards are issued.", issued) % {"n": issued}
        )
        return redirect(f"{request.path}?village={village.pk}")
    found = card_sheets.sheets(actor=actor, village_id=village.pk, cursor=request.GET.get("cursor"))
    context = {
        "village": village,
        "missing": card_sheets.missing(actor, village.pk),
        "next_cursor": found.next_cursor,
        "cards": [{"row": row, "qr": _qr(request, row.token, scale=3)} for row in found.items],
    }
    return render(request, "identity/card_sheets.html", context)


def _village(request: HttpRequest) -> Region:
    """The village asked for, or the one looked at before, or the first one served. Raises CardNotValid."""
    served = regions.village_ids_within(actor_of_page(request).scope_paths(ISSUE_CARDS))
    data = request.POST if request.method == "POST" else request.GET
    asked = data.get("village") or str(request.session.get("village_id") or "")
    chosen = next((pk for pk in served if str(pk) == asked), None)
    if chosen is None and (data.get("village") or not served):
        raise cards.CardNotValid()
    return regions.region(chosen or served[0])


def _qr(request: HttpRequest, token: str, *, scale: int) -> str:
    """The card's address as a code: any scanner opens it, WeChat's too."""
    address = request.build_absolute_uri(reverse("identity:card", args=[token]))
    return str(segno.make(address, error="q").svg_data_uri(scale=scale, border=2))
