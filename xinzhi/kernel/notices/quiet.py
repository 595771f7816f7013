"""When people are left in peace: pure functions over clock times of Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from xinzhi.kernel.foundation.clock import SHANGHAI

DEFAULT_FROM = time(21, 0)
DEFAULT_UNTIL = time(7, 30)
DEFAULT_MOST_PER_DAY = 5


def next_allowed(at: datetime, quiet_from: time, quiet_until: time) -> datetime:
    """`at` itself outside the quiet hours, otherwise their end. They may pass midnight; equal ends mean none."""
    local = at.astimezone(SHANGHAI)
    now = local.time()
    if quiet_from <= quiet_until:
        is_quiet = quiet_from <= now < quiet_until
    else:
        is_quiet = now >= quiet_from or now < quiet_until
    if not is_quiet:
        return at
    day = local.date() + timedelta(days=1) if now >= quiet_until else local.date()
    return datetime.combine(day, quiet_until, tzinfo=SHANGHAI).astimezone(UTC)


def next_morning(at: datetime, quiet_from: time, quiet_until: time) -> datetime:
    """The first allowed moment of the next day in Shanghai."""
    tomorrow = at.astimezone(SHANGHAI).date() + timedelta(days=1)
    return next_allowed(datetime.combine(tomorrow, time(0, 0), tzinfo=SHANGHAI), quiet_from, quiet_until)
