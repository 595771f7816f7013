"""Facts residents publishes: ids and days, never who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from xinzhi.kernel.events import Event


@dataclass(frozen=True, slots=True)
class HouseholdSplit(Event):
    """Members of a household founded a new one (分户)."""

    name: ClassVar[str] = "residents.household_split.v1"

    event_id: int
    village_id: int
    from_household_id: int
    to_household_id: int
    happened_on: date


@dataclass(frozen=True, slots=True)
class HouseholdsMerged(Event):
    """All members of a household went over to another; the first one is closed (并户)."""

    name: ClassVar[str] = "residents.households_merged.v1"

    event_id: int
    village_id: int
    from_household_id: int
    to_household_id: int
    happened_on: date


@dataclass(frozen=True, slots=True)
class PersonDied(Event):
    """A person has died; his memberships, login and mandates have ended."""

    name: ClassVar[str] = "residents.person_died.v1"

    event_id: int
    village_id: int
    household_id: int
    person_id: int
    happened_on: date
