"""A notice of a deduction goes to the phone; the office deals with what did not arrive; a villager says how he wants to be told."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.journeys.conftest import look
from xinzhi.kernel import jobs
from xinzhi.kernel.channels import configuration
from xinzhi.kernel.channels.port import Permanent
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.notices.models import Delivery
from xinzhi.kernel.notices.tests.sending import Sender
from xinzhi.kernel.residents import services as residents
from xinzhi.scenes.governance_points.services import hearing
from xinzhi.scenes.governance_points.tests.conftest import NOON, TODAY

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WRONG, RIGHT = "13900007777", "13900008888"


@pytest.fixture
def sms(monkeypatch) -> Sender:
    made = Sender()
    monkeypatch.setattr(configuration, "channel", {"sms": made}.get)
    return made


def deduct(place, household):
    hearing.notify_deduction(
        actor=place.clerk, request_key=uuid4(), household_id=household.pk, rule_code="X01", done_on=TODAY,
        description="路边堆了建筑垃圾，清走就好。", at=NOON,
    )  # fmt: skip
    jobs.run_inline()


def set_phone(person_id, number):
    residents.set_value(
        actor=SYSTEM, person_id=person_id, field="phone", value=number, source="clerk", at=NOON
    )


def test_what_does_not_arrive_is_seen_tried_again_or_told_in_person(gaojiatang, sit_down, sms):
    # given a household whose number is wrong, and one that has none
    place, person = gaojiatang, gaojiatang.villager.person_id
    set_phone(person, WRONG)
    sms.answers = [Permanent("address_invalid", "isv.MOBILE_NUMBER_ILLEGAL")]
    deduct(place, place.household)
    deduct(place, place.neighbour)

    # the clerk finds both in the menu, with the reason and without a number
    clerk = sit_down(place.clerk, width=1280, height=860)
    page = clerk.go("/governance_points/desk/deeds/")
    page.click("a[href$='/notices/undelivered/']")
    said = page.inner_text("main")
    assert "号码或账号不存在" in said and "没有可以联系的手机号" in said
    assert WRONG not in page.content()
    look(page, "undelivered")

    # nothing marked: a sentence, and nothing is done
    page.click("button[name=act][value=told]")
    assert "请至少标记一条" in page.inner_text("main")

    # the number is corrected, the message sent again; the other household is told in person
    set_phone(person, RIGHT)
    page.locator("tr", has_text=place.household.household_no).locator("button[name=again]").click()
    page.wait_for_load_state()
    jobs.run_inline()
    assert sms.to == [WRONG, RIGHT]
    page.locator("tr", has_text=place.neighbour.household_no).locator("input[type=checkbox]").check()
    page.click("button[name=act][value=told]")
    page.wait_for_load_state()
    assert "目前没有送不到的消息" in page.inner_text("main")
    look(page, "undelivered-none")
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["sent", "told"]


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
def test_one_tap_and_no_more_text_messages(gaojiatang, sit_down, sms, elder):
    set_phone(gaojiatang.villager.person_id, RIGHT)
    villager = sit_down(gaojiatang.villager)
    if elder:
        villager.context.add_cookies([{"name": "elder", "value": "1", "url": villager.base}])
    page = villager.go("/notices/messages/")
    page.click("a[href$='/notices/channels/']")
    look(page, f"channels-{'elder' if elder else 'standard'}")
    page.click("form[action$='/channels/sms/'] button")
    page.wait_for_load_state()
    assert "不用这种方式通知您" in page.inner_text("main")
    page.click("form[action$='/channels/sms/'] button")
    page.wait_for_load_state()
    assert "不用这种方式通知您" not in page.inner_text("main")
    assert "钉钉" not in page.inner_text("main")  # not connected, so nothing to choose
