"""What a journal's request stands for, in sixteen bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date


def content_digest(
    source: str, effective_date: date, reverses: int | None, legs: Sequence[tuple[int, str, int]]
) -> bytes:
    """Kept with the journal: the same key with other content is refused, and a journal changed later is found out.

    Legs are (account, unit, amount) in the order of their lines. What it says is kept for good: never change how.
    """
    content = (source, effective_date.isoformat(), reverses, list(legs))
    return hashlib.blake2b(repr(content).encode(), digest_size=16).digest()
