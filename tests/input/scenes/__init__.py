"""What scenes bring to these tests, each in its own file: FORMS, and `known(world, path)` for the API's fields."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from xinzhi.config.packages import installed_packages, slug_of


def parts() -> Iterator[Any]:
    """The files of scenes that are installed."""
    installed = {slug_of(package) for package in installed_packages()}
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        if path.stem in installed:
            yield import_module(f"tests.input.scenes.{path.stem}")
