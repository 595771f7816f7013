"""What one can see here: scope first, then filter, then shape."""

from __future__ import annotations

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.paging import Page, id_cursor, page_of
from xinzhi.kernel.identity import scope
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions.models import Region
from xinzhi.scenes._example.models import Entry

VIEW = "example.entry.view"


def entries(*, actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[Entry]:
    """The newest entries of the villages this actor works in. Raises CursorNotUnderstood."""
    rows = Entry.objects.select_related("village")
    found = scope.newest(
        rows, actor, VIEW, limit=limit + 1, before_id=id_cursor(cursor), household_field=None
    )
    return page_of(found, limit, key="pk")


def villages(*, actor: Actor, permission: str = VIEW) -> list[Region]:
    """The villages in which this actor holds the permission."""
    ids = regions.village_ids_within(actor.scope_paths(permission))
    return list(Region.objects.filter(pk__in=ids).order_by("pk"))
