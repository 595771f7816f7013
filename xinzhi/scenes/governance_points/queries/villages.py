"""The villages somebody looks at: those of his office, all together or one of them."""

from __future__ import annotations

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions.models import Region


def my_villages(actor: Actor, permission: str) -> list[Region]:
    """Villages in which the actor holds the permission by a role."""
    ids = regions.village_ids_within(actor.scope_paths(permission))
    return list(Region.objects.filter(pk__in=ids).order_by("pk"))


def named(actor: Actor, permission: str) -> dict[int, str]:
    """`my_villages` as id → name. Raises NotFound when there is none."""
    found = {v.pk: v.name for v in my_villages(actor, permission)}
    if not found:
        raise NotFound()
    return found


def shown(mine: dict[int, str], village_id: int | None) -> dict[int, str]:
    """The one asked for, or all of them. Raises NotFound for somebody else's."""
    if village_id is None:
        return mine
    if village_id not in mine:
        raise NotFound()
    return {village_id: mine[village_id]}
