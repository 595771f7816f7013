"""The inbox by keyboard in a real Chromium: J and K walk, A approves, the next one is there; on a phone it is a list."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from xinzhi.kernel.assembly import registry as assembly
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.models import RoleGrant, User
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.workflow import ports
from xinzhi.kernel.workflow.lifecycle import Presented
from xinzhi.kernel.workflow.models import Step
from xinzhi.kernel.workflow.services import start_many
from xinzhi.kernel.workflow.tests.cases import ALL, FAVOUR, favour, villager

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def chromium(monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with playwright.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        except playwright.Error as missing:
            pytest.skip(f"no Chromium here: {str(missing).splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def session(committed_places, monkeypatch):
    """A clerk's session, and three favours that wait for him."""
    held = {"village_clerk": ALL}
    monkeypatch.setattr(assembly, "permissions_of", lambda role: held.get(role, frozenset()))
    ports.register(
        FAVOUR.name,
        ports.Port(
            present_many=lambda ids, *, actor: {pk: Presented(f"Favour {pk}", "Household 007") for pk in ids}
        ),
    )
    at = clock.now() - timedelta(days=1)
    cases = start_many([favour() for _ in range(3)], lifecycle=FAVOUR, actor=villager(21, 7), at=at)
    user = User.objects.create(username="clerk")
    RoleGrant.objects.create(
        user=user,
        role="village_clerk",
        region=Region.objects.get(pk=1),
        active_from="2000-01-01",
        granted_at=at,
    )
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(user.pk), "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return store.session_key, [c.pk for c in cases]


def opened(chromium, live_server, session_key, width, height):
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="en")
    context.add_cookies([{"name": "sessionid", "value": session_key, "url": live_server.url}])
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None
    )
    page.goto(f"{live_server.url}/workflow/inbox/")
    return page, problems


def shot(page, name):
    """Kept where XINZHI_SHOTS says, to be looked at."""
    if folder := os.environ.get("XINZHI_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_clerk_walks_and_approves_by_keyboard(chromium, live_server, session):
    key, (first, second, third) = session
    page, problems = opened(chromium, live_server, key, 1280, 800)
    page.wait_for_selector(f'[data-case="tests.favour:{first}"]')
    page.keyboard.press("j")
    page.wait_for_selector(f'[data-case="tests.favour:{second}"]')
    shot(page, "inbox-desktop")
    page.keyboard.press("k")
    page.wait_for_selector(f'[data-case="tests.favour:{first}"]')
    with page.expect_navigation():
        page.keyboard.press("a")
    page.wait_for_selector(f'[data-case="tests.favour:{second}"]')
    assert page.locator("[data-item]").count() == 3  # the first one waits for its second check now
    assert list(Step.objects.filter(action="check").values_list("subject_id", flat=True)) == [first]
    page.keyboard.press("r")  # a return needs a reason: the field has the focus, nothing was sent
    assert page.evaluate("document.activeElement.name") == "reason_code"
    assert not Step.objects.filter(action="refuse").exists()
    assert (third, problems) == (third, [])


def test_the_bulk_bar_by_keyboard(chromium, live_server, session):
    key, (first, second, _third) = session
    page, problems = opened(chromium, live_server, key, 1280, 800)
    page.wait_for_selector(f'[data-case="tests.favour:{first}"]')
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[data-count]").inner_text() == "2"
    with page.expect_navigation():
        page.get_by_role("button", name="Check: all marked").click()
    assert set(Step.objects.filter(action="check").values_list("subject_id", flat=True)) == {first, second}
    assert problems == []


def test_on_a_phone_it_is_a_list_that_fits_and_opens_a_page(chromium, live_server, session):
    key, (first, *_rest) = session
    page, problems = opened(chromium, live_server, key, 360, 740)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shot(page, "inbox-phone")
    page.get_by_role("link", name=f"Favour {first}").click()
    page.wait_for_selector(f'[data-case="tests.favour:{first}"]')
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    shot(page, "case-phone")
    assert problems == []
