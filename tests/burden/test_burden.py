"""What each task asks of a person is counted, shown in the docs, and does not grow unnoticed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.burden.counting import KNOWN_OF_A_VILLAGER, TASKS, measured, table

pytestmark = pytest.mark.django_db
DOC = Path(__file__).resolve().parents[2] / "docs/burden.md"
BEGIN, END = "<!-- counted -->", "<!-- end -->"


@pytest.mark.parametrize("task", TASKS, ids=[t.name for t in TASKS])
def test_a_task_costs_no_more_than_it_may(world, task):
    found = measured(world, task)
    assert (found.taps <= task.most_taps, len(found.to_fill) <= task.most_to_fill) == (True, True), found


def test_no_villager_is_asked_what_is_known(world):
    asked = {t.name: {*(b := measured(world, t)).to_fill, *b.optional} for t in TASKS if t.who == "household"}
    assert {
        name: fields & KNOWN_OF_A_VILLAGER for name, fields in asked.items() if fields & KNOWN_OF_A_VILLAGER
    } == {}


def test_the_docs_show_what_is_counted(world):
    """With XINZHI_WRITE=1 the table is written anew."""
    counted = table([measured(world, task) for task in TASKS])
    text = DOC.read_text(encoding="utf-8")
    head, _begin, rest = text.partition(BEGIN)
    _old, _end, tail = rest.partition(END)
    wanted = f"{head}{BEGIN}\n{counted}\n{END}{tail}"
    if os.environ.get("XINZHI_WRITE") == "1":
        DOC.write_text(wanted, encoding="utf-8")
    assert text == wanted or os.environ.get("XINZHI_WRITE") == "1", (
        "docs/burden.md is out of date: run with XINZHI_WRITE=1"
    )
