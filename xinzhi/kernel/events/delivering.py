"""Bring facts to their listeners: the listener's rows and the mark "delivered" commit together or not at all."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from xinzhi.kernel import jobs
from xinzhi.kernel.assembly import registry
from xinzhi.kernel.events.fact import classes, load
from xinzhi.kernel.events.models import Delivery
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.jobs.troubles import name_of, trail_of

log = logging.getLogger("xinzhi.events")

MAX_ATTEMPTS = 8
_CHUNK = 200


def pause_after(attempts: int) -> timedelta:
    """10 s, 40 s, 160 s … about a day in all."""
    return timedelta(seconds=min(10 * 4 ** (attempts - 1), 43_200))


def deliver_range(first_id: int, last_id: int) -> int:
    """Bring what is due among these deliveries; returns how many were settled. May run twice, or side by side."""
    settled, after = 0, first_id - 1
    while ids := _due_ids(after, last_id):
        settled += sum(deliver_one(i) for i in ids)
        after = ids[-1]
    return settled


def _due_ids(after: int, last_id: int) -> list[int]:
    due = Delivery.objects.filter(id__gt=after, id__lte=last_id, state="waiting", due_at__lte=clock.now())
    return list(due.order_by("id").values_list("id", flat=True)[:_CHUNK])


def deliver_due() -> int:
    """Bring everything that is due, whatever became of its job."""
    settled = 0
    tried: set[int] = set()
    while True:
        due = Delivery.objects.filter(state="waiting", due_at__lte=clock.now()).exclude(id__in=tried)
        ids = list(due.order_by("due_at", "id").values_list("id", flat=True)[:_CHUNK])
        if not ids:
            return settled
        tried.update(ids)
        settled += sum(deliver_one(i) for i in ids)


def deliver_one(delivery_id: int) -> bool:
    """Bring one fact to one listener in one transaction; True when it is settled."""
    at = clock.now()
    try:
        with transaction.atomic():
            delivery = (
                Delivery.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("event")
                .filter(pk=delivery_id, state="waiting")
                .first()
            )
            if delivery is None:
                return False  # another worker has it, or had it
            note = _tell(delivery)
            delivery.state = Delivery.State.SKIPPED if note else Delivery.State.DONE
            delivery.note = note
            delivery.attempts += 1
            delivery.settled_at = at
            delivery.save(update_fields=["state", "note", "attempts", "settled_at"])
            return True
    except Exception as trouble:
        return _failed(delivery_id, trouble, at)


def _tell(delivery: Delivery) -> str:
    """Call the listener, or say why it is not called."""
    slug, _colon, handler = delivery.listener.partition(":")
    declared = next((d for d in registry.declared() if d.manifest.slug == slug), None)
    cls = classes().get(delivery.event.name)
    if declared is None or declared.manifest.listens.get(delivery.event.name) != handler:
        return "no_longer_listening"
    if cls is None:
        return "fact_no_longer_known"
    if not declared.is_kernel and not registry.is_enabled(slug, delivery.event.region_id):
        return "switched_off"
    declared.load(handler)(load(cls, delivery.event.payload), delivery.pk)
    return ""


@transaction.atomic
def _failed(delivery_id: int, trouble: Exception, at: datetime) -> bool:
    delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery_id)
    if delivery.state != Delivery.State.WAITING:
        return False
    delivery.attempts += 1
    delivery.note = name_of(trouble)
    given_up = delivery.attempts >= MAX_ATTEMPTS
    if given_up:
        delivery.state = Delivery.State.DEAD
        delivery.settled_at = at
    else:
        delivery.due_at = at + pause_after(delivery.attempts)
        jobs.defer("events.deliver", at=delivery.due_at, first_id=delivery_id, last_id=delivery_id)
    delivery.save(update_fields=["attempts", "note", "state", "settled_at", "due_at"])
    log.error(
        "delivery %s to %s failed %s time(s)%s: %s\n%s",
        delivery_id,
        delivery.listener,
        delivery.attempts,
        ", given up; see the list of deliveries in the admin" if given_up else "",
        delivery.note,
        trail_of(trouble),
    )
    return given_up
