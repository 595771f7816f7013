"""Tell households in time that points are going to expire: 30 and 7 days before (village.md 7.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from xinzhi.kernel.foundation.amounts import format_points
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.residents import queries as residents
from xinzhi.scenes.governance_points.accounts import POINTS, household_of_owner

#: Days before the expiry on which a household hears of it.
DAYS_BEFORE = (30, 7)
#: A machine that slept some days still reminds; nobody hears twice, because the reminder is known by its key.
CATCH_UP_DAYS = 3


def remind_of_expiry(*, on: date, at: datetime) -> int:
    """Send the reminders of a day; run twice, the second run sends nothing. Returns how many messages are new."""
    sent = 0
    for days in DAYS_BEFORE:
        last = on + timedelta(days=days)
        found = ledger.expiring_between("spendable", POINTS, last - timedelta(days=CATCH_UP_DAYS), last)
        sent += notices.send_messages(_messages(found, days), at=at)
    return sent


def _messages(found: Iterable[tuple[str, date, int]], days: int) -> list[notices.NewMessage]:
    rows = [(household_of_owner(owner), expires_on, tenths) for owner, expires_on, tenths in found]
    members = residents.members_of({household_id for household_id, _on, _tenths in rows})
    return [
        notices.NewMessage(
            person_ids=[m.person_id for m in members.get(household_id, ())],
            template="governance_points.points_expire",
            # The first day on which they no longer count is not a day on which they can be used.
            params={"points": format_points(tenths), "day": (expires_on - timedelta(days=1)).isoformat()},
            household_id=household_id,
            source_key=f"governance_points.points_expire:{household_id}:{expires_on}:{days}",
        )
        for household_id, expires_on, tenths in rows
    ]
