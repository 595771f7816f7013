"""The charter of the demo township is one the linter has nothing to say about (village.md 1.3(a))."""

from __future__ import annotations

from pathlib import Path

from xinzhi.kernel.sheets import read_table
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.linting import lint

CHARTER = Path(__file__).parents[1] / "data" / "charter.csv"


def test_its_28_rules_raise_no_alarm():
    with CHARTER.open("rb") as file:
        read = charter_sheet.read_charter(read_table(file, CHARTER.name, columns=charter_sheet.COLUMNS))
    of_the_source = [r for r in read.rules if not r.act]  # the others count what a scene sees
    assert (len(of_the_source), read.problems) == (28, ())
    assert [(f.rule_code, f.code, f.found) for f in lint(read.rules, publication_days=7)] == []
