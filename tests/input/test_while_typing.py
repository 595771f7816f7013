"""What happens to a form while somebody types: the session ends, the signal goes, a finger presses twice. A real browser."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.input.world import FAST, PASSWORD, log_in, make_world
from xinzhi.kernel.foundation import clock
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.tests.conftest import NOON

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CLAIM = "/governance_points/claim/D02/"
ENTER = "/governance_points/desk/enter/"
SUBMIT = "form[data-draft] button:is([type=submit], .btn_primary)"


@pytest.fixture
def world(settings, tmp_path, monkeypatch):
    """Committed, so that the server sees it; the clock stands in all its threads."""
    settings.STATE_DIR, settings.EVIDENCE_DIR = tmp_path, tmp_path / "evidence"
    settings.PASSWORD_HASHERS = [*FAST, *settings.PASSWORD_HASHERS]
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return make_world()


def sit_down(reader, who, **size):
    """A browser that is logged in already."""
    somebody = reader(**size)
    cookie = log_in(who).cookies["sessionid"].value
    somebody.context.add_cookies([{"name": "sessionid", "value": cookie, "url": somebody.base}])
    return somebody


def fill_in_at_the_desk(page):
    page.fill("[name=household_no]", "GJ0002")
    page.select_option("[name=rule]", "D02")
    page.fill("[name=done_on]", "2026-11-19")
    page.fill("[name=quantity]", "1.5")


def typed_at_the_desk(page) -> list[str]:
    return [page.input_value(f"[name={name}]") for name in ("household_no", "rule", "done_on", "quantity")]


TYPED = ["GJ0002", "D02", "2026-11-19", "1.5"]


def test_a_session_that_expires_while_a_clerk_types_loses_nothing(world, reader):
    clerk = sit_down(reader, world.clerk, width=1280, height=860)
    page = clerk.go(ENTER)
    fill_in_at_the_desk(page)
    before = Deed.objects.count()
    Session.objects.all().delete()
    # the form leads to the login; after it the clerk is back and everything is as he typed it
    page.click(SUBMIT)
    page.wait_for_url("**/login/**")
    page.click("a[href*='/login/staff/']")
    page.fill("input[name=username]", "clerk")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button[type=submit]")
    page.wait_for_url(f"**{ENTER}")
    assert typed_at_the_desk(page) == TYPED
    assert Deed.objects.count() == before
    # sent now, it counts once, and the next form is empty
    page.click(SUBMIT)
    page.wait_for_selector(".toast_success")
    assert Deed.objects.count() == before + 1
    assert clerk.go(ENTER).input_value("[name=household_no]") == ""


def test_a_form_older_than_the_login_says_so_and_comes_back_as_typed(world, reader):
    clerk = sit_down(reader, world.clerk, width=1280, height=860)
    page = clerk.go(ENTER)
    fill_in_at_the_desk(page)
    before = Deed.objects.count()
    page.evaluate(
        "document.querySelector('form[data-draft] [name=csrfmiddlewaretoken]').value = 'a'.repeat(64)"
    )
    page.click(SUBMIT)
    page.wait_for_selector("[role=alert]")
    assert "您填写的内容还在" in page.locator("[role=alert]").inner_text()
    page.click("[data-back]")
    page.wait_for_url(f"**{ENTER}")
    expect(page.locator("[name=household_no]")).not_to_have_value("")
    assert typed_at_the_desk(page) == TYPED
    assert Deed.objects.count() == before


def test_a_signal_that_goes_while_a_villager_sends_loses_nothing(world, reader):
    villager = sit_down(reader, world.villager)
    page = villager.go(CLAIM)
    page.fill("[name=done_on]", "2026-11-19")
    page.fill("[name=quantity]", "2.5")
    before = Deed.objects.count()
    villager.context.set_offline(True)
    with page.expect_event("requestfailed", lambda request: request.is_navigation_request()):
        page.click(SUBMIT, no_wait_after=True)
    page.wait_for_url(
        "chrome-error://**"
    )  # the browser's own page has come, and will not cut the next one off
    villager.context.set_offline(False)
    page = villager.go(CLAIM)
    assert page.input_value("[name=done_on]") == "2026-11-19"
    assert page.input_value("[name=quantity]") == "2.5"
    assert Deed.objects.count() == before
    page.click(SUBMIT)
    page.wait_for_url("**/claim/done/")
    assert Deed.objects.count() == before + 1
    # what was sent is no draft any more
    assert villager.go(CLAIM).input_value("[name=quantity]") == "1"
    # htmx says that the preview could not be asked for, which is true
    villager.complaints[:] = [c for c in villager.complaints if not c.startswith("htmx:")]


def test_a_refused_form_shows_what_was_typed_and_not_an_older_draft(world, reader):
    villager = sit_down(reader, world.villager)
    page = villager.go(CLAIM)
    page.fill("[name=quantity]", "9")
    page.click(SUBMIT)
    page.wait_for_selector(".field-error, .form-error")
    assert page.input_value("[name=quantity]") == "9"
    page.fill("[name=quantity]", "2")
    page.click(SUBMIT)
    page.wait_for_url("**/claim/done/")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_double_click_makes_one_deed(world, reader, chromium, live_server, scripts):
    context = chromium.new_context(java_script_enabled=scripts, viewport={"width": 360, "height": 740})
    cookie = log_in(world.villager).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + CLAIM)
    before = Deed.objects.count()
    page.dblclick(SUBMIT)
    page.wait_for_url("**/claim/done/")
    page.wait_for_load_state()
    # and the way back and once more: the same form is the same claim
    page.go_back()
    context.close()
    assert Deed.objects.count() == before + 1


def test_two_pages_open_at_once_do_not_mix_their_drafts(world, reader):
    villager = sit_down(reader, world.villager)
    page = villager.go(CLAIM)
    page.fill("[name=quantity]", "2.5")
    page = villager.go("/governance_points/claim/C01/")
    assert page.locator("[name=quantity]").count() == 0
    assert villager.go(CLAIM).input_value("[name=quantity]") == "2.5"


def test_a_draft_keeps_no_password_and_no_code(world, reader):
    somebody = reader()
    page = somebody.go("/login/staff/")
    page.fill("input[name=username]", "clerk")
    page.fill("input[name=password]", "geheim-geheim")
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "geheim" not in kept
