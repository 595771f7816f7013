"""A fact reaches every listener at least once, and takes effect at most once."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction

from xinzhi.kernel import jobs
from xinzhi.kernel.assembly.models import Switch
from xinzhi.kernel.events import Code
from xinzhi.kernel.events import services as events
from xinzhi.kernel.events.delivering import MAX_ATTEMPTS, deliver_due, deliver_one, pause_after
from xinzhi.kernel.events.models import Delivery, PublishedEvent
from xinzhi.kernel.events.tests.facts import BagWeighed
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.regions.models import Region

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


def bag(grams: int = 120, village_id: int = 4) -> BagWeighed:
    return BagWeighed(UUID(int=grams), village_id, grams, Code("kitchen"), NOON)


def states() -> dict[str, str]:
    return {d.listener.partition(":")[0]: d.state for d in Delivery.objects.all()}


@pytest.mark.django_db
def test_every_listener_hears_the_fact_once(ears):
    events.publish(bag())
    jobs.run_inline()
    deliver_due()

    assert (ears.of("points"), ears.of("rewards")) == ([bag()], [bag()])
    assert states() == {"points": "done", "rewards": "done"}


@pytest.mark.django_db(transaction=True)
def test_fact_of_a_transaction_that_failed_was_never_published(ears):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        events.publish(bag())
        raise ZeroDivisionError

    assert (jobs.run_inline(), ears.heard, PublishedEvent.objects.count()) == (0, [], 0)


@pytest.mark.django_db
def test_many_facts_take_few_statements_and_arrive_all(ears, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        events.publish_many(bag(n) for n in range(1, 401))
    jobs.run_inline()

    assert [e.grams for e in ears.of("points")] == list(range(1, 401))


@pytest.mark.django_db
def test_one_listener_in_trouble_does_not_hold_up_the_other(ears):
    ears.trouble["points"] = OSError("no")
    events.publish(bag())
    with clock.fixed(NOON):
        deliver_due()
    jobs.run_inline()

    assert states() == {"points": "waiting", "rewards": "done"}
    assert len(ears.of("rewards")) == 1


@pytest.mark.django_db
def test_what_a_failing_listener_wrote_is_gone_and_the_next_attempt_starts_clean(ears, monkeypatch):
    ears.trouble["points"] = OSError("no")
    hear = ears.hear

    def write_then_hear(scene, event, delivery_id):
        if scene == "points":
            Region.objects.create(level="village", name="written", active_from=date(2020, 1, 1))
        hear(scene, event, delivery_id)

    monkeypatch.setattr(ears, "hear", write_then_hear)
    with clock.fixed(NOON):
        events.publish(bag())
        jobs.run_inline()
    assert Region.objects.count() == 0

    ears.trouble.clear()
    with clock.fixed(NOON + pause_after(1)):
        jobs.run_inline()
    assert (Region.objects.count(), states()["points"]) == (1, "done")


@pytest.mark.django_db
def test_listener_that_never_succeeds_is_given_up_and_can_be_asked_again(ears, caplog):
    ears.trouble["points"] = OSError("张明 13800000000")
    at = NOON
    with clock.fixed(at):
        events.publish(bag())
    for attempt in range(1, MAX_ATTEMPTS + 3):
        with clock.fixed(at):
            jobs.run_inline()
        at += pause_after(min(attempt, MAX_ATTEMPTS)) + timedelta(seconds=1)
    delivery = Delivery.objects.get(listener__startswith="points")
    assert (delivery.state, delivery.attempts, len(ears.of("points"))) == ("dead", MAX_ATTEMPTS, MAX_ATTEMPTS)
    assert delivery.note.startswith("OSError at ")
    assert "张明" not in caplog.text and "13800000000" not in caplog.text

    ears.trouble.clear()
    with pytest.raises(Forbidden):
        events.deliver_again(actor=NOBODY, delivery_id=delivery.pk, at=at)
    with clock.fixed(at):
        events.deliver_again(actor=SYSTEM, delivery_id=delivery.pk, at=at)
        jobs.run_inline()
    delivery.refresh_from_db()
    assert delivery.state == "done"
    with pytest.raises(NotFound):
        events.deliver_again(actor=SYSTEM, delivery_id=delivery.pk, at=at)


@pytest.mark.django_db
def test_reader_that_is_told_twice_changes_nothing(ears):
    events.publish(bag())
    jobs.run_inline()
    for delivery in Delivery.objects.all():
        assert deliver_one(delivery.pk) is False

    assert len(ears.heard) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_a_listener_once(ears):
    for n in range(1, 31):
        events.publish(bag(n))
    ids = list(Delivery.objects.values_list("id", flat=True))
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        try:
            for delivery_id in ids:
                deliver_one(delivery_id)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(d for _scene, _event, d in ears.heard) == ids
    assert Delivery.objects.exclude(state="done").count() == 0


@pytest.mark.django_db
def test_scene_switched_off_in_the_village_does_not_hear_of_it(ears):
    village = Region.objects.create(level="village", name="大里村", active_from=date(2020, 1, 1))
    other = Region.objects.create(level="village", name="九亩村", active_from=date(2020, 1, 1))
    Switch.objects.create(slug="points", region=village, enabled=False, active_from=date(2020, 1, 1))

    events.publish_many([bag(1, village.pk), bag(2, other.pk)])
    jobs.run_inline()

    assert [e.grams for e in ears.of("points")] == [2]
    assert [e.grams for e in ears.of("rewards")] == [1, 2]
    skipped = Delivery.objects.get(state="skipped")
    assert skipped.note == "switched_off"


@pytest.mark.django_db
def test_fact_waiting_for_a_scene_that_was_removed_is_put_aside(ears, monkeypatch):
    from xinzhi.kernel.assembly import registry

    events.publish(bag())
    rest = tuple(d for d in registry.declared() if d.manifest.slug != "points")
    monkeypatch.setattr(registry, "declared", lambda: rest)
    jobs.run_inline()

    assert states() == {"points": "skipped", "rewards": "done"}


@pytest.mark.django_db
def test_delivery_whose_job_is_gone_is_made_up_for(ears):
    events.publish(bag())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    deliver_due()

    assert states() == {"points": "done", "rewards": "done"}
