"""What else goes when a person is erased: packages above register it, it runs in the transaction of the erasure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Forget(Protocol):
    def __call__(self, *, person_id: int, at: datetime) -> None: ...


_registered: list[Forget] = []


def register(forget: Forget) -> None:
    """Called in apps.ready."""
    if forget not in _registered:
        _registered.append(forget)


def forget(person_id: int, at: datetime) -> None:
    """Let everybody forget the person."""
    for each in _registered:
        each(person_id=person_id, at=at)
