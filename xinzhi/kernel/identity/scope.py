"""What an actor may see: the one way to scope rows.

    rows = scope.visible(Deed.objects.all(), actor, "governance_points.view_deeds")
    page = scope.newest(Deed.objects.filter(state="open"), actor, "…", limit=50, before_id=cursor)

Roles open the rows of their regions (predecessors included), memberships and mandates those of the own
households. Without the permission there is nothing: these functions fail closed.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import Any, TypeVar, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, BooleanField, F, Func, Model, OuterRef, Q, QuerySet

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions.models import Region

M = TypeVar("M", bound=Model)


def region_ids(actor: Actor, permission: str, *, region_field: str = "village_id") -> list[int] | None:
    """Ids of the regions where a role gives the permission; None means everywhere, [] nowhere."""
    paths = actor.scope_paths(permission)
    if "" in paths:
        return None
    if region_field.removesuffix("_id").endswith("village"):
        return regions.village_ids_within(paths)
    return regions.ids_within(paths)


def visible(
    queryset: QuerySet[M],
    actor: Actor,
    permission: str,
    *,
    region_field: str | None = "village_id",
    household_field: str | None = "household_id",
) -> QuerySet[M]:
    """The rows of `queryset` the actor may see by this permission.

    `region_field` names the column with the region's id ("village_id" means village level), or None where
    regions do not count; `household_field` the column with the household, or None.
    """
    ids = region_ids(actor, permission, region_field=region_field or "village_id")
    own = actor.own_households(permission) if household_field else ()
    if ids is None:
        return queryset
    condition: Q | None = None
    if ids and region_field:
        condition = Q(**{region_field: ids[0]}) if len(ids) == 1 else Q(**{f"{region_field}__in": ids})
    if own:
        of_own = Q(**{f"{household_field}__in": own})
        condition = of_own if condition is None else condition | of_own
    return queryset.none() if condition is None else queryset.filter(condition)


def newest(
    queryset: QuerySet[M],
    actor: Actor,
    permission: str,
    *,
    limit: int,
    before_id: int | None = None,
    region_field: str = "village_id",
    household_field: str | None = "household_id",
) -> list[M]:
    """The newest `limit` visible rows by id, older than `before_id`: quick however many rows there are.

    The model needs an index on (region, id). Of several regions the newest ids are taken region by region from
    that index and merged, since "region in (…) order by id" would sort them all. Pass `limit + 1` to learn
    whether there is a next page. The order of `queryset` is replaced.
    """
    if before_id is not None:
        queryset = queryset.filter(pk__lt=before_id)
    queryset = queryset.order_by("-pk")
    ids = region_ids(actor, permission, region_field=region_field)
    if ids is None:
        return list(queryset[:limit])
    own = actor.own_households(permission) if household_field else ()
    if len(ids) == 1 and not own:
        return list(_of_region(queryset, region_field, ids[0], before_id)[:limit])
    runs = _newest_ids(queryset, region_field, ids, limit, before_id)
    if own:
        runs.append(
            list(queryset.filter(**{f"{household_field}__in": own}).values_list("pk", flat=True)[:limit])
        )
    chosen = list(islice(_distinct(heapq.merge(*runs, reverse=True)), limit))
    return list(queryset.filter(pk__in=chosen)) if chosen else []


def latest_per_region(
    queryset: QuerySet[M], actor: Actor, permission: str, *, limit: int, region_field: str = "village_id"
) -> dict[int, list[int]]:
    """The newest `limit` ids of each region the actor may see, for overviews. Needs a role in a region or above."""
    ids = region_ids(actor, permission, region_field=region_field)
    if ids is None:
        ids = regions.village_ids_within([""]) if "village" in region_field else regions.ids_within([""])
    if not ids:
        return {}
    return dict(zip(ids, _newest_ids(queryset.order_by("-pk"), region_field, ids, limit), strict=True))


def _newest_ids(
    queryset: QuerySet[Any], region_field: str, ids: list[int], limit: int, before_id: int | None = None
) -> list[list[int]]:
    """For each region, in the order of `ids`: one statement that walks the index once per region."""
    if not ids:
        return []
    of_region = _of_region(queryset, region_field, OuterRef("pk"), before_id).values("pk")[:limit]
    found = dict(Region.objects.filter(pk__in=ids).values_list("pk", ArraySubquery(of_region)))
    return [found.get(i, []) for i in ids]


def _of_region(
    queryset: QuerySet[Any], region_field: str, region: int | OuterRef, before_id: int | None
) -> QuerySet[Any]:
    """One region's rows, newest first, said so that PostgreSQL takes the index of (region, id).

    For "region = 7 order by id desc" it may walk the primary key backwards instead and filter: quick where 7
    has written lately, a walk over the whole table where it has not. A range of one value, ordered by region
    and id, only fits the index of both.
    """
    direction = _index_direction(cast("type[Model]", queryset.model), region_field.removesuffix("_id"))
    if direction is None:
        return queryset.filter(**{region_field: region})
    rows = queryset.filter(**{f"{region_field}__gte": region})
    if before_id is not None and direction == "ASC":
        # Says "region <= 7" as well; both together and PostgreSQL 18 enters the index at the worse one.
        rows = rows.filter(_row_before(region_field, region, before_id))
    else:
        rows = rows.filter(**{f"{region_field}__lte": region})
    # Walked backwards, an index on (region, id) gives both descending; one on (region, -id) is walked forwards.
    return rows.order_by(f"{'-' if direction == 'ASC' else ''}{region_field}", "-pk")


def _row_before(region_field: str, region: int | OuterRef, before_id: int) -> Func:
    """(region, id) < (7, 500): where the index is entered, so that the hundredth page costs what the first does."""

    def row(*parts: object) -> Func:
        return Func(*parts, template="(%(expressions)s)", output_field=BigIntegerField())

    sides = row(F(region_field), F("pk")), row(region, before_id)
    return Func(*sides, template="%(expressions)s", arg_joiner=" < ", output_field=BooleanField())


@cache
def _index_direction(model: type[Model], region_name: str) -> str | None:
    """How the id stands in the model's index that begins with the region: "ASC", "DESC", None without such an index."""
    pk = model._meta.pk.name
    for index in model._meta.indexes:
        columns = [(name, direction or "ASC") for name, direction in index.fields_orders] or [
            _column(expression) for expression in index.expressions
        ]
        names = [name.removesuffix("_id") for name, _direction in columns]
        if len(columns) > 1 and names[0] == region_name and columns[0][1] == "ASC":
            for name, direction in columns[1:]:
                if name in (pk, "pk"):
                    return direction
    return None


def _column(expression: Any) -> tuple[str, str]:
    """Name and direction of `F("id").desc()` in an index."""
    inner = getattr(expression, "expression", expression)
    return getattr(inner, "name", ""), "DESC" if getattr(expression, "descending", False) else "ASC"


def _distinct(ids: Iterable[int]) -> Iterable[int]:
    last = None
    for value in ids:
        if value != last:
            yield value
        last = value
