"""Which packages are installed: what lies in kernel/ and scenes/, in the order of the alphabet."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def installed_packages() -> list[str]:
    """Dotted names of the Django apps: every kernel package with an apps.py, every scene with a manifest.py."""
    kernel = sorted(p.parent.name for p in (ROOT / "kernel").glob("*/apps.py"))
    scenes = sorted(p.parent.name for p in (ROOT / "scenes").glob("*/manifest.py"))
    localities = sorted(p.parent.name for p in (ROOT / "localities").glob("*/apps.py"))
    return [
        *(f"xinzhi.kernel.{name}" for name in kernel),
        *(f"xinzhi.scenes.{name}" for name in scenes if not name.startswith("_")),
        *(f"xinzhi.localities.{name}" for name in localities),
    ]
