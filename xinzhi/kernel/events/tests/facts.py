"""Facts of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from xinzhi.kernel.events import Code, Event


@dataclass(frozen=True, slots=True)
class BagWeighed(Event):
    name: ClassVar[str] = "events_test.bag_weighed.v1"

    bag_id: UUID
    village_id: int
    grams: int
    kind: Code
    weighed_at: datetime
    day: date | None = None
    rule_codes: tuple[str, ...] = ()
