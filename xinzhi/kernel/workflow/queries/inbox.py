"""The one inbox: everything that waits for this actor, in all scenes, by deadline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _t

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.paging import MAX_PAGE_SIZE, CursorNotUnderstood, Page, decode_cursor, encode_cursor
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.workflow import ports, registry
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


def _places(actor: Actor, permissions: Iterable[str]) -> list[tuple[str, int]]:
    """Pairs of permission and village in which it is held: one region query for each distinct set of paths."""
    by_paths: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for permission in sorted(permissions):
        paths = tuple(sorted(actor.scope_paths(permission)))
        if paths:
            by_paths[paths].append(permission)
    pairs: list[tuple[str, int]] = []
    for paths, held in by_paths.items():
        villages = regions.village_ids_within(paths)
        pairs += [(permission, village) for permission in held for village in villages]
    return pairs


# One index range of at most `limit` rows for each pair of permission and village, then the best of them: the work
# does not grow with the number of open tasks.
_SQL = """
SELECT t.* FROM (
    SELECT DISTINCT ON (found.id) found.* FROM (
        SELECT near.* FROM unnest(%(permissions)s::text[], %(villages)s::bigint[]) AS place(permission, village_id)
        CROSS JOIN LATERAL (
            SELECT * FROM workflow_task task
            WHERE NOT task.waiting AND task.permission = place.permission AND task.village_id = place.village_id
              AND (task.due_at, task.id) > (%(after_due)s, %(after_id)s) {narrow}
            ORDER BY task.due_at, task.id LIMIT %(limit)s
        ) near
        UNION ALL
        SELECT own.* FROM (
            SELECT * FROM workflow_task task
            WHERE NOT task.waiting AND task.household_id = ANY(%(own_households)s::bigint[])
              AND task.permission = ANY(%(own_permissions)s::text[])
              AND (task.due_at, task.id) > (%(after_due)s, %(after_id)s) {narrow}
            ORDER BY task.due_at, task.id LIMIT %(limit)s
        ) own
    ) found
) t
ORDER BY t.due_at, t.id LIMIT %(limit)s
"""


def inbox_sql(filters: InboxFilters) -> str:
    """The statement behind `inbox`, for its EXPLAIN test."""
    narrow = ""
    if filters.lifecycle:
        narrow += " AND task.lifecycle = %(lifecycle)s"
    if filters.overdue:
        narrow += " AND task.due_at <= %(at)s"
    if filters.actionable:
        narrow += (
            " AND NOT (%(person_key)s = ANY(task.barred_keys))"
            " AND (task.household_id IS NULL OR task.level > 0 OR task.permission = ANY(%(own_permissions)s::text[])"
            " OR NOT task.household_id = ANY(%(own_households)s::bigint[]))"
        )
    return _SQL.format(narrow=narrow)


def inbox(
    actor: Actor, *, at: datetime, cursor: str | None = None, limit: int = 50, filters: InboxFilters | None = None
) -> Page[InboxItem]:
    """Open tasks whose permission the actor holds in their village (or for his own household), soonest first.

    Tasks he may not decide himself (own household, four eyes) stay in the list with the reason, unless `actionable`.
    A constant number of queries: scope, tasks, and what each scene on the page needs for its titles.
    """
    filters = filters or InboxFilters()
    limit = max(1, min(limit, MAX_PAGE_SIZE))
    after_due, after_id = _after(cursor)
    known = owner_permissions()
    places = _places(actor, known)
    if filters.village_id is not None:
        places = [p for p in places if p[1] == filters.village_id]
    own_permissions = [p for p in known if actor.own_households(p)]
    own = own_household_ids(actor, at)
    if not places and not own_permissions:
        return Page([], None)
    params = {
        "permissions": [p for p, _village in places],
        "villages": [v for _permission, v in places],
        "own_permissions": own_permissions,
        "own_households": sorted(own) if filters.village_id is None or own_permissions else [],
        "after_due": after_due,
        "after_id": after_id,
        "limit": limit + 1,
        "lifecycle": filters.lifecycle,
        "at": at,
        "person_key": actor.person_key,
    }
    with connection.cursor() as db:
        db.execute(inbox_sql(filters), params)
        columns = [c[0] for c in db.description]
        rows = [Task(**dict(zip(columns, row, strict=True))) for row in db.fetchall()]
    shown = rows[:limit]
    items = _present(shown, actor, at, own)
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
    return [_item(t, known.get(t.lifecycle), named[t.lifecycle].get(t.subject_id), actor, at, own) for t in tasks]


def _item(
    task: Task, lifecycle: Lifecycle | None, shown: Presented | None, actor: Actor, at: datetime, own: frozenset[int]
) -> InboxItem:
    label = str(lifecycle.label) if lifecycle else task.lifecycle
    state = str(lifecycle.state(task.state).label) if lifecycle else task.state
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
    deciding = lifecycle.from_state(task.state)
    if task.household_id in own and deciding and all(t.not_own_household for t in deciding):
        return str(OwnHousehold())
    if actor.person_key in task.barred_keys and deciding and any(t.four_eyes_against for t in deciding):
        word = next(a for t in deciding for a in t.four_eyes_against)
        return str(FourEyes(action=str(lifecycle.word_for(word))))
    return ""


def waiting_count(actor: Actor, *, at: datetime, most: int = 100) -> int:
    """How many tasks wait, counted up to `most`: for a badge, never an exact count of a long list."""
    return len(inbox(actor, at=at, limit=most, filters=InboxFilters(actionable=True)).items)
