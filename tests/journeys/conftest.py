"""A real browser on a real server; any console error or refused script fails the journey."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.test import Client

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.models import User
from xinzhi.scenes.governance_points.tests.conftest import NOON, Place, make_place

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture
def chromium() -> Iterator[object]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread; Django then wants to be told that its calls are meant.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Reader:
    """A person at a screen. What the browser complains about is kept, and asked for at the end."""

    def __init__(self, chromium, base: str, *, width: int = 360, height: int = 740) -> None:
        self.base = base
        self.context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message) -> None:
        # A form that comes back with a refusal answers 4xx; the browser logs that, and it is not a fault.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def go(self, path: str):
        answer = self.page.goto(self.base + path)
        assert answer.status < 400, f"{path} answered {answer.status}"
        return self.page

    def log_in(self, username: str, password: str) -> Reader:
        self.go("/login/staff/")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", password)
        self.page.click("form:has(input[name=password]) button[type=submit]")
        self.page.wait_for_load_state()
        return self


@pytest.fixture
def reader(chromium, live_server):
    readers: list[Reader] = []

    def make(**size) -> Reader:
        readers.append(Reader(chromium, live_server.url, **size))
        return readers[-1]

    yield make
    for each in readers:  # an open page keeps a server thread, and that thread a database connection
        each.context.close()
    assert [c for r in readers for c in r.complaints] == []


class Days:
    """The clock of a journey: it stands in every thread of the server until the journey turns it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def days(monkeypatch) -> Days:
    found = Days(NOON)
    monkeypatch.setattr(clock, "now", found.now)
    return found


@pytest.fixture
def gaojiatang(days, settings, tmp_path) -> Place:
    """A village with its charter and people, committed, so that the server sees it."""
    settings.STATE_DIR, settings.EVIDENCE_DIR = tmp_path, tmp_path / "evidence"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    return make_place()


@pytest.fixture
def sit_down(reader):
    """A browser in which somebody is logged in already."""

    def sit(actor, **size):
        client = Client()
        client.force_login(
            User.objects.get(pk=actor.user_id), backend="django.contrib.auth.backends.ModelBackend"
        )
        somebody = reader(**size)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": somebody.base}
        somebody.context.add_cookies([cookie])
        return somebody

    return sit


def look(page, name: str) -> None:
    """Keep a picture of the page for somebody to look at, where XINZHI_SHOTS names a folder."""
    if folder := os.environ.get("XINZHI_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
