"""The fact that joins the scenes: somebody did something good, and the scene that saw it says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from xinzhi.kernel.events import Event
from xinzhi.kernel.events.fact import Code


@dataclass(frozen=True, slots=True)
class DeedObserved(Event):
    """A deed (善行) of a household was seen and confirmed by people of a scene. The village's charter says what it is worth.

    The scene knows nothing of points; who reads the charter knows nothing of the scene. `occurrence` names this one deed: told
    again, it is the same deed. `act_code` is registered in `rules.ports`. Evidence hangs on `subject_code` ("courtyards.score:12").
    """

    name: ClassVar[str] = "rules.deed_observed.v1"

    occurrence: UUID
    act_code: Code
    subject_code: Code
    village_id: int
    household_id: int
    done_on: date
    confirmed_by_code: Code  # the person key of who confirmed it: he does not verify it again
    person_id: int | None = None
    quantity_tenths: int | None = None
    grade_code: str = ""


@dataclass(frozen=True, slots=True)
class DeedWithdrawn(Event):
    """What `DeedObserved` said did not hold: the deed of this `occurrence` is to be taken back."""

    name: ClassVar[str] = "rules.deed_withdrawn.v1"

    occurrence: UUID
    act_code: Code
    village_id: int
    household_id: int
    reason_code: str
