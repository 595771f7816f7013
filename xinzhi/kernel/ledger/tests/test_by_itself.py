"""What the ledger does by itself, through its own jobs."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.ledger import jobs as own
from xinzhi.kernel.ledger import queries, services
from xinzhi.kernel.ledger.tests.books import DAY, NOON, Book

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_hold_whose_time_is_over_gives_the_points_back():
    book = Book()
    book.issue(50)
    services.hold(
        book=book.id, account=book.own[0], amount=50, request_key=uuid4(), expires_at=NOON + timedelta(minutes=5),
        source="test:h", actor_key="u", at=NOON,
    )  # fmt: skip
    assert queries.available(book.id, book.own[0]) == 0
    with clock.fixed(NOON + timedelta(minutes=5)):
        own.release_holds()
    assert (queries.available(book.id, book.own[0]), queries.verify()) == (50, [])


def test_lots_end_on_their_day_and_not_before():
    book = Book()
    book.issue(30, expires_on=DAY + timedelta(days=10))
    book.issue(12)
    for days, left in ((9, 42), (10, 12), (11, 12)):
        with clock.fixed(NOON + timedelta(days=days)):
            own.find_expired_lots()
            jobs.run_inline()
        assert book.balance() == left
    assert queries.verify() == []


def test_what_is_held_when_its_lot_ends_can_still_be_spent():
    book = Book()
    book.issue(30, expires_on=DAY + timedelta(days=1))
    services.hold(
        book=book.id, account=book.own[0], amount=20, request_key=uuid4(), expires_at=NOON + timedelta(days=9),
        source="test:h", actor_key="u", at=NOON,
    )  # fmt: skip
    with clock.fixed(NOON + timedelta(days=2)):
        own.find_expired_lots()
        jobs.run_inline()
    assert (book.balance(), queries.verify()) == (20, [])
