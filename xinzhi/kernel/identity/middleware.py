"""Gives every request its actor, without asking the database before somebody looks."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from xinzhi.kernel.identity.actors import actor_of_request


class ActorMiddleware:
    """Sets `request.actor`, and lets the tree of regions be read once per request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Imported late: middleware is named in settings before the tables are.
        from xinzhi.kernel.regions.queries import cached

        request.actor = SimpleLazyObject(lambda: actor_of_request(request))  # type: ignore[attr-defined]
        with cached():
            return self.get_response(request)
