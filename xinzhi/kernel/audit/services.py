"""Write down who did or read what. One row per act or page view, in the transaction of the act.

Codes, ids and field names only: a text that could name a person is a programming error and raises
ValueError, so that it is found by the first test that passes there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from xinzhi.kernel.audit.sealing import seal
from xinzhi.kernel.foundation.actors import Actor

__all__ = ["Entry", "record", "record_many", "record_view", "seal"]

_BATCH = 5000
_COLUMNS = {
    "at": "timestamptz", "actor_key": "text", "user_id": "bigint", "api_key_id": "bigint", "channel": "text",
    "role": "text", "role_region_id": "bigint", "action": "text", "subject": "text", "page": "text",
    "region_id": "bigint", "household_id": "bigint", "purpose": "text", "fields": "text", "count": "bigint",
    "digest": "text",
}  # fmt: skip
#: One statement for any number of rows; Django's own bulk insert takes ten times as long here.
_INSERT = (
    f"INSERT INTO audit_record ({', '.join(_COLUMNS)}) SELECT "  # noqa: S608  fixed names
    + ", ".join("string_to_array(fields, ' ')" if name == "fields" else name for name in _COLUMNS)
    + f" FROM unnest({', '.join(f'%s::{kind}[]' for kind in _COLUMNS.values())}) AS r ({', '.join(_COLUMNS)})"
)
_CODE = re.compile(r"[A-Za-z0-9_.:/#,=@+-]*\Z")
_PERSONAL = re.compile(r"(1[3-9]\d{9}|\d{15}|\d{17}[\dXx]|\d{16,19})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One audit row. `subject` is "kind:id"; `digest` a hex digest of what was handled; `count` how many."""

    actor: Actor
    action: str
    subject: str
    at: datetime
    region_id: int | None = None
    household_id: int | None = None
    purpose: str = ""
    fields: Sequence[str] = ()
    count: int | None = None
    digest: str | None = None
    page: str = ""


def record(
    *,
    actor: Actor,
    action: str,
    subject: str,
    at: datetime,
    region_id: int | None = None,
    household_id: int | None = None,
    purpose: str = "",
    fields: Sequence[str] = (),
    count: int | None = None,
    digest: str | None = None,
) -> None:
    """Record one act. Raises ValueError when a value is not a code but text."""
    record_many(
        [
            Entry(
                actor=actor,
                action=action,
                subject=subject,
                at=at,
                region_id=region_id,
                household_id=household_id,
                purpose=purpose,
                fields=fields,
                count=count,
                digest=digest,
            )
        ]
    )


def record_view(
    *,
    actor: Actor,
    page: str,
    household_id: int,
    at: datetime,
    fields: Sequence[str] = (),
    purpose: str = "",
    region_id: int | None = None,
) -> None:
    """Record that a page about one household was shown: call it once per page view, naming the fields shown."""
    record_many(
        [
            Entry(
                actor=actor,
                action="audit.view",
                subject=f"household:{household_id}",
                at=at,
                region_id=region_id,
                household_id=household_id,
                purpose=purpose,
                fields=fields,
                page=page,
            )
        ]
    )


def record_many(entries: Iterable[Entry | Mapping[str, Any]]) -> int:
    """Record many acts in few statements (an Entry each, or a mapping of its fields). Returns how many."""
    rows = [_row(e if isinstance(e, Entry) else Entry(**e)) for e in entries]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), _BATCH):
            chunk = rows[start : start + _BATCH]
            cursor.execute(_INSERT, [list(column) for column in zip(*chunk, strict=True)])
    return len(rows)


def _row(entry: Entry) -> tuple[Any, ...]:
    """The values of _COLUMNS."""
    role, role_region_id = acting_role(
        entry.actor, region_id=entry.region_id, household_id=entry.household_id
    )
    return (
        entry.at,
        entry.actor.person_key,
        entry.actor.user_id,
        entry.actor.api_key_id,
        entry.actor.channel,
        role,
        role_region_id,
        _code("action", entry.action),
        _code("subject", entry.subject),
        _code("page", entry.page),
        entry.region_id,
        entry.household_id,
        _code("purpose", entry.purpose),
        " ".join(_code("fields", name) for name in entry.fields),
        entry.count,
        _code("digest", entry.digest or ""),
    )


def acting_role(actor: Actor, *, region_id: int | None, household_id: int | None) -> tuple[str, int | None]:
    """The role under which somebody acts, and the region of that role.

    Own household first, then a grant in that very region, then the narrowest grant.
    """
    if actor.is_system:
        return "system", None
    if household_id is not None and household_id == actor.proxy_for_household_id:
        return "proxy", None
    if household_id is not None and household_id in actor.household_ids:
        return "villager", None
    if actor.grants:
        grant = max(actor.grants, key=lambda g: (g.region_id == region_id, len(g.scope_path), g.role))
        return grant.role, grant.region_id
    if actor.api_key_id is not None:
        return "api_key", None
    return ("villager", None) if actor.is_authenticated else ("nobody", None)


def _code(what: str, value: str) -> str:
    if not _CODE.match(value) or any(_PERSONAL.match(part) for part in re.split(r"[:/,#=]", value)):
        raise ValueError(f"audit {what} must be a code without personal text")
    return value
