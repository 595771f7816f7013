"""What a scene brings so that the one inbox can show and decide its subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.workflow.lifecycle import Act, Presented


def _no_presentation(ids: Sequence[int], *, actor: Actor) -> dict[int, Presented]:  # noqa: ARG001
    return {}


@dataclass(frozen=True, slots=True)
class Port:
    """Registered by `ports.register(lifecycle_name, Port(…))` in the scene's apps.ready.

    `present_many(ids, *, actor)` names many subjects in a constant number of queries.
    `detail_template` with `detail_context(subject_id, *, actor, at)` is the evidence beside the list; the context
    function raises NotFound for what the actor may not see.
    `acts[action](act: Act)` is the scene's own service for a button; without one the generic `advance` is used.
    `acts_many[action](subject_ids, *, actor, at, reason_code, note, request_key) -> Moved` the same for the bulk bar.
    """

    present_many: Callable[..., Mapping[int, Presented]] = _no_presentation
    detail_template: str = ""
    detail_context: Callable[..., Mapping[str, Any]] | None = None
    acts: Mapping[str, Callable[[Act], Any]] = field(default_factory=dict)
    acts_many: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


_ports: dict[str, Port] = {}


def register(lifecycle_name: str, port: Port) -> None:
    _ports[lifecycle_name] = port


def registered() -> list[str]:
    """The lifecycles something was registered for."""
    return list(_ports)


def port_of(lifecycle_name: str) -> Port:
    """The scene's port, or one that shows only what the kernel knows."""
    return _ports.get(lifecycle_name) or Port()
