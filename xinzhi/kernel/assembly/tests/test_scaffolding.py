"""A new scene is written whole, in its own words, or not at all."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from xinzhi.kernel.assembly.commands import PACKAGE
from xinzhi.kernel.assembly.scaffolding import LONGEST_SLUG, SlugNotUsable, SlugTaken, new_scene


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A package folder with the sample and the names of the kernel's packages."""
    root = tmp_path / "xinzhi"
    shutil.copytree(PACKAGE / "scenes/_example", root / "scenes/_example")
    for package in (PACKAGE / "kernel").iterdir():
        (root / "kernel" / package.name).mkdir(parents=True)
    shutil.copy(PACKAGE.parent / "pyproject.toml", tmp_path)
    return root


@pytest.mark.parametrize("slug", ["tea", "white_tea_2", "a" * LONGEST_SLUG, "y2k"])
def test_a_new_scene_is_well_formed_under_every_slug(root: Path, slug: str):
    folder = new_scene(slug=slug, name="白茶", root=root)

    assert folder == root / "scenes" / slug
    # The order of imports is judged where all packages are; here are only their names.
    said = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--ignore", "I001", str(folder)],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stdout
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--check", "--no-cache", str(folder)], check=False
    )
    assert formatted.returncode == 0
    for path in folder.rglob("*.*"):
        text = path.read_text("utf-8")
        assert not re.search("example|示例|sample", text, re.IGNORECASE), path
        for name in re.findall(r'Index\([^()]*name="(\w+)"', text):
            assert len(name) <= 30, f"Django refuses the index name {name}"
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*.html")} == {
        f"templates/{slug}/entries.html"
    }
    assert not list((root / "scenes").glob(".*")), "the draft is gone"


@pytest.mark.parametrize("name", ["", "  白茶   管理 ", '白"茶"', "白\\茶", "白{{茶}}%s", "<b>白茶</b>"])
def test_any_name_gives_files_that_can_be_read(root: Path, name: str):
    folder = new_scene(slug="tea", name=name, root=root)

    for path in folder.rglob("*.py"):
        ast.parse(path.read_text("utf-8"))
    (po,) = folder.rglob("*.po")
    catalogue = read_po(BytesIO(po.read_bytes()))
    kept = " ".join(name.split()).replace('"', "").replace("\\", "") or "tea"
    assert catalogue["Tea"].string == kept


@pytest.mark.parametrize(
    "slug",
    ["", "te", "Tea", "white-tea", "2tea", "tea__house", "_tea", "tea_", "class", "茶", "../tea", "a" * 23],
)
def test_a_word_that_cannot_be_a_slug_is_refused_and_nothing_is_written(root: Path, slug: str):
    with pytest.raises(SlugNotUsable):
        new_scene(slug=slug, name="", root=root)
    assert [p.name for p in (root / "scenes").iterdir()] == ["_example"]


@pytest.mark.parametrize(
    "slug",
    [
        "ledger",
        "web",
        "api",
        "admin",
        "static",
        "governance_points",
        "foundation",
        "auth",
        "sessions",
        "axes",
    ],
)
def test_a_word_that_is_taken_is_refused_and_nothing_is_written(root: Path, slug: str):
    with pytest.raises(SlugTaken):
        new_scene(slug=slug, name="", root=root)
    assert [p.name for p in (root / "scenes").iterdir()] == ["_example"]


def test_a_folder_somebody_works_in_is_left_alone(root: Path):
    mine = new_scene(slug="tea", name="", root=root) / "services.py"
    mine.write_text("# my work")
    with pytest.raises(SlugTaken):
        new_scene(slug="tea", name="", root=root)
    assert mine.read_text() == "# my work"


@pytest.mark.parametrize("address", ["login", "logout", "me", "keys", "prefs", "healthz", "readyz", "c"])
def test_no_scene_takes_an_address_of_the_house(root: Path, address: str):
    with pytest.raises((SlugTaken, SlugNotUsable)):
        new_scene(slug=address, name="", root=root)
