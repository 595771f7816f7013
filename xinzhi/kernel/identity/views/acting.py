"""Acting for a household: by its card, by a mandate."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity import cards, proxies
from xinzhi.kernel.identity.actors import ACTING_FOR, may_act_by_card, proxy_household_ids
from xinzhi.kernel.identity.models import HouseholdCard
from xinzhi.kernel.identity.views.common import actor_of_page, masked_head, needs_login

#: After this somebody shows the card again.
CARD_SECONDS = 30 * 60
MANDATE_SECONDS = 12 * 3600


@never_cache
@require_http_methods(["GET", "POST"])
def card(request: HttpRequest, token: str) -> HttpResponse:
    """What a phone opens that scanned a household's card. A stranger learns nothing, not even whether it is valid."""
    actor = actor_of_page(request)
    if not actor.is_authenticated:
        return render(request, "identity/card_stranger.html", {"next": request.path})
    found = cards.card_of_token(token)
    household_id = found.household_id
    if household_id in actor.household_ids and household_id not in proxy_household_ids(actor):
        if actor.proxy_for_household_id != household_id:
            return redirect("/")  # his own card
    elif not _may_open(request, found):
        raise cards.CardNotValid()
    now = clock.now()
    if request.method == "POST":
        request.session[ACTING_FOR] = {
            "household": household_id,
            "card": found.pk,
            "version": found.version,
            "until": now.timestamp() + CARD_SECONDS,
        }
        audit.record(
            actor=actor,
            action="identity.act_by_card",
            subject=f"card:{found.pk}.{found.version}",
            at=now,
            household_id=household_id,
        )
        return redirect("/")
    context = {"household": found.household, "head": masked_head(household_id), "token": token}
    audit.record_view(
        actor=actor,
        page="identity.card",
        household_id=household_id,
        at=now,
        fields=("household_no", "head_masked"),
    )
    return render(request, "identity/card.html", context)


def _may_open(request: HttpRequest, found: HouseholdCard) -> bool:
    return may_act_by_card(actor_of_page(request), found.household_id, found.household.village.scope_path)


@needs_login
@require_POST
def act_for(request: HttpRequest) -> HttpResponse:
    """Choose for which household to act by mandate from now on."""
    household = request.POST.get("household", "")
    ids = proxy_household_ids(actor_of_page(request))
    if household not in {str(pk) for pk in ids}:
        raise proxies.MandateNotFound()
    request.session[ACTING_FOR] = {
        "household": int(household),
        "until": clock.now().timestamp() + MANDATE_SECONDS,
    }
    return redirect("/")


@needs_login
@require_POST
def stop_acting(request: HttpRequest) -> HttpResponse:
    request.session.pop(ACTING_FOR, None)
    return redirect("/")
