"""The clocks of governance points."""

from __future__ import annotations

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation import clock
from xinzhi.scenes.governance_points.services import hearing, reminding, resetting


@jobs.task("governance_points.end_reply_times", cron=jobs.minutes(15))
def end_reply_times() -> None:
    """Hearings whose time to answer is over go on to the decision."""
    hearing.end_reply_times(clock.now())


@jobs.task("governance_points.reset_years", cron=jobs.daily("00:04"))
def reset_years() -> None:
    """On the day a charter names, points of earlier years end; before the ledger's own expiry at 00:10, so that statements say why."""
    resetting.reset_years(clock.now())


@jobs.task("governance_points.remind_of_expiry", cron=jobs.daily("09:05"))
def remind_of_expiry() -> None:
    """Households are told 30 and 7 days before their points expire."""
    reminding.remind_of_expiry(on=clock.today(), at=clock.now())
