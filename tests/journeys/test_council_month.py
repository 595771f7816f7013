"""A month of the points council: claims, verification, the meeting, its minutes, the list, the ledger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from PIL import Image

from tests.journeys.conftest import look
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.notices import services as notices
from xinzhi.scenes.governance_points.models import CouncilMeeting, Deed
from xinzhi.scenes.governance_points.services import charter
from xinzhi.scenes.governance_points.tests.conftest import NOON, RULES, _hirer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def village(gaojiatang):
    charter.adopt_charter(
        actor=SYSTEM, village_id=gaojiatang.village.pk, charter_rules=RULES, resolution="村民会议决议 2026-6",
        active_from=date(2026, 6, 1), council_deliberates=True, at=NOON,
    )  # fmt: skip
    for name in ("议事员乙", "议事员丙"):
        _hirer()(name, "council_member", gaojiatang.village)
    return gaojiatang


def photo(tmp_path, name):
    path = tmp_path / f"{name}.jpg"
    Image.effect_noise((900, 700), 60).convert("RGB").save(path, "JPEG")
    return path


def claim(villager, tmp_path, name):
    page = villager.go("/governance_points/claim/P01/")
    page.set_input_files("input[name=photo]", photo(tmp_path, name))
    page.wait_for_selector("#preview strong")
    page.click("form[data-once] button[type=submit]")
    page.wait_for_url("**/claim/done/")


def test_a_council_month_from_claims_to_posting(village, sit_down, days, tmp_path):
    villager, neighbour = sit_down(village.villager), sit_down(village.neighbours)
    claim(villager, tmp_path, "one")
    claim(neighbour, tmp_path, "two")

    # the inspector verifies both with the keyboard
    inspector = sit_down(village.inspector, width=1280, height=860)
    page = inspector.go("/workflow/inbox/")
    for _deed in range(2):
        page.click("[data-open]")
        page.wait_for_selector("[data-kind=approve]")
        page.wait_for_selector(".photo")
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.keyboard.press("a")
        page.wait_for_load_state()
        page = inspector.go("/workflow/inbox/")
    assert set(Deed.objects.values_list("state", flat=True)) == {"verified"}

    # nothing can be published before the council has met; the page says where to go
    clerk = sit_down(village.clerk, width=1280, height=860)
    page = clerk.go("/governance_points/desk/publish/")
    assert page.locator("text=须先经议事会审议").count() == 1
    page.click("a[href$='/desk/council/']")
    page.fill("input[name=place]", "村委会二楼")
    page.dblclick("form[data-once] .btn_primary")
    page.wait_for_selector("fieldset")
    assert CouncilMeeting.objects.count() == 1
    look(page, "council-meeting")

    # the pack for the table shows each deed with its photo
    paper = clerk.go(f"/governance_points/desk/council/{CouncilMeeting.objects.get().pk}/pack/")
    assert paper.locator("img.thumb").count() == 2
    look(paper, "council-pack")
    page = clerk.go(f"/governance_points/desk/council/{CouncilMeeting.objects.get().pk}/")

    # one is voted on apart and does not pass: the reason is asked for, and what was typed stays
    page.locator("details summary", has_text="查看每一项").click()
    page.locator("input[name=apart][form=apart]").first.check()
    page.click("button[form=apart]")
    page.wait_for_selector("section[id^=item-]")
    apart = page.locator("section[id^=item-]")
    apart.locator("input[name^=against-]").fill("2")
    page.click("form[data-draft] .btn_primary >> nth=-1")
    page.wait_for_selector(".form-error")
    look(page, "council-reason-asked")
    apart = page.locator("section[id^=item-]")
    assert apart.locator("input[name^=against-]").input_value() == "2"
    apart.locator("select[name^=reason-]").select_option("not_convinced")
    page.click("form[data-draft] .btn_primary >> nth=-1")
    page.wait_for_selector("input[name=scan]")
    assert sorted(Deed.objects.values_list("state", flat=True)) == ["approved", "returned"]
    look(page, "council-held")

    # minutes on paper, signed, and their scan filed
    paper = clerk.go(f"/governance_points/desk/council/{CouncilMeeting.objects.get().pk}/minutes/")
    assert "应到 3 人，实到 3 人" in paper.inner_text("main")
    look(paper, "council-minutes")
    page = clerk.go(f"/governance_points/desk/council/{CouncilMeeting.objects.get().pk}/")
    page.set_input_files("input[name=scan]", photo(tmp_path, "scan"))
    page.click("form[data-once] .btn_primary")
    page.wait_for_selector("text=签字的会议记录已归档")
    look(page, "council-filed")

    # the approved one is published, hangs out, and posts itself
    page = clerk.go("/governance_points/desk/publish/")
    page.click("form[data-once] .btn_primary")
    page.wait_for_url("**/notices/**")
    days.at = NOON + timedelta(days=20)
    for pk in notices.due_publications(days.at):
        notices.close_lines_of(publication_id=pk, at=days.at)
    approved = Deed.objects.get(state="posted")
    winner = villager if approved.household_id == village.household.pk else neighbour
    page = winner.go("/governance_points/")
    assert page.locator("[data-testid=balance]").inner_text().startswith("10")
    page = winner.go(f"/governance_points/deeds/{approved.pk}/")
    assert "议事会通过" in page.inner_text("main")
    look(page, "council-story")
    # the other household reads why it was not approved
    loser = neighbour if winner is villager else villager
    returned = Deed.objects.get(state="returned")
    page = loser.go(f"/governance_points/deeds/{returned.pk}/")
    assert "议事会认为事实不清" in page.inner_text("main")


def test_the_council_on_a_narrow_screen(village, sit_down, tmp_path):
    claim(sit_down(village.villager), tmp_path, "one")
    village.claim("C01")
    from xinzhi.scenes.governance_points.services import verification

    for deed in Deed.objects.all():
        verification.verify_deed(actor=village.inspector, deed_id=deed.pk, at=NOON)
    clerk = sit_down(village.clerk)
    page = clerk.go("/governance_points/desk/council/")
    page.fill("input[name=place]", "村委会")
    page.click("form[data-once] .btn_primary")
    page.wait_for_selector("fieldset")
    look(page, "council-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
