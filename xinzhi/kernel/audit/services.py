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

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.audit.sealing import seal
from xinzhi.kernel.foundation.actors import Actor

__all__ = ["Entry", "record", "record_many", "record_view", "seal"]

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
    Record.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _row(entry: Entry) -> Record:
    role, role_region_id = acting_role(
        entry.actor, region_id=entry.region_id, household_id=entry.household_id
    )
    return Record(
        at=entry.at,
        actor_key=entry.actor.person_key,
        user_id=entry.actor.user_id,
        api_key_id=entry.actor.api_key_id,
        channel=entry.actor.channel,
        role=role,
        role_region_id=role_region_id,
        action=_code("action", entry.action),
        subject=_code("subject", entry.subject),
        page=_code("page", entry.page),
        region_id=entry.region_id,
        household_id=entry.household_id,
        purpose=_code("purpose", entry.purpose),
        fields=[_code("fields", name) for name in entry.fields],
        count=entry.count,
        digest=_code("digest", entry.digest or ""),
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
