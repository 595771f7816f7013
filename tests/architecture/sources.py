"""The files of this checkout, without what is installed or made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {
    ".venv", ".git", "node_modules", ".xinzhi", ".cache", "__pycache__", "build", ".hypothesis", ".schemathesis",
    ".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache",
}  # fmt: skip


def files(*suffixes: str, below: str = "") -> list[Path]:
    """Our files with one of these endings, by name; without an ending all of them."""
    return sorted(p for p in _walk(ROOT / below) if not suffixes or p.suffix in suffixes)


def _walk(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith(".egg-info")]
        yield from (Path(here) / name for name in names if not name.endswith((".mo", ".pyc")))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def packages() -> list[Path]:
    """The folders of the kernel, the scenes and the places."""
    shelves = (ROOT / "xinzhi" / shelf for shelf in ("kernel", "scenes", "localities"))
    return sorted(p.parent for shelf in shelves for p in shelf.glob("*/__init__.py"))
