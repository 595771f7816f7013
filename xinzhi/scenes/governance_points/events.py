"""Facts governance points publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xinzhi.kernel.events import Event


@dataclass(frozen=True, slots=True)
class DeedPosted(Event):
    """A deed has passed its publication and stands in the ledger."""

    name: ClassVar[str] = "governance_points.deed_posted.v1"

    deed_id: int
    household_id: int
    village_id: int
    rule_code: str
    points_tenths: int
    journal_id: int


@dataclass(frozen=True, slots=True)
class DeedReversed(Event):
    """A posted deed was found wrong; a contra entry took its points back."""

    name: ClassVar[str] = "governance_points.deed_reversed.v1"

    deed_id: int
    household_id: int
    village_id: int
    journal_id: int
