"""axe-core finds nothing on any page, in the standard and in the elder mode, on a telephone's width."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.accessibility.conftest import BASE, rendered

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
#: WCAG 2.2 levels A and AA.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
def test_no_violation_on_any_page(world, show, elder):
    pages = rendered(world, elder=elder)
    said = []
    with show(pages) as page:
        for each in pages:
            page.goto(BASE + each.address, wait_until="load")
            page.add_script_tag(path=AXE)
            found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS)
            said += [
                f"{each.route}: {v['id']}: {node['html'][:140]} {node.get('failureSummary', '')[:200]}"
                for v in found["violations"]
                for node in v["nodes"][:3]
            ]
    assert not said, "\n".join(said)
