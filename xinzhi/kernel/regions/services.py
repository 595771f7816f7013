"""Writing the tree. Every act takes one lock: the tree is small, changes rarely, and must never fork."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, Invalid
from xinzhi.kernel.regions import queries
from xinzhi.kernel.regions.codes import CodeOfOtherLevel, level_of_code, stored_code
from xinzhi.kernel.regions.divisions import DivisionReport, import_divisions
from xinzhi.kernel.regions.models import CodeSystem, Level, Region, RegionCode, RegionPlacement
from xinzhi.kernel.regions.tree import SINCE_EVER, lock_tree

__all__ = [
    "SINCE_EVER",
    "DivisionReport",
    "add_code",
    "create_region",
    "import_divisions",
    "move_region",
    "rename_region",
    "succeed",
]

MANAGE = "regions.region.manage"
_RANK = {level: rank for rank, level in enumerate(Level.values)}


class RegionBelowWrongLevel(Invalid):
    code = "regions.below_wrong_level"
    sentence = _("A “%(child)s” cannot lie below a “%(parent)s”. Choose a region of a higher level.")


class CodeTaken(Conflict):
    code = "regions.code_taken"
    sentence = _(
        "The code %(code)s belongs to %(holder)s on that day. Close it there first, or check the number."
    )


class RegionHasEnded(Conflict):
    code = "regions.has_ended"
    sentence = _("%(name)s ended on %(day)s. Choose a region that still exists.")


class CannotFollowItself(Conflict):
    code = "regions.would_be_cycle"
    sentence = _("%(name)s lies in %(other)s or is the same region, so this would turn the tree into a ring.")


class SuccessorOfOtherLevel(Invalid):
    code = "regions.successor_of_other_level"
    sentence = _(
        "A “%(predecessor)s” can only be succeeded by a region of the same level; found “%(successor)s”."
    )


class DayBeforeRegion(Invalid):
    code = "regions.day_before_region"
    sentence = _("%(name)s exists since %(day)s. Choose a later day.")


@transaction.atomic
def create_region(
    *,
    actor: Actor,
    level: str,
    name: str,
    parent: Region | None = None,
    code: str | None = None,
    active_from: date = SINCE_EVER,
    short_name: str = "",
    at: datetime | None = None,
) -> Region:
    """A new region below `parent`, with its 12-digit code where it has one.

    Raises RegionBelowWrongLevel, RegionHasEnded, CodeTaken, CodeNotUnderstood, CodeOfOtherLevel.
    """
    lock_tree()
    if parent is not None:
        parent.refresh_from_db()
    actor.require(MANAGE, scope_path=parent.scope_path if parent else "")
    level = Level(level)
    _fits_below(level, parent)
    region = Region(
        parent=parent, level=level, name=name.strip(), short_name=short_name.strip(), active_from=active_from
    )
    region.save()
    RegionPlacement.objects.create(region=region, parent=parent, active_from=active_from)
    queries.forget_cached()
    if code:
        _put_code(region, CodeSystem.STAT12, code, active_from)
    _record(actor, "regions.create_region", region, at)
    return region


def _fits_below(level: str, parent: Region | None) -> None:
    if parent is None:
        return
    if parent.active_to is not None:
        raise RegionHasEnded(name=parent.name, day=parent.active_to.isoformat())
    # A grid may be cut out of a village, a township or a group; the rest stands strictly below.
    if _RANK[parent.level] >= _RANK[level]:
        raise RegionBelowWrongLevel(child=Level(level).label, parent=Level(parent.level).label)


@transaction.atomic
def add_code(
    *,
    actor: Actor,
    region: Region,
    code: str,
    active_from: date,
    system: str = CodeSystem.STAT12,
    at: datetime | None = None,
) -> RegionCode:
    """Give the region a code from a day on; the code it had in this system ends that day. Region and history stay.

    The same code again changes nothing. Raises CodeTaken, CodeNotUnderstood, CodeOfOtherLevel, DayBeforeRegion.
    """
    lock_tree()
    region.refresh_from_db()
    actor.require(MANAGE, scope_path=region.scope_path)
    row, is_new = _put_code(region, system, code, active_from)
    if is_new:
        _record(actor, "regions.add_code", region, at)
    return row


def _put_code(region: Region, system: str, code: str, active_from: date) -> tuple[RegionCode, bool]:
    code = stored_code(system, code)
    found = level_of_code(code)
    if found != region.level:
        raise CodeOfOtherLevel(code=code, found=found.label, needed=Level(region.level).label, field="code")
    current = RegionCode.objects.filter(region=region, system=system, active_to__isnull=True).first()
    if current is not None and current.code == code:
        return current, False
    later = RegionCode.objects.filter(system=system, code=code).exclude(active_to__lte=active_from).first()
    if later is not None:
        raise CodeTaken(code=code, holder=later.region.name, field="code")
    if current is not None:
        if current.active_from >= active_from:
            raise DayBeforeRegion(name=f"{region.name} {current.code}", day=current.active_from.isoformat())
        RegionCode.objects.filter(pk=current.pk).update(active_to=active_from)
    return RegionCode.objects.create(region=region, system=system, code=code, active_from=active_from), True


@transaction.atomic
def rename_region(
    *, actor: Actor, region: Region, name: str, short_name: str | None = None, at: datetime | None = None
) -> Region:
    """Correct or change the name."""
    lock_tree()
    region.refresh_from_db()
    actor.require(MANAGE, scope_path=region.scope_path)
    region.name = name.strip()
    if short_name is not None:
        region.short_name = short_name.strip()
    region.save(update_fields=["name", "short_name"])
    _record(actor, "regions.rename_region", region, at)
    return region


@transaction.atomic
def move_region(
    *, actor: Actor, region: Region, parent: Region, on: date, at: datetime | None = None
) -> Region:
    """Put a region with all below it under another parent from a day on; where it stood before stays known.

    Raises CannotFollowItself, RegionHasEnded, RegionBelowWrongLevel, DayBeforeRegion.
    """
    lock_tree()
    region.refresh_from_db()
    parent.refresh_from_db()
    actor.require(MANAGE, scope_path=region.scope_path)
    actor.require(MANAGE, scope_path=parent.scope_path)
    if parent.scope_path.startswith(region.scope_path):
        raise CannotFollowItself(name=parent.name, other=region.name)
    if region.active_to is not None:
        raise RegionHasEnded(name=region.name, day=region.active_to.isoformat())
    _fits_below(region.level, parent)
    if region.parent_id == parent.pk:
        return region
    _place_below([region.pk], parent, on)
    _rewrite_paths(region.scope_path, f"{parent.scope_path}{region.pk}/")
    _record(actor, "regions.move_region", region, at)
    region.refresh_from_db()
    return region


@transaction.atomic
def succeed(
    *, actor: Actor, predecessor: Region, successor: Region, on: date, at: datetime | None = None
) -> None:
    """Let one region succeed another from a day on (皈山乡 → 孝源街道, 2014-01-15).

    The predecessor ends, keeps its row, codes and everything recorded under it; its regions come under the
    successor; whoever may see the successor sees the predecessor's rows. Codes of the predecessor end that
    day and stay resolvable. Doing it again changes nothing.
    Raises CannotFollowItself, RegionHasEnded, SuccessorOfOtherLevel, DayBeforeRegion.
    """
    lock_tree()
    predecessor.refresh_from_db()
    successor.refresh_from_db()
    actor.require(MANAGE, scope_path=predecessor.scope_path)
    actor.require(MANAGE, scope_path=successor.scope_path)
    if predecessor.succeeded_by_id == successor.pk and predecessor.active_to == on:
        return
    for region in (predecessor, successor):
        if region.active_to is not None:
            raise RegionHasEnded(name=region.name, day=region.active_to.isoformat())
        if on < region.active_from or (region is predecessor and on == region.active_from):
            raise DayBeforeRegion(name=region.name, day=region.active_from.isoformat())
    if successor.scope_path.startswith(predecessor.scope_path):
        raise CannotFollowItself(name=successor.name, other=predecessor.name)
    if predecessor.level != successor.level:
        raise SuccessorOfOtherLevel(
            predecessor=Level(predecessor.level).label, successor=Level(successor.level).label
        )
    moved = list(
        Region.objects.filter(parent=predecessor, active_to__isnull=True).values_list("id", flat=True)
    )
    _place_below(moved, successor, on)
    _rewrite_paths(predecessor.scope_path, successor.scope_path, top_id=predecessor.pk)
    Region.objects.filter(pk=predecessor.pk).update(active_to=on, succeeded_by=successor)
    RegionPlacement.objects.filter(region=predecessor, active_to__isnull=True).update(active_to=on)
    RegionCode.objects.filter(region=predecessor, active_to__isnull=True, active_from__lt=on).update(
        active_to=on
    )
    _record(actor, "regions.succeed", predecessor, at)
    predecessor.refresh_from_db()
    successor.refresh_from_db()


def _place_below(region_ids: list[int], parent: Region, on: date) -> None:
    open_rows = RegionPlacement.objects.filter(region_id__in=region_ids, active_to__isnull=True)
    too_late = open_rows.filter(active_from__gte=on).select_related("region").first()
    if too_late is not None:
        raise DayBeforeRegion(
            name=too_late.region.name, day=(too_late.active_from + timedelta(days=1)).isoformat()
        )
    open_rows.update(active_to=on)
    RegionPlacement.objects.bulk_create(
        [RegionPlacement(region_id=pk, parent=parent, active_from=on) for pk in region_ids]
    )
    Region.objects.filter(pk__in=region_ids).update(parent=parent)


def _rewrite_paths(old: str, new: str, *, top_id: int | None = None) -> None:
    """Everything at or below `old` moves to `new`, in one statement; `top_id` itself goes below `new`."""
    queries.forget_cached()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE regions_region
               SET scope_path = CASE WHEN id = %(top)s THEN %(new)s || id || '/'
                                     ELSE %(new)s || substr(scope_path, length(%(old)s) + 1) END
             WHERE scope_path LIKE %(old)s || '%%'
            """,
            {"old": old, "new": new, "top": top_id or 0},
        )


def _record(actor: Actor, action: str, region: Region, at: datetime | None) -> None:
    audit.record(
        actor=actor, action=action, subject=f"region:{region.pk}", at=at or clock.now(), region_id=region.pk
    )
