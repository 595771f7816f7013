"""A new charter: written with a rule the linter stops, mended, voted on, published, filed, in force; on desk and phone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from PIL import Image

from tests.journeys.conftest import look
from xinzhi.scenes.governance_points.life_models import CharterDraft, CharterVote
from xinzhi.scenes.governance_points.queries import charter as charters
from xinzhi.scenes.governance_points.tests.conftest import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MENU, SAVE, TO_VOTE = (
    "/governance_points/desk/charter/",
    "button[name=then][value='']",
    "button[name=then][value=vote]",
)
FORBIDDEN = {"code": "X02", "category": "负面清单", "title": "越级上访", "points_kind": "固定", "points": "-20", "evidence": "村级记录", "legal_basis": "村规民约"}  # fmt: skip


def photo(tmp_path):
    path = tmp_path / "minutes.jpg"
    Image.effect_noise((900, 700), 60).convert("RGB").save(path, "JPEG")
    return path


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def state() -> str:
    return CharterDraft.objects.get().state


def press(page, selector: str) -> None:
    """Click what sends a form, and wait for the page that follows."""
    with page.expect_navigation():
        page.click(selector)


def test_a_charter_from_draft_to_force(gaojiatang, sit_down, days, tmp_path):
    clerk = sit_down(gaojiatang.clerk, width=1280, height=860)
    villager = sit_down(gaojiatang.villager)
    at = f"/governance_points/rules/{gaojiatang.village.pk}/"

    # from the charter in force, with one more rule that may not stand in any charter
    page = clerk.go(MENU)
    press(page, "a[href*='/drafts/']")
    look(page, "charter-begin-1280")
    page.dblclick("form[data-once] .btn_primary")
    page.wait_for_selector(".table_edit")
    assert CharterDraft.objects.count() == 1
    row = 5  # the first empty one, after the five rules in force
    for column, text in FORBIDDEN.items():
        page.locator(f"input[name={column}]").nth(row).fill(text)
    press(page, TO_VOTE)
    said = page.inner_text("main")
    assert "X02" in said and "宪法第四十一条" in said and "信访" in said
    assert state() == "draft"
    assert page.locator("input[name=title]").nth(row).input_value() == "越级上访"
    look(page, "charter-stopped-1280")
    assert fits(page)

    # mended; what the linter asks about is read and acknowledged
    page.locator("input[name=title]").nth(row).fill("乱停车辆堵塞村道")
    press(page, SAVE)
    assert "信访" not in page.inner_text("main")
    look(page, "charter-warnings-1280")
    for box in page.locator("input[name=warning]").all():
        box.check()
    press(page, "form[action$='/acknowledge/'] button")
    press(page, TO_VOTE)
    assert state() == "checked"
    look(page, "charter-to-vote-1280")
    address = page.url.removeprefix(clerk.base)

    # the villager reads what is to be voted on, on the phone
    phone = villager.go(at)
    look(phone, "charter-coming-360")
    press(phone, "a.drafts__coming")
    assert "乱停车辆堵塞村道" in phone.inner_text("main") and "待表决" in phone.inner_text("main")
    assert fits(phone)
    look(phone, "charter-public-to-vote-360")

    # the roll is signed, the meeting meets ten days later; a slip of the pen is told and what was typed stays
    assert "GJ0001" in clerk.go(f"{address}roll/").inner_text("main")
    look(clerk.page, "charter-roll-1280")
    days.at = NOON + timedelta(days=10)
    page = clerk.go(address)
    for field, text in {
        "place": "文化礼堂",
        "resolution": "村民会议决议 2026-3",
        "present": "2",
        "votes_for": "1",
    }.items():
        page.fill(f"input[name={field}]", text)
    press(page, "form[action$='/vote/'] .btn_primary")
    assert "之和应等于" in page.inner_text(".field-error")
    assert page.input_value("input[name=place]") == "文化礼堂"
    look(page, "charter-vote-refused-1280")
    page.fill("input[name=votes_for]", "2")
    press(page, "form[action$='/vote/'] .btn_primary")
    assert (state(), CharterVote.objects.get().votes_for) == ("passed", 2)
    paper = clerk.go(f"{address}minutes/")
    assert "应到 2 户" in paper.inner_text("main") and "章程获得通过" in paper.inner_text("main")
    look(paper, "charter-minutes-1280")

    # signed minutes, publication, filing
    page = clerk.go(address)
    page.set_input_files("input[name=scan]", photo(tmp_path))
    press(page, "form[action$='/signed/'] .btn_primary")
    press(page, "form[action$='/publish/'] .btn_primary")
    assert "湖州市法治乡村建设条例第十四条" in page.inner_text("main")
    look(page, "charter-published-1280")
    press(page, "form[action$='/step/file/'] .btn_primary")
    assert state() == "filed"
    look(page, "charter-filed-1280")
    phone = villager.go(f"{at}draft/{CharterDraft.objects.get().pk}/")
    assert "已通过" in phone.inner_text("main")
    assert fits(phone)
    look(phone, "charter-public-filed-360")

    # the township finds it in its inbox and takes it on file
    township = sit_down(gaojiatang.township, width=1280, height=860)
    page = township.go("/workflow/inbox/")
    assert "2026年第1号草案" in page.inner_text("main")
    page.click("[data-open]")
    page.wait_for_selector("[data-kind=approve]")
    look(page, "charter-inbox-1280")
    page = township.go(address)
    look(page, "charter-township-1280")
    press(page, "form[action$='/step/accept/'] .btn_primary")

    # when it has hung out it is brought into force, and the villager sees it
    days.at = NOON + timedelta(days=18)
    page = clerk.go(address)
    look(page, "charter-force-1280")
    page.fill("input[name=active_from]", "2026-12-12")
    press(page, "form[action$='/force/'] .btn_primary")
    assert state() == "in_force"
    adopted = charters.charter_on(gaojiatang.village.pk, date(2026, 12, 12))
    assert (adopted.version.resolution, adopted.line("X02").rule.title) == (
        "村民会议决议 2026-3",
        "乱停车辆堵塞村道",
    )
    days.at = NOON + timedelta(days=19)
    assert "乱停车辆堵塞村道" in villager.go(at).inner_text("main")
    look(clerk.go(address), "charter-in-force-1280")


def test_a_draft_and_its_vote_on_a_narrow_screen(gaojiatang, sit_down, days):
    clerk = sit_down(gaojiatang.clerk)
    page = clerk.go("/governance_points/desk/charter/drafts/")
    assert fits(page)
    look(page, "charter-begin-360")
    press(page, "form[data-once] .btn_primary")
    for column, text in FORBIDDEN.items():
        page.locator(f"input[name={column}]").nth(5).fill(text)
    press(page, TO_VOTE)
    assert fits(page)
    look(page, "charter-stopped-360")
    page.locator("input[name=title]").nth(5).fill("乱停车辆堵塞村道")
    press(page, SAVE)
    for box in page.locator("input[name=warning]").all():
        box.check()
    press(page, "form[action$='/acknowledge/'] button")
    press(page, TO_VOTE)
    assert (state(), fits(page)) == ("checked", True)
    look(page, "charter-to-vote-360")
