"""Files stay small, every package says what it is for, and nothing names the machine it was written on."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import ROOT, files, packages, shown

MOST_LINES = 450


def test_no_source_file_outgrows_its_shelf():
    long = {
        shown(path): lines
        for path in files(".py", ".html", ".js", ".css", ".sh", ".sql")
        if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}, f"Split by subject what has more than {MOST_LINES} lines: {long}"


@pytest.mark.parametrize("package", packages(), ids=shown)
def test_every_package_begins_by_saying_what_it_is_for(package):
    readme = package / "README.md"
    assert readme.exists(), f"Write {shown(readme)}: what it is for, who calls it, what it promises."
    first, *rest = readme.read_text("utf-8").strip().splitlines()
    wanted = package.name.removeprefix("_")
    heading = first.lower().replace(" ", "_")
    assert heading.startswith(f"#_{wanted}"), f"{shown(readme)} begins with '# {wanted}', found '{first}'."
    told = " ".join(rest).strip()
    assert len(told) > 100, f"{shown(readme)} has a heading and hardly a word below it."


@pytest.mark.parametrize("package", packages(), ids=shown)
def test_every_package_says_in_its_first_line_of_code_what_it_is(package):
    text = (package / "__init__.py").read_text("utf-8").strip()
    assert text.startswith('"""') or not text, f"Begin {shown(package)}/__init__.py with one sentence."


#: A home folder, a checkout, a registry: whatever is true on one machine only.
_MACHINE = re.compile(r"(?<![\w.$~-])/(?:home|Users|work|mnt|srv|builds)/\w+")
_REGISTRY = re.compile(
    r"https?://[\w.-]*(?:pypi|npmjs|npmmirror|mirror|artifactory|nexus|jfrog|localhost)[\w.:/-]*", re.I
)


def test_no_file_names_a_folder_of_one_machine():
    found = {
        f"{shown(path)}: {hit.group()}"
        for path in files(
            ".py", ".md", ".toml", ".html", ".js", ".css", ".json", ".lock", ".in", ".sh", ".po", ".yaml", ""
        )
        if path.resolve() != __file__
        for hit in _MACHINE.finditer(path.read_text("utf-8"))
    }
    assert found == set(), f"Say it relative to the checkout: {sorted(found)}"


@pytest.mark.parametrize("name", ["package-lock.json", "requirements/runtime.lock", "requirements/dev.lock"])
def test_locks_carry_hashes_and_no_addresses(name):
    text = (ROOT / name).read_text("utf-8")
    assert not _REGISTRY.findall(text), f"{name} names a registry; lock it again as CONTRIBUTING.md says."
    assert '"resolved"' not in text and "--index-url" not in text, f"{name} says where packages come from."
    assert "sha256:" in text or '"integrity"' in text, (
        f"{name} has no hashes; lock it again as CONTRIBUTING.md says."
    )
