"""Without a mouse: a villager claims and a neighbour objects with Tab, arrows and Enter alone."""

from __future__ import annotations

from uuid import uuid4

import pytest

from xinzhi.kernel.notices.models import Objection
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.services import publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def tab_to(page, selector):
    """Press Tab until the focus is there, and see that the focus can be seen."""
    for _press in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            seen = page.evaluate(
                "() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' || s.boxShadow !== 'none' }"
            )
            assert seen, f"the focus on {selector} cannot be seen"
            return
    raise AssertionError(f"Tab never reaches {selector}")


def press(page, selector):
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_villager_claims_by_keyboard(gaojiatang, sit_down, days):
    page = sit_down(gaojiatang.villager).go("/governance_points/")
    press(page, "a[href='/governance_points/claim/']")
    press(page, "a[href='/governance_points/claim/D02/']")
    press(page, "main form [type=submit]")
    assert "/claim/done/" in page.url
    assert Deed.objects.get().household_id == gaojiatang.household.pk


def test_a_neighbour_objects_by_keyboard(gaojiatang, sit_down, days):
    deed = gaojiatang.claim("D02", quantity_tenths=10)
    verification.verify_deed(actor=gaojiatang.clerk2, deed_id=deed.pk, at=NOON)
    publishing.publish_deeds(
        actor=gaojiatang.clerk, request_key=uuid4(), village_id=gaojiatang.village.pk, at=NOON
    )
    page = sit_down(gaojiatang.neighbours).go("/notices/")
    press(page, "main a[href^='/notices/']")
    press(page, "main a[href$='/object/']")
    tab_to(page, "[name=grounds_code]")
    page.keyboard.press("Space")
    tab_to(page, "[name=note]")
    page.keyboard.type("那天没有人。")
    press(page, "main form .weui-btn_primary")
    assert "/notices/objections/" in page.url
    assert Objection.objects.get().objector_household_id == gaojiatang.neighbour.pk
