"""Who may act for a household: its own members decide, or the village office with their consent on paper."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.identity import proxies
from xinzhi.kernel.identity.actors import proxy_household_ids
from xinzhi.kernel.identity.households import village_of_household
from xinzhi.kernel.identity.models import ProxyMandate
from xinzhi.kernel.identity.permissions import GIVE_PROXIES
from xinzhi.kernel.identity.views.common import actor_of_page, masked_head, needs_login
from xinzhi.kernel.residents import queries as residents

#: How long a mandate may last, to choose from instead of typing a day.
MONTHS = (1, 3, 12, 24)
_BIG = 2**62


def _own_households(actor: Actor) -> list[int]:
    by_mandate = proxy_household_ids(actor)
    return [h for h in actor.household_ids if h not in by_mandate and h != actor.proxy_for_household_id]


def _rows(actor: Actor, household_ids: list[int]) -> dict[str, Any]:
    today = clock.today()
    rows = [m for household_id in household_ids for m in proxies.mandates(actor, household_id)]
    names = residents.display_names([m.person_id for m in rows]) if rows else {}
    shown = {True: [], False: []}  # type: dict[bool, list[dict[str, Any]]]
    for m in rows:
        shown[m.revoked_at is None and m.active_to > today].append(
            {"mandate": m, "name": names.get(m.person_id, "")}
        )
    return {"current": shown[True], "former": shown[False]}


def _give(request: HttpRequest, household_id: int) -> DomainError | None:
    """Enter what the form says; the refusal, or None."""
    data = request.POST
    try:
        proxies.give_proxy(
            actor=actor_of_page(request),
            household_id=household_id,
            person_id=proxies.person_of(name=data.get("name", ""), phone=data.get("phone", "")),
            relation=data.get("relation", ""),
            active_to=_last_day(data.get("months", "")),
            consent=data.get("consent", ""),
            at=clock.now(),
        )
    except DomainError as refusal:
        return refusal
    messages.success(request, _("It is entered. The mandate can be ended here at any moment."))
    return None


def _last_day(months: str) -> date:
    chosen = next((m for m in MONTHS if str(m) == months), MONTHS[0])
    return clock.today() + timedelta(days=round(chosen * 30.4))


def _form(error: DomainError | None, request: HttpRequest) -> dict[str, Any]:
    return {
        "relations": ProxyMandate.Relation.choices,
        "months": MONTHS,
        "typed": request.POST if error else {},
        "error": error and error.message,
    }


@never_cache
@needs_login
@require_http_methods(["GET", "POST"])
def who_may_act(request: HttpRequest) -> HttpResponse:
    """Who may act for my household, since when and until when; name somebody; and whom I may act for."""
    actor = actor_of_page(request)
    own = _own_households(actor)[:5]
    error: DomainError | None = None
    if request.method == "POST":
        if not own:
            raise proxies.MandateNotFound()
        error = _give(request, own[0])
        if error is None:
            return redirect("identity:proxies")
    context = {
        "has_household": bool(own),
        **_rows(actor, own),
        **_form(error, request),
        "for_others": [(h, masked_head(h)) for h in sorted(proxy_household_ids(actor))[:10]],
        "acting_for": actor.proxy_for_household_id,
    }
    return render(request, "identity/who_may_act.html", context, status=error.status if error else 200)


@never_cache
@needs_login
@require_http_methods(["GET", "POST"])
def household_mandates(request: HttpRequest, household_id: int) -> HttpResponse:
    """The village office enters what a household has signed, and ends it when the household wants."""
    actor = actor_of_page(request)
    household_id = min(household_id, _BIG)
    _village_id, path = village_of_household(household_id) or (0, None)
    if path is None or not any(path.startswith(p) for p in actor.scope_paths(GIVE_PROXIES)):
        raise proxies.MandateNotFound()
    error: DomainError | None = None
    if request.method == "POST":
        error = _give(request, household_id)
        if error is None:
            return redirect("identity:household_proxies", household_id)
    context = {
        "household_id": household_id,
        "head": masked_head(household_id),
        "at_desk": True,
        "consents": [c for c in ProxyMandate.Consent.choices if c[0] != ProxyMandate.Consent.OWN],
        **_rows(actor, [household_id]),
        **_form(error, request),
    }
    return render(request, "identity/household_mandates.html", context, status=error.status if error else 200)


@never_cache
@needs_login
@require_safe
def mandate_paper(request: HttpRequest, household_id: int) -> HttpResponse:
    """The paper a household signs when somebody is to act for it."""
    actor = actor_of_page(request)
    household_id = min(household_id, _BIG)
    _village_id, path = village_of_household(household_id) or (0, None)
    if path is None or not any(path.startswith(p) for p in actor.scope_paths(GIVE_PROXIES)):
        raise proxies.MandateNotFound()
    context = {"head": masked_head(household_id), "today": clock.today()}
    return render(request, "identity/mandate_paper.html", context)


@needs_login
@require_POST
def end_mandate(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """End a mandate at once."""
    ended = proxies.revoke_proxy(actor=actor_of_page(request), mandate_id=min(mandate_id, _BIG))
    if request.POST.get("at_desk"):
        return redirect("identity:household_proxies", ended.household_id)
    return redirect("identity:proxies")
