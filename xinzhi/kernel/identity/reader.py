"""Who reads a page or calls the API."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from xinzhi.kernel.foundation.actors import NOBODY, Actor


def reader(request: HttpRequest) -> Actor:
    """The actor the middleware found behind a request; nobody where there is none."""
    return cast(Actor, getattr(request, "actor", NOBODY))
