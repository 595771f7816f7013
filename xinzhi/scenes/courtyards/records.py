"""Reads the records a phone sends: whatever is wrong with one is said of that one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.scenes.courtyards.services.visits import MOST_AT_ONCE, Record

LARGEST_ID = 2**63 - 1


class BatchNotUnderstood(Invalid):
    code = "courtyards.batch_not_understood"
    sentence = _(
        "A list of 1 to %(most)s records is needed, each with its key. Open the page again and send once more."
    )


class RecordNotUnderstood(Invalid):
    code = "courtyards.record_not_understood"
    sentence = _(
        "This record cannot be read (%(field)s). Open the courtyard, look it through and save it again."
    )


def read_batch(written: str) -> list[dict[str, Any]]:
    """The raw records, each an object with a key of its own. Raises BatchNotUnderstood."""
    try:
        found = json.loads(written)
    except ValueError:
        raise BatchNotUnderstood(most=MOST_AT_ONCE) from None
    keys = [read_key(r.get("key")) for r in found if isinstance(r, dict)] if isinstance(found, list) else []
    if (
        not keys
        or len(keys) != len(found)
        or None in keys
        or len(set(keys)) != len(keys)
        or len(keys) > MOST_AT_ONCE
    ):
        raise BatchNotUnderstood(most=MOST_AT_ONCE)
    return list(found)


def read_key(written: Any) -> UUID | None:
    try:
        return UUID(written) if isinstance(written, str) else None
    except ValueError:
        return None


def read_moment(written: Any) -> datetime | None:
    """A moment one can reckon with, with its zone; None when it is none."""
    try:
        found = datetime.fromisoformat(written)
        return found.astimezone(UTC) if found.tzinfo and 2000 <= found.year <= 2999 else None
    except (TypeError, ValueError, OverflowError):
        return None


def read_record(raw: Mapping[str, Any]) -> Record:
    """Raises RecordNotUnderstood, which names what could not be read."""
    key, scored_at = read_key(raw.get("key")), read_moment(raw.get("scored_at"))
    consented_at = read_moment(raw["consented_at"]) if raw.get("consented_at") else None
    yard, rater, marks, vetoes = (
        raw.get("yard"),
        raw.get("rater"),
        raw.get("marks") or {},
        raw.get("vetoes") or [],
    )
    checks = {
        "key": key is not None,
        "yard": type(yard) is int and 0 < yard <= LARGEST_ID,
        "rater": rater is None or type(rater) is int,
        "scored_at": scored_at is not None,
        "consented_at": consented_at is not None or not raw.get("consented_at"),
        "outcome": isinstance(raw.get("outcome"), str),
        "consent": isinstance(raw.get("consent", ""), str),
        "marks": isinstance(marks, dict) and len(marks) < 100 and all(type(v) is int for v in marks.values()),
        "vetoes": isinstance(vetoes, list) and all(isinstance(v, str) for v in vetoes),
    }
    if wrong := [name for name, is_well in checks.items() if not is_well]:
        raise RecordNotUnderstood(field="、".join(wrong))
    assert key is not None and scored_at is not None and type(yard) is int
    return Record(
        record_key=key, yard_id=yard, outcome=str(raw["outcome"]), scored_at=scored_at, consent=str(raw.get("consent", "")),
        consented_at=consented_at, marks=marks, vetoes=tuple(vetoes), rater_id=rater,
    )  # fmt: skip
