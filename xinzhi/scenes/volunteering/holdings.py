"""What volunteering holds about a household, for its own copy of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.scenes.volunteering.lifecycle import HOURS
from xinzhi.scenes.volunteering.models import Hours, SignUp


def hours(*, actor: Actor, household_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:  # noqa: ARG001
    """Every sign-up, with the hours that came of it."""
    served = {
        (h.activity_id, h.person_id): h
        for h in Hours.objects.filter(household_id=household_id).order_by("pk")
    }
    rows = SignUp.objects.filter(household_id=household_id).select_related("activity").order_by("pk")
    found = []
    for signed in rows:
        record = served.get((signed.activity_id, signed.person_id))
        found.append(
            {
                _("Activity"): signed.activity.title, _("Day"): signed.activity.starts_at.isoformat(),
                _("Signed up"): signed.signed_at.isoformat(), _("Came"): record.came_at.isoformat() if record else "",
                _("Left"): record.left_at.isoformat() if record and record.left_at else "",
                _("Hours"): record.hours_tenths / 10 if record else None,
                _("State"): HOURS.label_of(record.state) if record else signed.status,
            }
        )  # fmt: skip
    return found
