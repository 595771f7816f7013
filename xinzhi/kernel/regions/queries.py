"""Reading the tree. Names and codes of regions are public; what lies in them is scoped by `identity.scope`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.foundation.paging import Page, id_cursor, page_of
from xinzhi.kernel.regions.codes import CodeNotUnderstood, normal_code
from xinzhi.kernel.regions.models import CodeSystem, Level, Region, RegionCode

_MAX_DEPTH = 20
_cache: ContextVar[dict[tuple[bool, tuple[str, ...]], list[int]] | None] = ContextVar(
    "regions_cache", default=None
)


class RegionNotFound(NotFound):
    code = "regions.not_found"
    sentence = _("There is no region with the code or number “%(found)s”. Look it up in the list of regions.")


@contextmanager
def cached() -> Iterator[None]:
    """Let `ids_within` remember its answers inside the block: one request, never longer."""
    token = _cache.set({})
    try:
        yield
    finally:
        _cache.reset(token)


def forget_cached() -> None:
    """Called by every write to the tree."""
    remembered = _cache.get()
    if remembered is not None:
        remembered.clear()


def region(region_id: int) -> Region:
    """The region. Raises RegionNotFound."""
    found = Region.objects.filter(pk=region_id).first()
    if found is None:
        raise RegionNotFound(found=str(region_id))
    return found


def region_by_code(code: str, on: date | None = None) -> Region:
    """The region that bears or once bore this code; with `on`, the one that bore it on that day.

    A code changes, the region stays (天子湖镇 330523109 → 330523111): both resolve to it. Identity numbers
    carry the code of the day they were given, so a code out of force still resolves when nobody else bore
    it on `on`. Written with 2, 4, 6, 9 or 12 digits. Raises RegionNotFound.
    """
    try:
        full = normal_code(code)
    except CodeNotUnderstood:
        raise RegionNotFound(found=str(code)[:20]) from None
    wanted = Q(system=CodeSystem.STAT12, code=full)
    if full.endswith("000000"):
        wanted |= Q(system=CodeSystem.GBT2260, code=full[:6])
    in_force = Q(active_to__isnull=True)
    if on is not None:
        in_force = Q(active_from__lte=on) & (Q(active_to__isnull=True) | Q(active_to__gt=on))
    best = (
        RegionCode.objects.filter(wanted)
        .annotate(rank=Case(When(in_force, then=Value(0)), default=Value(1), output_field=IntegerField()))
        .select_related("region")
        .order_by("rank", "-active_from", "id")
        .first()
    )
    if best is None:
        raise RegionNotFound(found=str(code)[:20])
    return best.region


def code_of(region: Region, on: date | None = None, system: str = CodeSystem.STAT12) -> str | None:
    """The region's code in force today (or on that day), None where it has none, as villager groups."""
    rows = RegionCode.objects.filter(region=region, system=system)
    if on is None:
        rows = rows.filter(active_to__isnull=True)
    else:
        rows = rows.filter(active_from__lte=on).filter(Q(active_to__isnull=True) | Q(active_to__gt=on))
    return rows.values_list("code", flat=True).first()


def within(scope_paths: Iterable[str]) -> Q:
    """The filter on Region rows for these paths; no path matches nothing."""
    paths = _shortest(scope_paths)
    if not paths:
        return Q(pk__in=[])
    if paths == ("",):
        return Q()
    condition = Q()
    for path in paths:
        condition |= Q(scope_path__startswith=path)
    return condition


def ids_within(scope_paths: Iterable[str]) -> list[int]:
    """Ids of all regions at or below these paths, predecessors included, ascending; "" means all. One query."""
    return _ids(scope_paths, only_villages=False)


def village_ids_within(scope_paths: Iterable[str]) -> list[int]:
    """As `ids_within`, villages only (abolished ones too, their rows are still there)."""
    return _ids(scope_paths, only_villages=True)


def _ids(scope_paths: Iterable[str], *, only_villages: bool) -> list[int]:
    paths = _shortest(scope_paths)
    if not paths:
        return []
    remembered = _cache.get()
    key = (only_villages, paths)
    if remembered is not None and key in remembered:
        return list(remembered[key])
    rows = Region.objects.filter(within(paths))
    if only_villages:
        rows = rows.filter(level=Level.VILLAGE)
    found = list(rows.order_by("id").values_list("id", flat=True))
    if remembered is not None:
        remembered[key] = found
    return list(found)


def _shortest(scope_paths: Iterable[str]) -> tuple[str, ...]:
    """Without paths that lie below another one. A path that does not end in "/" could match a longer id."""
    kept: list[str] = []
    for path in sorted(set(scope_paths)):
        if path and not path.endswith("/"):
            raise ValueError(f"A scope path ends with '/', found {path!r}.")
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return tuple(kept)


def path_of(region_id: int) -> str:
    """The region's `scope_path`. Raises RegionNotFound."""
    path = Region.objects.filter(pk=region_id).values_list("scope_path", flat=True).first()
    if path is None:
        raise RegionNotFound(found=str(region_id))
    return path


def ancestors(region: Region, as_of: date | None = None) -> list[Region]:
    """From the root down to the parent: in the current tree, or as it stood on a day."""
    if as_of is None:
        ids = [int(part) for part in region.scope_path.split("/")[:-2]]
        found = Region.objects.in_bulk(ids)
        return [found[i] for i in ids]
    rows = Region.objects.raw(
        """
        WITH RECURSIVE up (id, depth) AS (
            SELECT p.parent_id, 1 FROM regions_regionplacement p
             WHERE p.region_id = %(start)s AND p.parent_id IS NOT NULL
               AND p.active_from <= %(day)s AND (p.active_to IS NULL OR p.active_to > %(day)s)
            UNION ALL
            SELECT p.parent_id, up.depth + 1 FROM up JOIN regions_regionplacement p ON p.region_id = up.id
             WHERE p.parent_id IS NOT NULL AND up.depth < %(max)s
               AND p.active_from <= %(day)s AND (p.active_to IS NULL OR p.active_to > %(day)s)
        )
        SELECT r.* FROM up JOIN regions_region r ON r.id = up.id ORDER BY up.depth DESC
        """,
        {"start": region.pk, "day": as_of, "max": _MAX_DEPTH},
    )
    return list(rows)


def children(actor: Actor, region: Region | None, as_of: date | None = None) -> list[Region]:
    """Regions right below (None: the roots), today or as they stood on a day. Raises Forbidden for a stranger."""
    if not actor.is_authenticated:
        raise Forbidden()
    rows: QuerySet[Region]
    if as_of is None:
        rows = Region.objects.filter(parent=region, active_to__isnull=True)
    else:
        rows = Region.objects.filter(
            Q(placements__active_to__isnull=True) | Q(placements__active_to__gt=as_of),
            placements__parent=region,
            placements__active_from__lte=as_of,
        )
    return list(rows.order_by("id"))


def predecessors(region: Region) -> list[Region]:
    """Regions this one succeeded, latest first."""
    return list(Region.objects.filter(succeeded_by=region).order_by("-active_to", "id"))


def village_of(region: Region) -> Region:
    """The village this region is or lies in. Raises RegionNotFound above village level."""
    if region.level == Level.VILLAGE:
        return region
    for above in reversed(ancestors(region)):
        if above.level == Level.VILLAGE:
            return above
    raise RegionNotFound(found=str(region.pk))


def names(region_ids: Iterable[int]) -> dict[int, str]:
    """Names of many regions in one query."""
    return dict(Region.objects.filter(pk__in=set(region_ids)).values_list("id", "name"))


def search(
    actor: Actor,
    *,
    q: str = "",
    level: str | None = None,
    below: int | None = None,
    permission: str | None = None,
    include_former: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Region]:
    """Regions for a picker, by part of the name or by the beginning of a code.

    With `permission`, only those where the actor holds it. Raises Forbidden for a stranger.
    """
    if not actor.is_authenticated:
        raise Forbidden()
    rows = Region.objects.all()
    if not include_former:
        rows = rows.filter(active_to__isnull=True)
    if permission is not None:
        rows = rows.filter(within(actor.scope_paths(permission)))
    if below is not None:
        path = path_of(below)
        rows = rows.filter(scope_path__startswith=path).exclude(pk=below)
    if level:
        rows = rows.filter(level=level)
    if q := q.replace("\x00", "").strip()[:40]:
        matches = Q(name__icontains=q) | Q(short_name__icontains=q)
        if q.isdigit() and q.isascii():
            matches |= Q(pk__in=RegionCode.objects.filter(code__startswith=q).values("region_id"))
        rows = rows.filter(matches)
    after = id_cursor(cursor)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    limit = max(1, min(limit, 200))
    return page_of(list(rows.order_by("id")[: limit + 1]), limit)
