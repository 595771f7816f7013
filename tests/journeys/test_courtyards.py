"""The inspector's walk with the network cut and the tab gone: everything comes home once, in order, and nobody's score is lost."""

from __future__ import annotations

import base64
import io
import re

import pytest
from django.apps import apps
from PIL import Image

from tests.journeys.conftest import look
from xinzhi.kernel.residents.models import Household

if not apps.is_installed("xinzhi.scenes.courtyards"):
    pytest.skip("the scene is not installed", allow_module_level=True)

from xinzhi.kernel.evidence.models import Evidence
from xinzhi.scenes.courtyards.models import Courtyard, Visit, Yard
from xinzhi.scenes.courtyards.services import rounds
from xinzhi.scenes.courtyards.tests.conftest import LONG_AGO, NOON, clean, make_yards, opened

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WALK = "/courtyards/walk/"
#: Taps through `count` courtyards as a thumb would, each with a photo; answers with the milliseconds it took.
WALK_MANY = """async ({count, photo}) => {
  const at = (id) => document.getElementById(id);
  const until = async (is) => { for (let n = 0; n < 2000; n++) { if (is()) return; await new Promise((r) => setTimeout(r, 2)); } throw new Error("waited in vain"); };
  const bytes = Uint8Array.from(atob(photo), (c) => c.charCodeAt(0));
  for (let n = 0; n < count; n++) {
    await until(() => !at("next").hidden && !at("list").hidden);
    const far = at("far").textContent;
    at("next").click();
    await until(() => !at("yard").hidden && !at("consent").hidden);
    document.querySelector("[data-consent=yard]").click();
    document.querySelector(".walk-item .walk-lose").click();
    const files = new DataTransfer();
    files.items.add(new File([bytes], "yard.jpg", { type: "image/jpeg" }));
    at("photo").files = files.files;
    at("photo").dispatchEvent(new Event("change"));
    await until(() => at("photo-count").textContent === "1");
    at("save").click();
    await until(() => !at("list").hidden && at("far").textContent !== far);
  }
}"""


def photo(width: int = 160, height: int = 120, *, quality: int = 75) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


@pytest.fixture
def village(days, settings, tmp_path):
    settings.STATE_DIR, settings.EVIDENCE_DIR = tmp_path, tmp_path / "evidence"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    return make_yards(with_round=False)


@pytest.fixture
def walked(village):
    village.round = opened(village.clerk, village.village)
    return village


def sent(page, waiting: int = 0, state: str = "online"):
    page.wait_for_selector(f"#net[data-waiting='{waiting}'][data-state='{state}']", timeout=120_000)


def begin(somebody):
    page = somebody.go(WALK)
    page.wait_for_selector("html[data-ready]")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def score(page, data: bytes, *, lose: int = 0, consent: str = "yard"):
    page.click("#next")
    page.click(f"[data-consent={consent}]")
    for _tap in range(lose):
        page.click(".walk-item .walk-lose >> nth=0")
    page.set_input_files("#photo", {"name": "yard.jpg", "mimeType": "image/jpeg", "buffer": data})
    page.wait_for_selector("#photo-count:text-is('1')")
    page.click("#save")
    page.wait_for_selector("#list:not([hidden])")


def test_three_hundred_courtyards_without_signal_come_home_once_and_in_order(village, sit_down):
    Household.objects.bulk_create(
        Household(village=village.village, household_no=f"DL{n:04d}", source="clerk", active_from=LONG_AGO)
        for n in range(3, 301)
    )
    rounds.lay_route(actor=village.clerk, village_id=village.village.pk, at=NOON)
    Courtyard.objects.update(yard_class="lived_in")  # nobody of this roster has members
    village.round = opened(village.clerk, village.village)

    # at the office: the round is taken along
    inspector = sit_down(village.inspector)
    page = begin(inspector)
    assert page.inner_text("[data-testid=far]").startswith("0/300")

    # in the valley, in flight mode
    inspector.context.set_offline(True)
    score(page, photo(2400, 1800, quality=92))  # what a camera gives
    many = base64.b64encode(photo()).decode()
    page.evaluate(WALK_MANY, {"count": 149, "photo": many})
    look(page, "walk-offline")

    # one courtyard is half done when the tab goes
    page.click("#next")
    page.click("[data-consent=yard]")
    page.click(".walk-item .walk-lose >> nth=0")
    half = page.inner_text("#who")
    page.wait_for_timeout(200)
    page.close(run_before_unload=False)  # nothing in the page is asked or told
    page = inspector.page = inspector.context.new_page()
    page.goto(inspector.base + WALK)
    page.wait_for_selector("html[data-ready]")
    sent(page, 150, "offline")
    page.click("#next")
    page.wait_for_selector("#scoring:not([hidden])")
    assert page.inner_text("#who") == half
    assert page.inner_text("[data-testid=total]") == "98"
    page.click("#back")
    page.wait_for_selector("#next:not([hidden])")
    score_half(page)
    page.evaluate(WALK_MANY, {"count": 149, "photo": many})
    assert page.inner_text("[data-testid=far]").startswith("300/300")
    page.close()

    # back at the office, with the phone opened anew
    page = inspector.page = inspector.context.new_page()
    page.goto(inspector.base + WALK)
    sent(page, 300, "offline")
    assert not Visit.objects.exists()
    inspector.context.set_offline(False)
    sent(page)
    numbers = list(Visit.objects.order_by("pk").values_list("yard__position", flat=True))
    assert numbers == list(range(1, 301))
    assert set(Visit.objects.values_list("turn", "rater_key")) == {(1, village.inspector.person_key)}
    assert Evidence.objects.count() == 300
    assert max(Evidence.objects.values_list("size_bytes", flat=True)) <= 200_000
    # a second time nothing goes, and nothing changes
    page.click("#send")
    sent(page)
    assert Visit.objects.count() == 300
    look(page, "walk-sent")


def score_half(page):
    """Goes on with the courtyard that was half done; its marks are still there."""
    page.click("#next")
    page.set_input_files("#photo", {"name": "yard.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.wait_for_selector("#photo-count:text-is('1')")
    page.click("#save")
    page.wait_for_selector("#list:not([hidden])")


def test_two_raters_without_signal_on_one_yard_and_a_third_who_came_too_late(walked, sit_down):
    raters = [sit_down(who) for who in (walked.inspector, walked.council, walked.third)]
    pages = [begin(each) for each in raters]
    for each in raters:
        each.context.set_offline(True)
    for page, lose in zip(pages, (0, 1, 4), strict=True):
        score(page, photo(), lose=lose)
    for each, page in zip(raters[:2], pages[:2], strict=True):
        each.context.set_offline(False)
        sent(page)
    yard = walked.yard()
    assert (yard.state, yard.result_tenths, yard.grade) == ("graded", 990, "A")
    assert sorted(Visit.objects.values_list("total_tenths", flat=True)) == [980, 1000]

    # the third learns what happened; neither score was touched, and he may throw his away
    raters[2].context.set_offline(False)
    page = pages[2]
    page.wait_for_selector(".walk-trouble")
    assert "这一户已由其他人评过" in page.inner_text(".walk-trouble")
    look(page, "walk-refused")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("[data-discard]")
    page.wait_for_selector("#troubles[hidden]", state="attached")
    assert Visit.objects.count() == 2


def test_what_the_server_refuses_is_shown_and_can_be_mended(walked, sit_down):
    inspector = sit_down(walked.inspector)
    page = begin(inspector)
    page.click("#next")
    page.click("[data-consent=yard]")
    page.click("#save")  # nothing is saved without a photo, and the sentence says so
    assert "还缺一张院子的照片" in page.inner_text("#alert")
    page.click("#back")
    score_with(page, b"no picture at all")
    page.wait_for_selector(".walk-trouble")
    assert not Visit.objects.exists()
    look(page, "walk-mend")

    page.click("[data-mend]")
    page.wait_for_selector("#scoring:not([hidden])")
    page.click("#shots button")
    score_half_in_place(page)
    sent(page)
    assert Visit.objects.get().total_tenths == 1000
    page.wait_for_selector("#troubles[hidden]", state="attached")


def score_with(page, data: bytes):
    page.click("#next")
    page.set_input_files("#photo", {"name": "yard.jpg", "mimeType": "image/jpeg", "buffer": data})
    page.wait_for_selector("#photo-count:text-is('1')")
    page.click("#save")


def score_half_in_place(page):
    page.set_input_files("#photo", {"name": "yard.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.wait_for_selector("#photo-count:text-is('1')")
    page.click("#save")


def test_an_expired_login_keeps_the_queue_and_another_login_does_not_send_it(walked, sit_down, reader):
    inspector = sit_down(walked.inspector)
    page = begin(inspector)
    cookies = inspector.context.cookies()
    inspector.context.set_offline(True)
    score(page, photo())
    inspector.context.clear_cookies()
    inspector.context.set_offline(False)
    sent(page, 1, "login")
    assert "登录已过期" in page.inner_text("#alert")
    look(page, "walk-expired")

    # somebody else logs in on this phone: the record waits for the one who made it
    other = sit_down(walked.council)
    inspector.context.add_cookies([c for c in other.context.cookies() if c["name"] == "sessionid"])
    page.click("#send")
    page.wait_for_selector("#alert:has-text('另一个账号')")
    sent(page, 1)
    assert not Visit.objects.exists()

    inspector.context.clear_cookies()
    inspector.context.add_cookies([c for c in cookies if c["name"] == "sessionid"])
    page.click("#send")
    sent(page)
    assert Visit.objects.get().rater_key == walked.inspector.person_key


def test_a_clean_courtyard_takes_three_taps_and_a_photo_and_fits_a_thumb(walked, sit_down):
    inspector = sit_down(walked.inspector)
    page = begin(inspector)
    look(page, "walk-list")
    page.click("#next")
    look(page, "walk-consent")
    assert page.locator("[data-consent=lane]").is_hidden()
    page.click("[data-consent=yard]")
    look(page, "walk-score")
    small = page.evaluate(
        "[...document.querySelectorAll('#yard button, #dock button, #dock label')].filter((b) => b.offsetParent)"
        ".map((b) => [b.textContent.trim(), b.offsetWidth, b.offsetHeight]).filter(([, w, h]) => w < 44 || h < 56)"
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.click("[data-code=Y01] .walk-lose")
    page.click("[data-code=Y05] button:text-is('7')")
    page.set_input_files("#photo", {"name": "yard.jpg", "mimeType": "image/jpeg", "buffer": photo(800, 600)})
    page.wait_for_selector("#photo-count:text-is('1')")
    look(page, "walk-scored")
    assert page.inner_text("[data-testid=total]") == "95"
    page.dblclick("#save")
    sent(page)
    assert Visit.objects.get().total_tenths == 950
    # the next one is not at home: no score, and it can be visited again
    page.click("#next")
    page.click("[data-outcome=not_at_home]")
    sent(page)
    page.wait_for_selector("#next:not([hidden])")
    assert re.search("没碰上", page.inner_text("#yards"))
    assert Visit.objects.filter(outcome="not_at_home", total_tenths=None).count() == 1


def test_the_office_sees_progress_and_the_household_what_was_missed(walked, sit_down):
    clerk = sit_down(walked.clerk, width=1280, height=900)
    for rater in (walked.inspector, walked.council):
        walked.visit(rater, marks=clean(Y01=20, Y02=15))
        walked.visit(rater, walked.neighbour, marks=clean(Y01=4))
    page = clerk.go("/courtyards/")
    look(page, "yards-desk")
    page.click(".table a")
    page.wait_for_url("**/courtyards/rounds/*/")
    look(page, "yards-round")
    assert "96" in page.inner_text(".yard-ranks")
    look(clerk.go("/courtyards/route/"), "yards-route")
    with page.expect_download() as download:
        page.evaluate(f"location.href = '/courtyards/rounds/{walked.round.pk}/excel/'")
    assert download.value.suggested_filename.endswith(".xlsx")
    look(clerk.go(f"/courtyards/yards/{walked.yard(walked.neighbour).pk}/"), "yards-yard-desk")

    villager = sit_down(walked.villager)
    page = villager.go("/courtyards/mine/")
    said = page.inner_text("main")
    assert "院内整洁" in said
    assert "−20" in said
    assert "没有扣分" in said
    look(page, "yards-mine")
    page.click("form[action$='/prefs/elder/'] button")
    page = villager.go("/courtyards/mine/")
    look(page, "yards-mine-elder")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    look(villager.go(WALK), "walk-elder-no-round")
    assert Yard.objects.get(pk=walked.yard().pk).state == "rectifying"
