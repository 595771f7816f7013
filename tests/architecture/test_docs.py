"""What the documents say is there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tests.architecture.sources import ROOT, files, packages, shown

DOCUMENTS = files(".md")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```", re.DOTALL)


def _prose(path: Path) -> str:
    return _CODE.sub("", path.read_text("utf-8"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_every_link_in_a_document_leads_somewhere(path):
    lost = []
    for target in _LINK.findall(_prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _hash, anchor = target.partition("#")
        aim = (path.parent / name).resolve() if name else path
        if not aim.exists() or (anchor and anchor not in _anchors(aim)):
            lost.append(target)
    assert lost == [], f"{shown(path)} points at {lost}, which is not there."


def _anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+\s+(.+)$", path.read_text("utf-8"), re.MULTILINE) if path.suffix == ".md" else []
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_generated_lists_are_up_to_date():
    from xinzhi.kernel.assembly.lists import generated

    for name, text in generated().items():
        path = ROOT / "docs" / name
        assert path.exists() and path.read_text("utf-8") == text, (
            f"docs/{name} is out of date. Run: xinzhi assembly docs"
        )


def test_the_map_names_every_package_and_no_other():
    text = (ROOT / "docs/map.md").read_text("utf-8")
    table = text.partition("## The kernel")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\|([^|]+)\|", table, re.MULTILINE))))
    real = {p.name for p in packages() if p.parent.name == "kernel"}
    assert named == real, f"docs/map.md: add {sorted(real - named)}, remove {sorted(named - real)}."


def test_files_that_the_map_and_the_readme_name_exist():
    for name in ("docs/map.md", "README.md", "CONTRIBUTING.md"):
        prose = _prose(ROOT / name)
        named = re.findall(r"`((?:\w+/)*\w+\.(?:py|md|sql|toml))`", prose)
        homes = [ROOT, ROOT / "xinzhi", ROOT / "docs", *packages()]
        # A shelf of scenes in general ("a package's jobs.py") stands in some package.
        lost = [n for n in named if not any((home / n).exists() for home in homes)]
        assert lost == [], f"{name} names {lost}, which is not there."


def test_what_the_glossary_calls_code_stands_in_the_code():
    """The second column holds words of the code; each of them is found in a name or a docstring of ours."""
    rows = re.findall(r"^\|([^|]+)\|([^|]+)\|", (ROOT / "docs/glossary.md").read_text("utf-8"), re.MULTILINE)[
        2:
    ]
    code = " ".join(p.read_text("utf-8") for p in files(".py", below="xinzhi")).lower().replace("_", " ")
    lost = []
    for _interface, words in rows:
        for word in re.split(r"\s*/\s*|,\s*", re.sub(r"\(.*?\)", "", words).strip()):
            if word and word.lower() not in code:
                lost.append(word)
    assert len(rows) > 15
    assert lost == [], f"docs/glossary.md calls {lost} words of the code, and no file of ours holds them."


def test_interface_words_of_the_glossary_stand_in_the_interface():
    rows = re.findall(r"^\|([^|]+)\|([^|]+)\|", (ROOT / "docs/glossary.md").read_text("utf-8"), re.MULTILINE)[
        2:
    ]
    said = " ".join(p.read_text("utf-8") for p in files(".po", ".py", below="xinzhi"))
    lost = [w for words, _code in rows for w in re.split(r"\s*/\s*", words.strip()) if w and w not in said]
    assert lost == [], f"docs/glossary.md explains {lost}, which nobody ever reads in the interface."


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.add((*path, name))
        if isinstance(command, click.Group):
            found |= _commands(command, (*path, name))
    return found


_SAID = re.compile(r"(?:(?<=`)|(?<=bin/)|(?<=-- )|(?<=: )|(?<=^))xinzhi((?: [a-z][a-z-]*)+)", re.MULTILINE)


def test_every_command_that_a_document_or_a_hint_names_exists():
    from xinzhi.config.cli import group

    known = _commands(group)
    groups = {c[:-1] for c in known if len(c) > 1}
    lost = []
    for path in [*DOCUMENTS, *files(".py", ".html", below="xinzhi"), ROOT / "Makefile", ROOT / ".ci/run"]:
        for said in _SAID.findall(path.read_text("utf-8")):
            words = tuple(said.split())
            if words[0] in ("manage", "with-database"):  # what follows is Django's or anything
                words = words[:1]
            deepest = next((words[:n] for n in range(len(words), 0, -1) if words[:n] in known), ())
            if not deepest or (deepest in groups and len(words) > len(deepest)):
                lost.append(f"{shown(path)}: xinzhi{said}")
    assert len(known) > 20
    assert lost == [], f"There is no such command: {lost}. See xinzhi --help."


def test_every_make_target_that_a_document_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    lost = [
        f"{shown(path)}: make {name}"
        for path in DOCUMENTS
        for name in re.findall(
            r"(?:`|^)(?:[A-Z_]+=\S+ )*make ([a-z][a-z-]*)", path.read_text("utf-8"), re.MULTILINE
        )
        if name not in targets
    ]
    assert lost == [], f"The Makefile has no such target: {lost}"


def test_every_setting_that_the_readme_explains_is_read_somewhere():
    table = (ROOT / "README.md").read_text("utf-8").partition("## Settings")[2].partition("\n### ")[0]
    named = set(
        re.findall(r"`([A-Z][A-Z_]{3,})(?:=\w+)?`", "".join(re.findall(r"^\|([^|]+)\|", table, re.MULTILINE)))
    )
    code = "".join(
        p.read_text("utf-8") for p in [*files(".py", ".sh"), ROOT / "Makefile"] if "tests" not in p.parts
    )
    lost = sorted(name for name in named if name not in code)
    assert len(named) > 10 and lost == [], f"README.md explains {lost}, which nothing reads."
