"""Small helpers of the pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from xinzhi.kernel.foundation.actors import Actor

View = Callable[..., HttpResponse]


def actor_of_page(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def safe_next(request: HttpRequest) -> str:
    """Where to go after login: a path of this house, never another site, never login or logout again."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # No allowed host at all: only paths pass, whatever the Host header says.
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) or not wanted.startswith("/"):
        return "/"
    if any(ord(character) < 32 for character in wanted):
        return "/"
    if wanted.startswith((reverse("identity:login"), reverse("identity:logout"))):
        return "/"
    return wanted


def needs_login(view: View) -> View:
    """Send a stranger to the login page and back here afterwards."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if actor_of_page(request).is_authenticated:
            return view(request, *args, **kwargs)
        target = request.get_full_path() if request.method == "GET" else request.path
        return redirect(f"{reverse('identity:login')}?{urlencode({'next': target})}")

    return guarded


def address_of(request: HttpRequest) -> str:
    """The caller's address as the app server saw it; a proxy in front must set it there."""
    return str(request.META.get("REMOTE_ADDR", ""))


def masked_head(household_id: int) -> str:
    """Whose household it is, masked (张*明)."""
    from xinzhi.kernel.residents import queries as residents

    return str(residents.head_names([household_id], masked=True).get(household_id, ""))
