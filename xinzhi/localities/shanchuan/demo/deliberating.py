"""What waits for people to deliberate: two deductions in their hearing, and in one village a meeting of the council."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.services import login_of_person
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.localities.shanchuan.demo.pictures import picture
from xinzhi.localities.shanchuan.demo.when import key, moment
from xinzhi.scenes.governance_points.services import council, hearing

SEEN = "门前堆着装修垃圾，占了半条村道。清走后拍张照片就不扣分。"
ANSWER = "是请来的师傅堆的，已经叫车，周末就运走。"


def hearings(households: Sequence[Household], clerk: Actor, today: date) -> None:
    """One household was told two days ago and may answer; another answered, and somebody has to decide."""
    for household, days_ago in zip(households, (2, 5), strict=True):
        told_at = moment(today - timedelta(days=days_ago), 9)
        with clock.fixed(told_at):
            photo = evidence.store(
                actor=clerk, data=picture(f"{household.household_no}:X04"), filename="photo.jpg",
                village_id=household.village_id, household_id=household.pk, at=told_at,
                request_key=key("seen", household.pk),
            )  # fmt: skip
            deed = hearing.notify_deduction(
                actor=clerk, request_key=key("told", household.pk), household_id=household.pk, rule_code="X04",
                done_on=clock.local_date(told_at) - timedelta(days=1), description=SEEN, evidence_ids=[photo.pk], at=told_at,
            )  # fmt: skip
    head = residents.head_ids([households[-1].pk]).get(households[-1].pk)
    if head is not None:
        answered_at = moment(today - timedelta(days=1), 20)
        with clock.fixed(answered_at):
            hearing.answer_deduction(
                actor=actor_of(login_of_person(head, at=answered_at), "phone"), deed_id=deed.pk, note=ANSWER,
                request_key=key("answered", households[-1].pk), at=answered_at,
            )  # fmt: skip


def meeting(region: Region, clerk: Actor, today: date) -> None:
    """The council is called for tomorrow evening; what was verified is on its agenda."""
    called_at = clock.now()
    council.call_meeting(
        actor=clerk, request_key=key("meeting", region.pk), village_id=region.pk,
        meets_at=moment(today + timedelta(days=1), 19), place="村文化礼堂", at=called_at,
    )  # fmt: skip
