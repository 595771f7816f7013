"""Acting for a household: by its card, by a mandate; and who may."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity import cards, proxies
from xinzhi.kernel.identity.actors import ACTING_FOR, may_act_by_card, proxy_household_ids
from xinzhi.kernel.identity.models import HouseholdCard
from xinzhi.kernel.identity.views.common import actor_of_page, needs_login

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
    context = {"household": found.household, "head": _masked_head(household_id), "token": token}
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


def _masked_head(household_id: int) -> str:
    from xinzhi.kernel.residents import queries as residents

    return str(residents.head_names([household_id], masked=True).get(household_id, ""))


@never_cache
@needs_login
@require_safe
def who_may_act(request: HttpRequest) -> HttpResponse:
    """Who may act for my household, since when and until when; and whom I may act for."""
    from xinzhi.kernel.residents import queries as residents

    actor = actor_of_page(request)
    today = clock.today()
    by_mandate = proxy_household_ids(actor)
    own = [h for h in actor.household_ids if h not in by_mandate and h != actor.proxy_for_household_id]
    rows = [m for household_id in own[:5] for m in proxies.mandates(actor, household_id)]
    names = residents.display_names([m.person_id for m in rows]) if rows else {}
    context = {
        "has_household": bool(own),
        "current": [
            {"mandate": m, "name": names.get(m.person_id, "")}
            for m in rows
            if m.revoked_at is None and m.active_to > today
        ],
        "former": [
            {"mandate": m, "name": names.get(m.person_id, "")}
            for m in rows
            if m.revoked_at is not None or m.active_to <= today
        ],
        "for_others": [(h, _masked_head(h)) for h in sorted(by_mandate)[:10]],
        "acting_for": actor.proxy_for_household_id,
    }
    return render(request, "identity/who_may_act.html", context)


@needs_login
@require_POST
def end_mandate(request: HttpRequest, mandate_id: int) -> HttpResponse:
    proxies.revoke_proxy(actor=actor_of_page(request), mandate_id=mandate_id)
    return redirect("identity:proxies")


@needs_login
@require_POST
def act_for(request: HttpRequest) -> HttpResponse:
    """Choose for which household to act by mandate from now on."""
    household = request.POST.get("household", "")
    ids = proxy_household_ids(actor_of_page(request))
    if not household.isascii() or not household.isdigit() or int(household) not in ids:
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
