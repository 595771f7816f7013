"""What a page asks of its reader before it does anything."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from xinzhi.kernel.foundation.actors import NOBODY

V = TypeVar("V", bound=Callable[..., HttpResponse])


def page(*, permission: str = "", login: bool = True) -> Callable[[V], V]:
    """The page needs a login and, where named, a permission anywhere; the service judges where.

    Who is not logged in is sent to log in and comes back; a form he had typed is kept by the page itself.
    """

    def decorate(view: V) -> V:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = getattr(request, "actor", NOBODY)
            if login and not actor.is_authenticated:
                target = request.get_full_path() if request.method == "GET" else request.path
                if request.headers.get("HX-Request") == "true":
                    return HttpResponse(
                        status=204,
                        headers={"HX-Redirect": f"{settings.LOGIN_URL}?{urlencode({'next': '/'})}"},
                    )
                return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': target})}")
            if permission:
                actor.require(permission)
            return view(request, *args, **kwargs)

        guarded.asks_permission = permission  # type: ignore[attr-defined]  # read by the check at start
        return cast(V, never_cache(guarded))

    return decorate
