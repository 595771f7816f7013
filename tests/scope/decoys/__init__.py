"""What scenes put into the decoy's village, each in its own file; of a scene that is not installed nothing is put there."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from xinzhi.config.packages import installed_packages, slug_of


def fill(world: Any) -> None:
    installed = {slug_of(package) for package in installed_packages()}
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        if path.stem in installed:
            import_module(f"tests.scope.decoys.{path.stem}").fill(world)
