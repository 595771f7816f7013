"""Pages and API calls of a scene rest where it is switched off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver

from xinzhi.kernel.assembly.switching import is_enabled_for

View = Callable[..., Any]


def switched(slug: str) -> Callable[[View], View]:
    """Decorate a view or an API operation: SwitchedOff unless the scene is on somewhere this actor works or lives.

    `config` puts it on every route of a scene. A service that acts in one village asks for that village itself:
    `assembly.services.require_enabled(slug, region_id=village_id)`.
    """

    def decorate(view: View) -> View:
        if getattr(view, "switched_by", None) == slug:
            return view

        @wraps(view)
        def asked_first(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not is_enabled_for(slug, request.actor):  # type: ignore[attr-defined]
                from xinzhi.kernel.assembly.services import switched_off

                raise switched_off(slug)
            return view(request, *args, **kwargs)

        asked_first.switched_by = slug  # type: ignore[attr-defined]
        return asked_first

    return decorate


def guard(slug: str, patterns: Sequence[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The same routes, each asking for the switch first."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            guard(slug, pattern.url_patterns)
        else:
            pattern.callback = switched(slug)(pattern.callback)
    return list(patterns)
