"""Publish facts in the transaction of the row they tell of."""

from __future__ import annotations

from collections.abc import Iterable

from xinzhi.kernel.events.fact import Event


def publish(event: Event) -> None:
    """Publish a fact; it is told to the listeners when the current transaction commits, or never."""
    publish_many([event])


def publish_many(events: Iterable[Event]) -> None:
    """Publish many facts at once."""
    list(events)
