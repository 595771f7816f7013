"""From check-in and check-out to hours: one rule, said in words on every page that shows hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

#: Hours are the unit and travel does not count (志愿服务记录与证书出具办法（试行）, 2021); that half hours are counted is the house's rule.
STEP_MINUTES = 30
#: Checking in opens before the beginning, checking out stays open after the end; neither time counts.
BEFORE, AFTER = timedelta(minutes=60), timedelta(minutes=60)
RULE = _(
    "Counted from check-in to check-out, not before the planned beginning and not after the planned end, in full half hours."
)


def counted_tenths(came_at: datetime, left_at: datetime, *, starts_at: datetime, ends_at: datetime) -> int:
    """Tenths of hours: 1 h 59 min is 15. Never negative."""
    served = min(left_at, ends_at) - max(came_at, starts_at)
    return max(0, int(served / timedelta(minutes=STEP_MINUTES))) * (STEP_MINUTES // 6)
