"""When a person is erased, what was written beside the cases of his households goes in the same transaction."""

from __future__ import annotations

from typing import Any

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.residents.models import Membership, Person
from xinzhi.kernel.workflow.services.notes import erase_notes


def on_person_saved(*, instance: Person, **_signal: Any) -> None:
    """Receiver of residents' `post_save`: residents stands below workflow and cannot call it."""
    if instance.status != "erased":
        return
    households = set(Membership.objects.filter(person_id=instance.pk).values_list("household_id", flat=True))
    for household_id in sorted(households):
        erase_notes(actor=SYSTEM, household_id=household_id, at=instance.erased_at or clock.now())
