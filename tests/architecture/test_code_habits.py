"""Habits a linter cannot ask for: one clock, no bare print, jobs and permissions that exist."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import files, shown

SOURCES = [p for p in files(".py", below="xinzhi") if not {"tests", "migrations"} & set(p.parts)]
CLOCK = "xinzhi/kernel/foundation/clock.py"
#: Names of the standard library's and Django's clocks, by the object they are asked of.
_OTHER_CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "timezone": {"now", "localdate", "localtime"},
}


def _lines(paths: list[Path], wrong: Callable[[ast.Call], bool]) -> list[str]:
    return [f"{shown(p)}:{line}" for p in paths for line in wrong_lines(p.read_text("utf-8"), wrong)]


def wrong_lines(text: str, wrong: Callable[[ast.Call], bool]) -> Iterator[int]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and wrong(node):
            yield node.lineno


def asks_another_clock(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=word):
            return word in _OTHER_CLOCKS.get(owner, ())
    return False


def prints(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "print"


def test_the_time_is_asked_of_one_clock():
    found = _lines([p for p in SOURCES if shown(p) != CLOCK], asks_another_clock)
    assert found == [], f"Ask xinzhi.kernel.foundation.clock, which tests and the demo can fix: {found}"


def test_nothing_is_printed_past_the_commands_and_the_log():
    found = _lines(SOURCES, prints)
    assert found == [], f"Use click.echo in commands.py and logging elsewhere: {found}"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("datetime.now(UTC)", asks_another_clock),
        ("datetime.datetime.utcnow()", asks_another_clock),
        ("date.today()", asks_another_clock),
        ("timezone.now()", asks_another_clock),
        ("print(1)", prints),
    ],
)
def test_each_bad_habit_would_be_seen(text, wrong):
    assert list(wrong_lines(text, wrong)) == [1]


def test_every_job_that_is_deferred_by_name_exists():
    from xinzhi.kernel.jobs.tasks import declared

    named = {
        f"{shown(path)}:{node.lineno}": node.args[0].value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "defer"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    unknown = {where: name for where, name in named.items() if name not in declared()}
    assert named, "No job is deferred by name any more; look for it another way."
    assert unknown == {}, f"Declare the job in the package's jobs.py, or mend its name: {unknown}"


def test_every_permission_the_code_asks_for_is_declared():
    """A misspelt permission refuses everybody, which looks like a missing role and is a misspelling."""
    from xinzhi.kernel.assembly import registry

    known = {p.code for m in registry.manifests() for p in m.permissions}
    prefixes = tuple(f"{m.slug}." for m in registry.manifests())
    asked: dict[str, str] = {}
    for path in SOURCES:
        if "_example" in path.parts:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        constants = _constants(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            word = getattr(node.func, "attr", getattr(node.func, "id", ""))
            values = [k.value for k in node.keywords if k.arg == "permission"]
            if word in ("require", "may", "scope_paths", "own_households") and node.args:
                values.append(node.args[0])
            for value in values:
                code = (
                    value.value
                    if isinstance(value, ast.Constant)
                    else constants.get(getattr(value, "id", ""))
                )
                if isinstance(code, str) and code.startswith(prefixes):
                    asked[f"{shown(path)}:{node.lineno}"] = code
    unknown = {where: code for where, code in asked.items() if code not in known}
    assert len(asked) > 20, "Permissions are asked for in another way now; follow it here."
    assert unknown == {}, f"Add them to `permissions` in a manifest.py, or mend the spelling: {unknown}"


def _constants(tree: ast.Module) -> dict[str, str]:
    return {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
