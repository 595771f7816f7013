"""What a year's points may come to, where the village has said so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Budget:
    """Points (tenths) the village can honour in a year, and those it must expect to give: last year's, or a simulation's."""

    points_tenths: int
    expected_tenths: int

    #: From here on it is told (village.md 1.8).
    ALERT_PERCENT: ClassVar[int] = 80

    @property
    def is_exceeded(self) -> bool:
        return self.expected_tenths > self.points_tenths

    @property
    def is_close(self) -> bool:
        return self.expected_tenths * 100 >= self.points_tenths * self.ALERT_PERCENT
