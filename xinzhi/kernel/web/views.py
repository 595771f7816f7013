"""The first page and the reader's preferences."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_GET, require_POST

from xinzhi.kernel.foundation.actors import NOBODY
from xinzhi.kernel.web.context import ELDER, entries

ONE_YEAR_SECONDS = 365 * 24 * 3600


@require_GET
def first_page(request: HttpRequest) -> HttpResponse:
    """Everybody's first page: officers at their desk, villagers at their points, strangers at the door."""
    actor = getattr(request, "actor", NOBODY)
    if actor.is_authenticated:
        # Who holds somebody's card is on that household's side until he puts it away.
        is_at_desk = actor.grants and actor.proxy_for_household_id is None
        audience = "workbench" if is_at_desk else "villager"
        menu = entries(request, audience) or entries(request, "villager")
        if menu:
            return redirect(menu[0]["url"])
        return render(request, "web/nothing_yet.html")
    return render(request, "web/door.html")


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    return target if url_has_allowed_host_and_scheme(target, None) else "/"


@require_POST
def elder_mode(request: HttpRequest) -> HttpResponse:
    """Large text and targets, on or off, remembered on this device."""
    response = redirect(_back(request))
    turn_on = request.POST.get("on") == "1"
    response.set_cookie(
        ELDER,
        "1" if turn_on else "0",
        max_age=ONE_YEAR_SECONDS,
        samesite="Lax",
        secure=settings.HTTPS,
        httponly=True,
    )
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Chinese or English, remembered on this device."""
    chosen = request.POST.get("language", "")
    response = redirect(_back(request))
    if chosen in dict(settings.LANGUAGES) and check_for_language(chosen):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=ONE_YEAR_SECONDS,
            samesite="Lax",
            secure=settings.HTTPS,
            httponly=True,
        )
    return response
