"""Compare the store with its rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from xinzhi.kernel.evidence import files
from xinzhi.kernel.evidence.models import Evidence


@dataclass(frozen=True, slots=True)
class Checked:
    """`finding` is "" when the file is as its row says, else "missing", "changed" or "digest differs"."""

    evidence_id: UUID
    finding: str


def verify() -> Iterator[Checked]:
    """Every row that was not erased, with what is wrong with its file."""
    for evidence in Evidence.objects.filter(erased_at=None).order_by("id").iterator(chunk_size=500):
        yield Checked(evidence.pk, _finding(evidence))


def _finding(evidence: Evidence) -> str:
    assert evidence.sha256 is not None and evidence.salt is not None
    salted = hashlib.sha256(bytes(evidence.salt) + bytes.fromhex(evidence.sha256)).hexdigest()
    if salted != evidence.digest:
        return "digest differs"
    try:
        data = files.original_path(evidence.sha256).read_bytes()
    except OSError:
        return "missing"
    return "" if files.sha256_of(data) == evidence.sha256 else "changed"
