"""Publish facts in the transaction of the row they tell of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from django.db import transaction

from xinzhi.kernel import jobs
from xinzhi.kernel.assembly import registry
from xinzhi.kernel.events.fact import Event, dump
from xinzhi.kernel.events.models import Delivery, PublishedEvent
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound

DELIVER = "events.deliver"
MANAGE = "events.manage"
_CHUNK = 500


def publish(event: Event) -> None:
    """Publish a fact; it is told to the listeners after the current transaction commits, or never.

    Raises ValueError when a value is not an id or a code.
    """
    publish_many([event])


@transaction.atomic
def publish_many(events: Iterable[Event]) -> None:
    """Publish many facts: a few statements for every 500, one job for each such chunk that has listeners."""
    at = clock.now()
    rest = iter(events)
    while chunk := list(islice(rest, _CHUNK)):
        _publish_chunk(chunk, at)


def _publish_chunk(chunk: list[Event], at: datetime) -> None:
    rows = PublishedEvent.objects.bulk_create(
        PublishedEvent(name=e.name, payload=dump(e), region_id=region_of(e), published_at=at) for e in chunk
    )
    told = registry.listeners()
    deliveries = [
        Delivery(event=row, listener=listener, due_at=at)
        for row in rows
        for listener in told.get(row.name, ())
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries)
        ids = [d.pk for d in deliveries]
        jobs.defer(DELIVER, first_id=min(ids), last_id=max(ids))


def region_of(event: Event) -> int | None:
    """Where it happened, as far as the fact says so."""
    for name in ("village_id", "region_id"):
        value = getattr(event, name, None)
        if isinstance(value, int):
            return value
    return None


@transaction.atomic
def deliver_again(*, actor: Actor, delivery_id: int, at: datetime) -> None:
    """Give a delivery that was given up another round of attempts. Raises Forbidden, NotFound."""
    actor.require(MANAGE)
    changed = Delivery.objects.filter(pk=delivery_id, state=Delivery.State.DEAD).update(
        state=Delivery.State.WAITING, attempts=0, due_at=at, settled_at=None
    )
    if not changed:
        raise NotFound()
    jobs.defer(DELIVER, first_id=delivery_id, last_id=delivery_id)
