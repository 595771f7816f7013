"""What a scene brings for the lists it publishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.workflow.lifecycle import Text


class CloseLines(Protocol):
    """Make a chunk of unopposed lines take effect, in the transaction that also confirms them.

    Called with at most `CHUNK` rows of PublicationLine, each line exactly once. Returns what could not take effect,
    by line id (or nothing); those stay listed with the problem and are tried again a day later.
    """

    def __call__(
        self, *, publication_id: int, lines: Sequence[Any], at: datetime
    ) -> Mapping[int, DomainError] | None: ...


def _nothing(**_ignored: Any) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Handler:
    """One kind of publication. `line_objected`, `line_restored`, `line_removed` and `line_revoked` (upheld on appeal, when it
    had taken effect already) are called as `f(line=…, objection=…, actor=…, at=…)` inside the transaction of the act."""

    label: Text
    close_lines: CloseLines
    line_removed: Callable[..., None] = _nothing
    line_objected: Callable[..., None] = _nothing
    line_restored: Callable[..., None] = _nothing
    line_revoked: Callable[..., None] = _nothing
    publication_withdrawn: Callable[..., None] = _nothing
    days_default: int = 7
    days_least: int = 3
    days_most: int = 15


_handlers: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    """Called from the scene's apps.ready."""
    _handlers[kind] = handler


def handler_of(kind: str) -> Handler | None:
    return _handlers.get(kind)


def kinds() -> list[str]:
    """The kinds somebody here publishes. Lists of a scene whose folder is gone wait for it."""
    return list(_handlers)
