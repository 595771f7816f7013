"""Which packages are installed: what lies in kernel/ and scenes/, in the order of the alphabet, and what pip brought."""

from __future__ import annotations

import os
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

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


def part_of(package: str, module: str, name: str) -> Any:
    """What a package's module brings, e.g. the `router` of its api.py. Raises ImproperlyConfigured with a hint."""
    found = getattr(import_module(f"{package}.{module}"), name, None)
    if found is None:
        path = f"{package.replace('.', '/')}/{module}.py"
        raise ImproperlyConfigured(
            f"{path} has no `{name}`. Hint: write one as in xinzhi/scenes/_example/{module}.py."
        )
    return found


def slug_of(package: str) -> str:
    """The one word of a package: its folder, without the underscore of a sample."""
    return package.rpartition(".")[2].removeprefix("_")
