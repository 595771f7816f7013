"""A deduction: the household is told, answers by itself, is heard; makes good and gets its points back."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image

from tests.journeys.conftest import look
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.evidence.tests.samples import PHOTOS
from xinzhi.kernel.notices import services as notices
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.services import publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def village(gaojiatang):
    """The household has ten points already."""
    photo = evidence.store(
        actor=gaojiatang.villager, data=PHOTOS["image/jpeg"], household_id=gaojiatang.household.pk, at=NOON
    )
    deed = gaojiatang.claim("P01", evidence_ids=[photo.pk])
    verification.verify_deed(actor=gaojiatang.inspector, deed_id=deed.pk, at=NOON)
    publish(gaojiatang, NOON)
    end_lists(NOON + timedelta(days=20))
    return gaojiatang


def publish(village, at):
    publishing.publish_deeds(actor=village.clerk, request_key=uuid4(), village_id=village.village.pk, at=at)


def end_lists(at):
    for pk in notices.due_publications(at):
        notices.close_lines_of(publication_id=pk, at=at)


def picture(tmp_path):
    path = tmp_path / "seen.jpg"
    Image.effect_noise((900, 700), 60).convert("RGB").save(path, "JPEG")
    return path


def test_told_answered_confirmed_and_made_good_afterwards(village, sit_down, days, tmp_path):
    # the clerk tells the household; without a description nothing is sent
    clerk = sit_down(village.clerk, width=1280, height=860)
    page = clerk.go("/governance_points/desk/deduction/")
    page.fill("[name=household_no]", "GJ0001")
    page.select_option("[name=rule]", "X01")
    page.fill("[name=description]", "路边堆了建筑垃圾，清走就好。")
    page.set_input_files("[name=photo]", picture(tmp_path))
    look(page, "deduction-tell")
    page.dblclick("form[data-draft] .btn_primary")
    page.wait_for_url("**/desk/deeds/*/")
    deed = Deed.objects.get(state="noticed")
    paper = clerk.go(f"/governance_points/desk/deduction/{deed.pk}/letter/")
    assert "现在还没有扣分" in paper.inner_text("main")
    look(paper, "deduction-letter")

    # on the phone the household reads it and answers; its points are untouched
    villager = sit_down(village.villager)
    page = villager.go("/governance_points/")
    assert page.locator("[data-testid=balance]").inner_text().startswith("10")
    page.click(f"a[href$='/deeds/{deed.pk}/']")
    page.wait_for_selector("#hearing")
    look(page, "deduction-phone")
    assert "现在还没有扣分" in page.inner_text("#hearing")
    page.click("form[action$='/answer/'] .weui-btn_primary")
    page.wait_for_selector(".field-error")
    page.fill("[name=note]", "是邻居家装修借放的。")
    page.click("form[action$='/answer/'] .weui-btn_primary")
    page.wait_for_selector("text=您的说明已收到")

    # somebody else decides, with the answer before his eyes
    clerk2 = sit_down(village.clerk2, width=1280, height=860)
    page = clerk2.go("/workflow/inbox/")
    page.click("[data-open]")
    page.wait_for_selector("[data-kind=approve]")
    assert "是邻居家装修借放的。" in page.inner_text("main")
    look(page, "deduction-decide")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("a")
    page.wait_for_load_state()
    assert Deed.objects.get(pk=deed.pk).state == "verified"

    # neighbours see on the list only that there was one
    publish(village, NOON)
    neighbour = sit_down(village.neighbours)
    page = neighbour.go("/notices/")
    assert "乱堆垃圾" not in page.inner_text("main")
    days.at = NOON + timedelta(days=40)
    end_lists(days.at)
    page = villager.go("/governance_points/statement/")
    assert "−10" in page.inner_text("main")
    look(page, "deduction-statement")

    # it makes good with a photo, somebody looks, and the points come back
    page = villager.go(f"/governance_points/deeds/{deed.pk}/")
    page.set_input_files("form[action$='/repair/'] [name=photo]", picture(tmp_path))
    look(page, "deduction-repair")
    page.click("form[action$='/repair/'] .weui-btn_primary")
    page.wait_for_selector("text=会有人上门或看照片核实")
    page = clerk2.go("/workflow/inbox/")
    page.click("[data-open]")
    page.wait_for_selector("[data-kind=approve]")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("a")
    page.wait_for_load_state()
    assert Deed.objects.get(pk=deed.pk).state == "repaired"
    page = villager.go("/governance_points/")
    assert page.locator("[data-testid=balance]").inner_text().startswith("10")
    look(page, "deduction-home-after")


def test_on_a_large_print_phone_the_hearing_fits(village, sit_down):
    from xinzhi.scenes.governance_points.services import hearing
    from xinzhi.scenes.governance_points.tests.conftest import TODAY

    deed = hearing.notify_deduction(
        actor=village.clerk, request_key=uuid4(), household_id=village.household.pk, rule_code="X01", done_on=TODAY,
        description="路边堆了建筑垃圾，清走就好。", at=NOON,
    )  # fmt: skip
    villager = sit_down(village.villager)
    villager.go("/governance_points/")
    villager.page.click("form[action$='/prefs/elder/'] button")
    page = villager.go(f"/governance_points/deeds/{deed.pk}/")
    look(page, "deduction-elder")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
