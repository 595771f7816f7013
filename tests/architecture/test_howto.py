"""docs/howto/add-a-scene.md, done as it says: every block, from top to bottom, in a copy of this checkout."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.architecture.checkout import Checkout
from tests.architecture.sources import ROOT

HOW_TO = ROOT / "docs/howto/add-a-scene.md"
SCENE = "xinzhi/scenes/weather_notes"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


PLACES = """
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.regions.services import import_divisions
import_divisions(actor=SYSTEM, rows=[
    ("330000000000", "浙江省"), ("330500000000", "湖州市"), ("330523000000", "安吉县"), ("330523206000", "山川乡"),
    ("330523206203", "高家堂村"), ("330523206201", "船村村"),
])
"""


def blocks(text: str) -> Iterator[tuple[str, str]]:
    for kind, body in _BLOCK.findall(text):
        assert kind in {"sh", "diff", "python"}, (
            f"{HOW_TO.name} holds a block of {kind}, which nobody can run."
        )
        yield kind, body


def edits(body: str) -> Iterator[tuple[str, str, str]]:
    """File, former text, new text of each part of a ```diff block."""
    name, _newline, rest = body.removeprefix("--- ").partition("\n")
    for part in re.split(r"^@@\n", rest, flags=re.MULTILINE):
        lines = part.splitlines(keepends=True)
        old = "".join(line[1:] or "\n" for line in lines if not line.startswith("+"))
        new = "".join(line[1:] or "\n" for line in lines if not line.startswith("-"))
        # The edge of a part may lie within a line of a template.
        yield name, old.strip("\n"), new.strip("\n")


def do(checkout: Checkout, kind: str, body: str) -> None:
    if kind == "sh":
        checkout.shell(body)
    elif kind == "diff":
        for name, old, new in edits(body):
            checkout.edit(name, old, new)
    else:
        first, _newline, text = body.partition("\n")
        assert first.startswith(f"# {SCENE}/"), f"The first line of a new file is its path, found {first}"
        path = checkout.folder / first.removeprefix("# ")
        assert not path.exists(), f"{first} is there already."
        path.write_text(text, "utf-8")


@pytest.mark.slow
def test_the_how_to_works_from_top_to_bottom(checkout: Checkout) -> None:
    # given a house with places, as after `make run`
    checkout.run("xinzhi", "setup-db")
    checkout.python(PLACES)
    # when somebody follows it
    done = []
    for kind, body in blocks(HOW_TO.read_text("utf-8")):
        if body.startswith(".venv/bin/xinzhi manage migrate weather_notes zero"):
            # then what it made is worth keeping, before it is taken away
            checkout.gates(SCENE)
            assert len(done) > 10
        do(checkout, kind, body)
        done.append(kind)
    # and nothing is left of it
    assert not (checkout.folder / SCENE).exists()
    checkout.run("xinzhi", "assembly", "docs", "--check")
    checkout.python(
        "from django.db import connection\n"
        "assert not [t for t in connection.introspection.table_names() if t.startswith('weather_notes')]"
    )


def test_a_block_that_does_not_fit_would_be_seen():
    assert list(edits("--- a.py\n-x = 1\n+x = 2\n@@\n y\n+z\n")) == [
        ("a.py", "x = 1", "x = 2"),
        ("a.py", "y", "y\nz"),
    ]
