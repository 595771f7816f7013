"""How far long work is, in a row that a page, the API and a command show alike."""

from __future__ import annotations

from xinzhi.kernel.foundation.actors import Actor


def start_progress(*, kind: str, actor: Actor, total: int, region_id: int | None = None) -> int:
    """Begin to count. `kind` and message codes get their words from `labels` in the manifest."""
    del kind, actor, total, region_id
    return 0


def report(progress_id: int, *, done: int, total: int | None = None, message_code: str = "") -> None:
    """Say how far it is."""


def finish_progress(progress_id: int, *, message_code: str = "") -> None:
    """Done."""


def fail_progress(progress_id: int, *, message_code: str = "") -> None:
    """It could not be finished."""
