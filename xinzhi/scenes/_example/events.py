"""Facts this scene publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from xinzhi.kernel.events import Event


@dataclass(frozen=True, slots=True)
class EntryNoted(Event):
    """Something was noted in a village's register."""

    name: ClassVar[str] = "example.entry_noted.v1"

    entry_id: int
    village_id: int
    noted_on: date
