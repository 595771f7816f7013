"""T20 of village.md 9: the sizes of the elder mode (MIIT 2021), measured in a real browser on every villager's page."""

from __future__ import annotations

import pytest

from tests.accessibility.conftest import BASE, VILLAGERS, rendered

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

SEEN = "e => e.checkVisibility() && e.getBoundingClientRect().width > 2"
#: Text a reader has to read, not marks and hidden words.
SMALL_TEXT = f"""() => [...document.querySelectorAll('main *, nav *, header *')].filter({SEEN})
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .map(e => ['text', parseFloat(getComputedStyle(e).fontSize), e.textContent.trim().slice(0, 30), e.className.toString()])
  .filter(found => found[1] < 18)"""
LOW_LINES = f"""() => [...document.querySelectorAll('main p, main li, main dd')].filter({SEEN})
  .filter(e => e.textContent.trim() && e.childElementCount === 0)
  .map(e => ['line', parseFloat(getComputedStyle(e).lineHeight) / parseFloat(getComputedStyle(e).fontSize), e.textContent.trim().slice(0, 30)])
  .filter(found => found[1] < 1.3)"""
SMALL_TARGETS = f"""() => [...document.querySelectorAll(
    'main button, main .weui-btn, main .btn, main .weui-cell_access, main select, main textarea, nav a, ' +
    'main input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=file])')].filter({SEEN})
  .map(e => ['target', Math.round(e.getBoundingClientRect().height), e.textContent.trim().slice(0, 30), e.className.toString()])
  .filter(found => found[1] < 60)"""
LARGEST = "() => Math.max(...[...document.querySelectorAll('main *')].map(e => parseFloat(getComputedStyle(e).fontSize)))"
GIANT = """() => [...document.querySelectorAll('main a, main button')].map(e => e.getBoundingClientRect())
  .filter(r => r.height >= 60 && r.width >= 300 && r.bottom <= 700).length"""


def test_t20_elder_sizes(world, show):
    """Text of 18 px or more, lines of 1.3 or more, targets of 60 px or more on every page of a villager."""
    pages = [p for p in rendered(world, elder=True) if p.who in VILLAGERS and not p.is_paper]
    assert len(pages) >= 15
    found = {}
    with show(pages) as page:
        for each in pages:
            page.goto(BASE + each.address, wait_until="load")
            wrong = [page.evaluate(ask) for ask in (SMALL_TEXT, LOW_LINES, SMALL_TARGETS)]
            found[each.route] = [w for group in wrong for w in group][:6]
    said = [f"{route}: {one}" for route, wrong in found.items() for one in wrong]
    assert not said, "\n".join(said)


def test_t20_large_numbers_and_three_giant_buttons_on_the_first_screen(world, show):
    pages = [p for p in rendered(world, elder=True) if p.address == "/governance_points/"]
    with show(pages) as page:
        page.goto(BASE + pages[0].address, wait_until="load")
        assert page.evaluate(LARGEST) >= 30
        assert page.evaluate(GIANT) >= 3
