"""An elder without a phone: a village's cards on paper, her son as her proxy, a claim by card, everything told in large type."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import look
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.identity import cards
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.models import HouseholdCard, ProxyMandate
from xinzhi.kernel.residents import services as residents
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.tests.conftest import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = "13800009911"


@pytest.fixture
def son(gaojiatang):
    """He lives in a household of his own in the village; the office knows his name and number."""
    household = residents.register_household(
        actor=SYSTEM, village_id=gaojiatang.village.pk, household_no="GJ0009", source="clerk", at=NOON,
        members=[residents.NewMember(name="李构生", relation_code="02", sex_code="1", phone=PHONE)],
    )  # fmt: skip
    from xinzhi.kernel.identity.actors import actor_of
    from xinzhi.kernel.residents import queries

    person = queries.members(household.pk)[0].person_id
    return actor_of(identity.login_of_person(person, at=NOON), "phone")


def test_card_and_proxy_do_what_a_phone_does(gaojiatang, son, sit_down, days):
    # the office prints the village's cards and enters the mandate the mother has signed
    clerk = sit_down(gaojiatang.clerk, width=1280, height=900)
    page = clerk.go("/governance_points/desk/households/")
    page.click("a[href*='/households/cards/']")
    page.click("form .btn_primary")
    page.wait_for_load_state()
    expect(page.locator(".card-paper")).to_have_count(3)
    look(page, "elder-cards")
    page = clerk.go(f"/governance_points/desk/households/{gaojiatang.household.pk}/")
    page.click("a[href$='/proxies/']")
    look(page, "elder-mandate-form")
    page.fill("[name=name]", "李构生")
    page.fill("[name=phone]", PHONE)
    page.check("[name=relation][value=child]")
    page.check("[name=consent][value=paper]")
    page.dblclick("form[data-once] .weui-btn_primary")
    expect(page.locator("form .btn_danger")).to_have_count(1)
    mandate = ProxyMandate.objects.get()
    assert (mandate.household_id, mandate.consent) == (gaojiatang.household.pk, "paper")

    # a stranger scans her card and learns nothing; her son scans it and acts for her, in large type
    token = cards.token_of(HouseholdCard.objects.get(household=gaojiatang.household))
    stranger = sit_down(gaojiatang.neighbours).page
    assert stranger.goto(f"{clerk.base}/c/{token}/").status == 404
    assert "GJ0001" not in stranger.content()
    phone = sit_down(son, width=360, height=760)
    phone.context.add_cookies([{"name": "elder", "value": "1", "url": phone.base}])
    page = phone.go(f"/c/{token}/")
    look(page, "elder-card-scanned")
    page.click("form .weui-btn_primary")
    page.wait_for_url("**/governance_points/")
    expect(page.locator(".acting")).to_be_visible()
    look(page, "elder-home")
    page.goto(f"{phone.base}/governance_points/claim/D02/")
    page.fill("[name=done_on]", local_date(NOON).isoformat())
    look(page, "elder-claim")
    page.dblclick("main form .weui-btn_primary")
    page.wait_for_url("**/claim/done/")
    deed = Deed.objects.get()
    assert (deed.household_id, deed.entered_by_key) == (gaojiatang.household.pk, son.person_key)

    # her statement says who did it; the mandate ends and the son is a neighbour again
    page = phone.go(f"/governance_points/deeds/{deed.pk}/")
    expect(page.locator(".timeline")).to_contain_text("代办")
    look(page, "elder-story")
    days.at = NOON + timedelta(days=1)
    clerk.go(f"/households/{gaojiatang.household.pk}/proxies/").click("form .btn_danger")
    expect(clerk.page.locator("form .btn_danger")).to_have_count(0)
    assert phone.page.goto(f"{phone.base}/governance_points/deeds/{deed.pk}/").status == 404
