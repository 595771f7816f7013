"""Every page that answers with HTML, as the one it is for would see it, in a real browser without a server in between.

All pages are rendered first and shown afterwards: while a browser is driven, the database connection of the test is another one.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.journeys.conftest import ARGUMENTS, CHROMIUM
from tests.scope import conftest as scope
from tests.scope.knocks import matrix
from tests.scope.test_every_route import filled
from tests.scope.world import World

shared_world, world = scope.shared_world, scope.world
BASE = "http://xinzhi.test"
VILLAGERS = ("household", "objector")


@dataclass(frozen=True)
class Rendered:
    """A page as it was answered: whose it is and what it is called in the matrix."""

    route: str
    who: str
    address: str
    html: bytes

    @property
    def is_paper(self) -> bool:
        return b'class="print' in self.html[:300]


def rendered(world: World, *, elder: bool) -> list[Rendered]:
    """One of each page, from the matrix of the scope tests, so that none is forgotten."""
    found = []
    for route, knocks in matrix().items():
        if not route.startswith("GET /") or route.startswith("GET /api/"):
            continue
        knock = next((k for k in knocks if k.by), knocks[0])
        who = knock.by or ("stranger" if "/login/" in route else "household")
        names = world.names | {k: world.names.get(v, v) for k, v in knock.fill.items()}
        asked = filled(knock.ask, names)
        address = route.removeprefix("GET ").format(**names) + (f"?{asked}" if asked else "")
        client = Client(headers={"accept-language": "zh-hans"})
        client.cookies.load(world.cookies.get(who, {}))
        client.cookies["elder"] = "1" if elder else "0"
        answer = client.get(address)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            found.append(Rendered(route, who, address, answer.content))
    assert len(found) >= 45, f"only {len(found)} pages answered"
    return found


@pytest.fixture
def show() -> Callable[..., Any]:
    """A telephone's screen on which rendered pages are opened."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")

    @contextmanager
    def opened(pages: list[Rendered], *, width: int = 360) -> Iterator[Any]:
        from playwright.sync_api import sync_playwright

        bodies = {urlsplit(BASE + p.address).path + "#" + urlsplit(p.address).query: p.html for p in pages}

        def answer(route: Any) -> None:
            parts = urlsplit(route.request.url)
            path = finders.find(parts.path.removeprefix("/static/")) if "/static/" in parts.path else None
            if path:
                kind = mimetypes.guess_type(parts.path)[0] or "application/octet-stream"
                route.fulfill(path=path, content_type=kind)
            elif (key := f"{parts.path}#{parts.query}") in bodies:
                route.fulfill(body=bodies[key], content_type="text/html; charset=utf-8")
            else:
                route.fulfill(status=404)

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            # The pages' own policy is tested elsewhere; here a tool must be let in to look at them.
            size = {"width": width, "height": 760}
            page = browser.new_context(viewport=size, locale="zh-CN", bypass_csp=True).new_page()
            page.route("**/*", answer)
            yield page
            browser.close()

    return opened
