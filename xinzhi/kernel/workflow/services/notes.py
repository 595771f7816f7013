"""Forget what people wrote."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.workflow.models import Note


@transaction.atomic
def erase_notes(*, actor: Actor, household_id: int, at: datetime) -> int:
    """Empty every note written beside cases of a household; the steps stay. Returns how many were emptied."""
    count = Note.objects.filter(household_ids__contains=[household_id], erased_at__isnull=True).update(
        text="", erased_at=at
    )
    if count:
        audit.record(
            actor=actor,
            action="workflow.erase_notes",
            subject=f"household:{household_id}",
            at=at,
            household_id=household_id,
            count=count,
        )
    return count
