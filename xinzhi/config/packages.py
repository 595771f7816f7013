"""Which packages are installed: what lies in kernel/ and scenes/, in the order of the alphabet, and what pip brought."""

from __future__ import annotations

import os
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def installed_packages() -> list[str]:
    """Dotted names of the Django apps: every kernel package with an apps.py, every scene with a manifest.py.

    Scenes of others come by pip and name their package in the entry-point group `xinzhi.scenes`. The sample
    scene `_example` is there only with XINZHI_EXAMPLE=1.
    """
    kernel = sorted(p.parent.name for p in (ROOT / "kernel").glob("*/apps.py"))
    scenes = sorted(p.parent.name for p in (ROOT / "scenes").glob("*/manifest.py"))
    localities = sorted(p.parent.name for p in (ROOT / "localities").glob("*/apps.py"))
    example = os.environ.get("XINZHI_EXAMPLE", "") == "1"
    installed = [
        *(f"xinzhi.kernel.{name}" for name in kernel),
        *(f"xinzhi.scenes.{name}" for name in scenes if not name.startswith("_") or example),
        *(f"xinzhi.localities.{name}" for name in localities),
        *sorted(point.value for point in entry_points(group="xinzhi.scenes")),
    ]
    return list(dict.fromkeys(installed))


def slug_of(package: str) -> str:
    """The one word of a package: its folder, without the underscore of a sample."""
    return package.rpartition(".")[2].removeprefix("_")
