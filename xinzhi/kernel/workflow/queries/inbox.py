"""The one inbox: everything that waits for this actor, in all scenes, by deadline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.db import connection
from django.utils.translation import gettext as _t

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.paging import (
    MAX_PAGE_SIZE,
    CursorNotUnderstood,
    Page,
    decode_cursor,
    encode_cursor,
)
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.workflow import ports, registry
from xinzhi.kernel.workflow.deadlines import last_day
from xinzhi.kernel.workflow.errors import FourEyes, OwnHousehold
from xinzhi.kernel.workflow.lifecycle import Lifecycle, PermissionBy, Presented
from xinzhi.kernel.workflow.models import Task
from xinzhi.kernel.workflow.services.judging import own_household_ids


@dataclass(frozen=True, slots=True)
class InboxFilters:
    """Narrow the inbox. `actionable` leaves out what this actor may not decide himself."""

    lifecycle: str = ""
    village_id: int | None = None
    overdue: bool = False
    actionable: bool = False


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One line of the inbox, ready for the page. `barred` says why this actor cannot decide it himself."""

    id: int
    lifecycle: str
    lifecycle_label: str
    subject_id: int
    state: str
    state_label: str
    village_id: int
    household_id: int | None
    level: int
    opened_at: datetime
    due_at: datetime
    last_day: date | None
    is_overdue: bool
    title: str
    subtitle: str
    warning: str
    detail_url: str
    barred: str


def owner_permissions() -> frozenset[str]:
    """Every permission by which some lifecycle hands out tasks or tells of overdue ones."""
    found: set[str] = set()
    for lifecycle in registry.lifecycles().values():
        owners = [s.owner for s in lifecycle.states] + [t.owner_permission for t in lifecycle.transitions]
        for owner in owners:
            found |= set(owner.permissions.values()) if isinstance(owner, PermissionBy) else {owner}
        for state in lifecycle.states:
            found |= {e.permission for e in lifecycle.escalation_of(state)}
    return frozenset(found - {""})


def _places(actor: Actor, permissions: Iterable[str]) -> dict[str, list[int]]:
    """The villages in which each permission is held: one region query for each distinct set of paths."""
    by_paths: dict[tuple[str, ...], list[int]] = {}
    found: dict[str, list[int]] = {}
    for permission in sorted(permissions):
        paths = tuple(sorted(actor.scope_paths(permission)))
        if paths and paths not in by_paths:
            by_paths[paths] = regions.village_ids_within(paths)
        if paths:
            found[permission] = by_paths[paths]
    return found


#: Up to so many pairs of permission and village get an index range of their own; above it, one for each permission.
MOST_RANGES = 100

# At most `limit` rows from each index range, then the soonest of them: the work does not grow with the number of
# open tasks. A task can come twice (by role and for the own household), hence twice the limit.
_SQL = """
SELECT * FROM (
    SELECT near.* FROM {places}
    CROSS JOIN LATERAL (
        SELECT * FROM workflow_task task
        WHERE NOT task.waiting AND task.permission = place.permission AND {in_place}
          AND (task.due_at, task.id) > (%(after_due)s, %(after_id)s) {narrow}
        ORDER BY task.due_at, task.id LIMIT %(limit)s
    ) near
    UNION ALL
    SELECT own.* FROM (
        SELECT * FROM workflow_task task
        WHERE NOT task.waiting AND task.household_id = ANY(%(acting_for)s::bigint[])
          AND task.permission = ANY(%(own_permissions)s::text[])
          AND (task.due_at, task.id) > (%(after_due)s, %(after_id)s) {narrow}
        ORDER BY task.due_at, task.id LIMIT %(limit)s
    ) own
) found
ORDER BY due_at, id LIMIT 2 * %(limit)s
"""
_EACH_PAIR = "unnest(%(permissions)s::text[], %(villages)s::bigint[]) AS place(permission, village_id)"
_EACH_PERMISSION = "unnest(%(permissions)s::text[]) AS place(permission)"


def _statement(filters: InboxFilters, *, each_pair: bool) -> str:
    narrow = ""
    if filters.lifecycle:
        narrow += " AND task.lifecycle = %(lifecycle)s"
    if filters.village_id is not None:
        narrow += " AND task.village_id = %(village_id)s"
    if filters.overdue:
        narrow += " AND (task.due_at <= %(at)s OR task.level > 0)"
    if filters.actionable:
        narrow += (
            " AND NOT (%(person_key)s = ANY(task.barred_keys))"
            " AND NOT (task.recuses AND task.household_id IS NOT NULL"
            " AND task.household_id = ANY(%(own_households)s::bigint[]))"
        )
    if each_pair:
        return _SQL.format(places=_EACH_PAIR, in_place="task.village_id = place.village_id", narrow=narrow)
    return _SQL.format(
        places=_EACH_PERMISSION, in_place="task.village_id = ANY(%(villages)s::bigint[])", narrow=narrow
    )


def statement(
    actor: Actor, *, at: datetime, cursor: str | None, limit: int, filters: InboxFilters
) -> tuple[str, dict[str, Any]] | None:
    """The one statement behind `inbox` with its values, or None when nothing can wait for this actor."""
    after_due, after_id = _after(cursor)
    known = owner_permissions()
    places = _places(actor, known)
    if filters.village_id is not None:
        places = {p: [v for v in villages if v == filters.village_id] for p, villages in places.items()}
    own_permissions = sorted(p for p in known if actor.own_households(p))
    if not any(places.values()) and not own_permissions:
        return None
    pairs = [(p, v) for p, villages in places.items() for v in villages]
    by_villages = {tuple(villages) for villages in places.values() if villages}
    # One range for each permission needs the same villages for all of them; officers of a county have them.
    each_pair = len(pairs) <= MOST_RANGES or len(by_villages) > 1
    values = {
        "permissions": [p for p, _v in pairs]
        if each_pair
        else [p for p, villages in places.items() if villages],
        "villages": [v for _p, v in pairs] if each_pair else list(next(iter(by_villages))),
        "own_permissions": own_permissions,
        "acting_for": sorted(actor.household_ids) if own_permissions else [],
        "own_households": sorted(own_household_ids(actor, at)),
        "after_due": after_due,
        "after_id": after_id,
        "limit": limit + 1,
        "lifecycle": filters.lifecycle,
        "village_id": filters.village_id,
        "at": at,
        "person_key": actor.person_key,
    }
    return _statement(filters, each_pair=each_pair), values


def inbox(
    actor: Actor,
    *,
    at: datetime,
    cursor: str | None = None,
    limit: int = 50,
    filters: InboxFilters | None = None,
) -> Page[InboxItem]:
    """Open tasks whose permission the actor holds in their village (or for his own household), soonest first.

    Tasks he may not decide himself (own household, four eyes) stay in the list with the reason, unless `actionable`.
    A constant number of queries: scope, tasks, and what each scene on the page needs for its titles.
    """
    limit = max(1, min(limit, MAX_PAGE_SIZE))
    asked = statement(actor, at=at, cursor=cursor, limit=limit, filters=filters or InboxFilters())
    if asked is None:
        return Page([], None)
    sql, values = asked
    with connection.cursor() as db:
        db.execute(sql, values)
        columns = [c[0] for c in db.description]
        found = [Task(**dict(zip(columns, row, strict=True))) for row in db.fetchall()]
    rows = list({task.pk: task for task in found}.values())
    shown = rows[:limit]
    items = _present(shown, actor, at, frozenset(cast("list[int]", values["own_households"])))
    more = encode_cursor(shown[-1].due_at.isoformat(), shown[-1].pk) if len(rows) > limit else None
    return Page(items, more)


def _after(cursor: str | None) -> tuple[datetime | str, int]:
    values = decode_cursor(cursor, 2)
    if values is None:
        return "-infinity", 0
    try:
        return datetime.fromisoformat(str(values[0])), int(values[1])
    except ValueError:
        raise CursorNotUnderstood() from None


def _present(tasks: Sequence[Task], actor: Actor, at: datetime, own: frozenset[int]) -> list[InboxItem]:
    known = registry.lifecycles()
    ids: dict[str, list[int]] = defaultdict(list)
    for task in tasks:
        ids[task.lifecycle].append(task.subject_id)
    named = {name: ports.port_of(name).present_many(sorted(set(of)), actor=actor) for name, of in ids.items()}
    return [
        _item(t, known.get(t.lifecycle), named[t.lifecycle].get(t.subject_id), actor, at, own) for t in tasks
    ]


def _item(
    task: Task,
    lifecycle: Lifecycle | None,
    shown: Presented | None,
    actor: Actor,
    at: datetime,
    own: frozenset[int],
) -> InboxItem:
    label = str(lifecycle.label) if lifecycle else task.lifecycle
    state = lifecycle.label_of(task.state) if lifecycle else task.state
    return InboxItem(
        id=task.pk,
        lifecycle=task.lifecycle,
        lifecycle_label=label,
        subject_id=task.subject_id,
        state=task.state,
        state_label=state,
        village_id=task.village_id,
        household_id=task.household_id,
        level=task.level,
        opened_at=task.opened_at,
        due_at=task.due_at,
        last_day=last_day(task.due_at),
        is_overdue=task.due_at <= at or task.level > 0,
        title=shown.title if shown else _t("%(kind)s no. %(id)s") % {"kind": label, "id": task.subject_id},
        subtitle=shown.subtitle if shown else "",
        warning=shown.warning if shown else "",
        detail_url=shown.detail_url if shown else "",
        barred=_barred(task, lifecycle, actor, own),
    )


def _barred(task: Task, lifecycle: Lifecycle | None, actor: Actor, own: frozenset[int]) -> str:
    """Why this actor cannot decide the task himself, as a sentence; "" when he can."""
    if actor.is_system or task.level > 0 or lifecycle is None:
        return ""
    if task.recuses and task.household_id in own:
        return str(OwnHousehold())
    if actor.person_key in task.barred_keys:
        against = [a for t in lifecycle.from_state(task.state) for a in t.four_eyes_against]
        return str(FourEyes(action=str(lifecycle.word_for(against[0])) if against else ""))
    return ""


def waiting_count(actor: Actor, *, at: datetime, most: int = 100) -> int:
    """How many tasks wait, counted up to `most`: for a badge, never an exact count of a long list."""
    return len(inbox(actor, at=at, limit=most, filters=InboxFilters(actionable=True)).items)
