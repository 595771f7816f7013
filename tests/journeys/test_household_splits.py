"""A household that splits: the clerk sees before and after, confirms once, and both households read in their statements why."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import look
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.residents import services as resident_services
from xinzhi.kernel.residents.models import Household
from xinzhi.scenes.governance_points.queries import statement
from xinzhi.scenes.governance_points.services import publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, _villager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def family(gaojiatang):
    """Four members, and 24 points from three half days of work."""
    for name, code in (("李试媳", "38"), ("李试孙", "41")):
        resident_services.add_member(
            actor=SYSTEM, household_id=gaojiatang.household.pk, member=resident_services.NewMember(name=name, relation_code=code),
            source="clerk", at=NOON,
        )  # fmt: skip
    deed = gaojiatang.claim("D02", quantity_tenths=30)
    verification.verify_deeds(actor=gaojiatang.clerk, deed_ids=[deed.pk], request_key=uuid4(), at=NOON)
    publishing.publish_deeds(
        actor=gaojiatang.clerk, request_key=uuid4(), village_id=gaojiatang.village.pk, at=NOON
    )
    gaojiatang.let_publication_end()
    return gaojiatang


def balance(place, household):
    return statement.balances_of(place.village.pk, [household.pk])[household.pk].spendable_tenths


def test_a_household_splits_on_the_screen_and_both_read_why(family, reader, sit_down, days):
    days.at = NOON + timedelta(days=20)
    clerk = reader(width=1280, height=900).log_in("clerk", "bamboo-forest-73")
    page = clerk.go(f"/governance_points/desk/households/{family.household.pk}/")
    page.click(f"a[href='/residents/households/{family.household.pk}/']")
    look(page, "split-household")
    page.click(f"a[href='/residents/households/{family.household.pk}/split/']")
    for name in ("李示例", "李试媳", "李试孙"):
        page.locator("label.check", has_text=name).locator("input").check()
    page.fill("[name=household_no]", "GJ0001-1")
    page.locator("[name=new_household_head]").select_option(label="李示例（子）")
    look(page, "split-form")
    page.click("button[name=step][value=look]")
    expect(page.locator(".sides .card")).to_have_count(2)
    expect(page.locator("main")).to_contain_text("24 → 6")
    look(page, "split-confirm")
    page.set_viewport_size({"width": 360, "height": 760})
    look(page, "split-confirm-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.set_viewport_size({"width": 1280, "height": 900})
    assert Household.objects.filter(household_no="GJ0001-1").count() == 0
    page.check("[name=agreed]")
    page.dblclick("button[name=step][value=confirm]")
    page.wait_for_url(f"**/residents/households/{family.household.pk}/")
    expect(page.locator(".history")).to_contain_text("GJ0001-1")
    look(page, "split-done")

    new = Household.objects.get(household_no="GJ0001-1")
    assert (balance(family, family.household), balance(family, new)) == (60, 180)
    assert ledger.verify() == []
    for actor, words, name in (
        (family.villager, "分户转出，转给 GJ0001-1 户", "old"),
        (_villager(new), "分户转入，来自 GJ0001 户", "new"),
    ):
        phone = sit_down(actor, width=360, height=760)
        page = phone.go("/governance_points/statement/")
        expect(page.locator("main")).to_contain_text(words)
        look(page, f"split-statement-{name}")
        page.locator("a.weui-cell", has_text=words).click()
        page.wait_for_load_state()
        expect(page.locator("#why")).to_contain_text("全户 4 人里分出 3 人")
        expect(page.locator("#why")).to_contain_text("原有 24 分，转出 18 分，留下 6 分")
        look(page, f"split-story-{name}")
