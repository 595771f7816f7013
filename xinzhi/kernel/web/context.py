"""What every page knows: who reads, his menus, his way of reading."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from xinzhi.kernel.assembly import registry
from xinzhi.kernel.foundation.actors import NOBODY

ELDER = "elder"


def page_context(request: HttpRequest) -> dict[str, Any]:
    """`actor`, `home_base` (the frame of pages for everybody), `menu_villager`,
    `menu_workbench` (entries with their address; the desk carries those of administrators too), `elder`, `language`, `is_demo`."""
    actor = getattr(request, "actor", NOBODY)
    at_desk = (
        bool(actor.grants) and not actor.household_ids
    )  # an officer from elsewhere has no household's pages
    return {
        "actor": actor,
        "home_base": "web/workbench.html" if at_desk else "web/phone.html",
        "menu_villager": SimpleLazyObject(lambda: [] if at_desk else entries(request, "villager")),
        "menu_workbench": SimpleLazyObject(
            lambda: [*entries(request, "workbench"), *entries(request, "admin")]
        ),
        "elder": request.COOKIES.get(ELDER) == "1",
        "language": get_language() or "zh-hans",
        "is_demo": settings.DEMO,
    }


def entries(request: HttpRequest, audience: str) -> list[dict[str, Any]]:
    """The menu of an audience as this reader sees it, the present page marked."""
    found = []
    for item in registry.menu_for(getattr(request, "actor", NOBODY), audience):  # type: ignore[arg-type]
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            continue
        found.append({"label": item.label, "url": url, "icon": item.icon, "current": request.path == url})
    return found
