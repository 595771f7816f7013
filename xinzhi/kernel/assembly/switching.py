"""Where a scene is switched on: the nearest switch up the tree decides, without one it is on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from asgiref.local import Local
from django.apps import apps
from django.db.models import Q

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor

#: Scope path ("1/4/9/") to on or off, for one scene.
Switches = Mapping[str, bool]

#: The switches read for the request under way, so that a page asks once.
_of_request = Local()


def switches(day: date | None = None) -> dict[str, dict[str, bool]]:
    """The switches in force, by slug and scope path. One query, once per request."""
    kept: dict[str, dict[str, bool]] | None = getattr(_of_request, "switches", None)
    if kept is not None and day is None:
        return kept
    day = day or clock.today()
    found: dict[str, dict[str, bool]] = {}
    rows = (
        apps.get_model("assembly", "Switch")
        ._default_manager.filter(Q(active_from__lte=day) & (Q(active_to__isnull=True) | Q(active_to__gt=day)))
        .values_list("slug", "region__scope_path", "enabled")
        .order_by("id")
    )
    for slug, path, enabled in rows:
        found.setdefault(slug, {})[path] = enabled
    if hasattr(_of_request, "switches"):
        _of_request.switches = found
    return found


def begin_request(**_signal: object) -> None:
    _of_request.switches = None


def end_request(**_signal: object) -> None:
    if hasattr(_of_request, "switches"):
        del _of_request.switches


def ask_again() -> None:
    """Forget what this request has read: a switch was moved."""
    if hasattr(_of_request, "switches"):
        _of_request.switches = None


def on_at(of_scene: Switches, path: str) -> bool:
    """Whether it is on at a scope path."""
    deciding = [p for p in of_scene if path.startswith(p)]
    return of_scene[max(deciding, key=len)] if deciding else True


def on_in_or_below(of_scene: Switches, path: str) -> bool:
    """Whether it is on at a scope path or anywhere below it: an officer sees what one of his villages uses."""
    return on_at(of_scene, path) or any(on for p, on in of_scene.items() if p.startswith(path))


def is_enabled(slug: str, region_id: int | None = None) -> bool:
    """Whether a scene is switched on in a region (None: nowhere in particular, so on). One or two queries."""
    of_scene = switches().get(slug)
    if not of_scene or region_id is None:
        return True
    region = apps.get_model("regions", "Region")._default_manager.filter(pk=region_id)
    path = region.values_list("scope_path", flat=True).first()
    return path is None or on_at(of_scene, path)


def is_enabled_for(slug: str, actor: Actor) -> bool:
    """Whether a scene is switched on anywhere this actor works or lives. Strangers and the system see all."""
    of_scene = switches().get(slug)
    if not of_scene:
        return True
    paths = [g.scope_path for g in actor.grants]
    if actor.household_ids:
        household = apps.get_model("residents", "Household")._default_manager
        paths += household.filter(pk__in=actor.household_ids).values_list("village__scope_path", flat=True)
    return not paths or any(on_in_or_below(of_scene, path) for path in paths)
