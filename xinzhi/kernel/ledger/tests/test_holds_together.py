"""Holds beside postings, many at once: nobody waits in a circle and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, connections

from xinzhi.kernel.ledger import queries, services
from xinzhi.kernel.ledger.errors import HoldSettled, NotEnough
from xinzhi.kernel.ledger.services import Leg
from xinzhi.kernel.ledger.tests.books import DAY, NOON, Book, P

pytestmark = pytest.mark.django_db(transaction=True)


def together(works: Sequence[Callable[[], None]]) -> list[DatabaseError]:
    """Run each on a thread and a connection of its own, begun at the same moment; what the database refused."""
    barrier, refused = Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        barrier.wait()
        try:
            work()
        except DatabaseError as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_posting_a_hold_to_another_account_does_not_deadlock_with_postings_the_other_way():
    book = Book()
    for account in book.own:
        book.issue(1000, account)
    first, second = book.own

    def post_holds() -> None:
        for _n in range(40):
            services.post_hold(
                book=book.id, hold_id=book.hold(1, second), legs=(Leg(second, P, -1), Leg(first, P, 1)), request_key=uuid4(),
                effective_date=DAY, actor_key="u", at=NOON,
            )  # fmt: skip

    def post() -> None:
        for _n in range(80):
            services.post(
                book=book.id, request_key=uuid4(), legs=(Leg(first, P, -1), Leg(second, P, 1)), effective_date=DAY, source="t:1",
                actor_key="u", at=NOON,
            )  # fmt: skip

    assert together([post_holds, post] * 4) == []
    assert [book.balance(account) for account in book.own] == [840, 1160]
    assert queries.verify() == []


def test_giving_back_timed_out_holds_does_not_deadlock_with_journals_over_the_same_accounts():
    book = Book(40)
    for account in book.own:
        book.issue(1000, account)

    def hold_and_release() -> None:
        for _n in range(6):
            for account in reversed(book.own):
                book.hold(1, account, minutes=0)
            services.release_expired_holds(at=NOON)

    def post() -> None:
        legs = (*(Leg(account, P, 1) for account in book.own), Leg(book.issuance, P, -len(book.own)))
        for _n in range(40):
            services.post(
                book=book.id, request_key=uuid4(), legs=legs, effective_date=DAY, source="t:1", actor_key="u", at=NOON
            )  # fmt: skip

    assert together([hold_and_release, post] * 4) == []
    services.release_expired_holds(at=NOON)
    assert {queries.available(book.id, account) for account in book.own} == {1160}
    assert queries.verify() == []


def test_of_many_who_set_aside_at_once_only_those_are_served_for_whom_there_is_enough():
    book, served = Book(), []
    book.issue(100)

    def hold() -> None:
        for _n in range(5):
            try:
                served.append(book.hold(3))
            except NotEnough:
                continue

    assert together([hold] * 16) == []
    assert (len(served), queries.available(book.id, book.own[0]), queries.verify()) == (33, 1, [])


def test_a_hold_is_settled_once_whoever_comes_first():
    """Posted, voided and timed out at the same moment: one of them wins, the points move once or not at all."""
    for _round in range(8):
        book = Book()
        book.issue(50)
        hold_id, won = book.hold(50), []

        def post(book=book, hold_id=hold_id, won=won) -> None:
            legs = (Leg(book.own[0], P, -50), Leg(book.redeemed, P, 50))
            try:
                services.post_hold(
                    book=book.id, hold_id=hold_id, legs=legs, request_key=uuid4(), effective_date=DAY, actor_key="u", at=NOON
                )  # fmt: skip
                won.append("posted")
            except HoldSettled:
                pass

        def void(book=book, hold_id=hold_id, won=won) -> None:
            try:
                services.void_hold(book=book.id, hold_id=hold_id, at=NOON)
                won.append("voided")
            except HoldSettled:
                pass

        def release() -> None:
            services.release_expired_holds(at=NOON + timedelta(minutes=5))

        assert together([post, void, release]) == []
        with connection.cursor() as cursor:
            cursor.execute("SELECT state FROM ledger_hold WHERE book = %s AND id = %s", [book.id, hold_id])
            (state,) = cursor.fetchone()
        # Nobody else's call went through: where the time was over first, neither did.
        assert won == ([] if state == "expired" else [state])
        left = 0 if state == "posted" else 50
        assert (book.balance(), queries.available(book.id, book.own[0])) == (left, left)
    assert queries.verify() == []
