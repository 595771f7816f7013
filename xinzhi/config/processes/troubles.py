"""Why something cannot start, in one sentence with its remedy."""

from __future__ import annotations


class CannotStart(Exception):
    """Shown as it is, without a traceback; the exit code is 1."""
