"""Facts governance points publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True)
class CharterPassed(Event):
    """The villagers' meeting passed a new charter; it does not hold yet."""

    name: ClassVar[str] = "governance_points.charter_passed.v1"

    draft_id: int
    village_id: int
    held_on: date


@dataclass(frozen=True, slots=True)
class CharterFiled(Event):
    """A charter was filed with the township, which may order a correction within its term."""

    name: ClassVar[str] = "governance_points.charter_filed.v1"

    draft_id: int
    village_id: int
    filed_on: date


@dataclass(frozen=True, slots=True)
class CharterCorrectionOrdered(Event):
    """The township ordered a village to correct its charter."""

    name: ClassVar[str] = "governance_points.charter_correction_ordered.v1"

    draft_id: int
    village_id: int
    reason_code: str


@dataclass(frozen=True, slots=True)
class CharterInForce(Event):
    """A charter holds from a day on; deeds of that day and later are scored by it."""

    name: ClassVar[str] = "governance_points.charter_in_force.v1"

    draft_id: int
    village_id: int
    version_id: int
    version_number: int
    active_from: date
