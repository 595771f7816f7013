"""What courtyards hold about a household, for its own copy of everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.scenes.courtyards.lifecycle import YARD
from xinzhi.scenes.courtyards.models import Visit


def courtyards(*, actor: Actor, household_id: int, at: datetime) -> Sequence[Mapping[str, Any]]:  # noqa: ARG001
    """Every visit, whatever came of it."""
    rows = Visit.objects.filter(yard__household_id=household_id).select_related("yard__round").order_by("pk")
    return [
        {
            _("Round"): f"{v.yard.round.year} Q{v.yard.round.quarter}", _("State"): YARD.label_of(v.yard.state),
            _("Visit"): v.visited_at.isoformat(), _("Outcome"): v.outcome, _("Consent"): v.consent,
            _("Marks"): v.marks, _("Total"): None if v.total_tenths is None else v.total_tenths / 10,
            _("Grade"): v.yard.grade,
        }
        for v in rows
    ]  # fmt: skip
