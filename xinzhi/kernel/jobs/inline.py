"""Run what is due in this process: for tests and for building the demo."""

from __future__ import annotations


def run_inline(*, periodic: bool = False) -> int:
    """Run every due job until none is left; returns how many ran."""
    del periodic
    return 0
