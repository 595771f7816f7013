"""Posting: balanced, idempotent, never negative, by one call for one or many."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction

from xinzhi.kernel.ledger import queries, services
from xinzhi.kernel.ledger.errors import AlreadyReversed, HoldSettled, NotBalanced, NotEnough, RequestKeyReused
from xinzhi.kernel.ledger.services import BatchItem, Leg
from xinzhi.kernel.ledger.tests.books import DAY, NOON, Book, P


@pytest.fixture
def book(db):
    return Book()


def test_a_journal_moves_points_and_the_books_add_up(book):
    book.issue(50)
    book.spend(20)
    page = queries.movements(book.id, book.own[0])
    assert [(m.amount, m.balance_after) for m in page.items] == [(-20, 30), (50, 50)]
    assert (book.balance(), queries.verify()) == (30, [])


def test_the_same_request_key_is_one_journal_and_other_content_is_refused(book):
    key = uuid4()
    first, second = book.issue(50, key=key), book.issue(50, key=key)
    assert (first.id, first.is_new, second.is_new, book.balance()) == (second.id, True, False, 50)
    with pytest.raises(RequestKeyReused):
        book.issue(51, key=key)
    assert book.balance() == 50


def test_an_account_never_goes_below_zero_and_nothing_half_is_left(book):
    book.issue(50)
    with pytest.raises(NotEnough) as refused:
        book.spend(51)
    assert "5.1" in refused.value.message
    assert (book.balance(), len(queries.movements(book.id, book.own[0]).items)) == (50, 1)


@pytest.mark.parametrize(
    "source",
    ["", "NULL", 'a "quoted" one', "back\\slash", "{1,2}", "a, b;\nc", "村规:第三条", "100%", "'; --", " "],
)
def test_whatever_a_source_says_it_is_kept_as_it_is(book, source):
    item = BatchItem(uuid4(), (Leg(book.issuance, P, -5), Leg(book.own[0], P, 5)), DAY, source)
    services.post_batch(
        book=book.id, items=[item, replace(item, request_key=uuid4())], actor_key="system", at=NOON
    )
    assert [m.source for m in queries.movements(book.id, book.own[0]).items] == [source, source]
    assert queries.verify() == []


def test_entries_must_add_up_to_zero_in_every_unit(book):
    with pytest.raises(NotBalanced):
        services.post(
            book=book.id, request_key=uuid4(), legs=(Leg(book.issuance, P, -5), Leg(book.own[0], P, 6)), effective_date=DAY,
            source="test:3", actor_key="user:1", at=NOON,
        )  # fmt: skip


def test_a_batch_is_all_or_nothing_and_knows_what_it_posted_before(book):
    items = [
        BatchItem(uuid4(), (Leg(book.issuance, P, -10), Leg(book.own[n % 2], P, 10)), DAY, f"test:{n}")
        for n in range(100)
    ]
    first = services.post_batch(book=book.id, items=items, actor_key="system", at=NOON)
    again = services.post_batch(book=book.id, items=items, actor_key="system", at=NOON)
    assert (first, book.balance(), book.balance(book.own[1])) == (again, 500, 500)
    short = BatchItem(uuid4(), (Leg(book.own[0], P, -501), Leg(book.redeemed, P, 501)), DAY, "test:x")
    more = BatchItem(uuid4(), (Leg(book.issuance, P, -10), Leg(book.own[1], P, 10)), DAY, "test:y")
    with pytest.raises(NotEnough):
        services.post_batch(book=book.id, items=[more, short], actor_key="system", at=NOON)
    assert (book.balance(book.own[1]), queries.verify()) == (500, [])


def test_running_balances_are_right_inside_a_batch(book):
    items = [
        BatchItem(uuid4(), (Leg(book.issuance, P, -n), Leg(book.own[0], P, n)), DAY, f"test:{n}")
        for n in (5, 7, 9)
    ]
    services.post_batch(book=book.id, items=items, actor_key="system", at=NOON)
    assert [m.balance_after for m in queries.movements(book.id, book.own[0]).items] == [21, 12, 5]


def test_a_journal_is_taken_back_once_and_a_reversal_never(book):
    journal = book.issue(50)
    back = services.reverse(
        book=book.id,
        journal_id=journal.id,
        request_key=uuid4(),
        reason_code="duplicate",
        actor_key="u",
        at=NOON,
    )
    with pytest.raises(AlreadyReversed):
        services.reverse(
            book=book.id,
            journal_id=journal.id,
            request_key=uuid4(),
            reason_code="duplicate",
            actor_key="u",
            at=NOON,
        )
    with pytest.raises(AlreadyReversed):
        services.reverse(
            book=book.id,
            journal_id=back.id,
            request_key=uuid4(),
            reason_code="duplicate",
            actor_key="u",
            at=NOON,
        )
    movement = queries.movements(book.id, book.own[0]).items
    assert [(m.reverses, m.reversed_by) for m in movement] == [(journal.id, None), (None, back.id)]
    assert (book.balance(), queries.verify()) == (0, [])


def test_lots_are_used_in_the_order_of_their_expiry(book):
    book.issue(30, expires_on=date(2027, 6, 1))
    book.issue(20, expires_on=date(2027, 1, 1))
    book.spend(25)
    assert [(lot.expires_on.month, lot.remaining) for lot in queries.lots(book.id, book.own[0])] == [(6, 25)]
    assert services.expire_lots(book=book.id, on=date(2027, 6, 1), actor_key="system", at=NOON) == 1
    assert services.expire_lots(book=book.id, on=date(2027, 6, 1), actor_key="system", at=NOON) == 0
    assert (book.balance(), queries.verify()) == (0, [])


def test_a_debit_taken_back_restores_its_lots(book):
    book.issue(30, expires_on=date(2027, 6, 1))
    spent = book.spend(25)
    services.reverse(
        book=book.id, journal_id=spent.id, request_key=uuid4(), reason_code="wrong", actor_key="u", at=NOON
    )
    assert [lot.remaining for lot in queries.lots(book.id, book.own[0])] == [30]
    assert queries.verify() == []


def test_a_credit_partly_spent_is_taken_back_from_other_lots_or_refused(book):
    first = book.issue(30, expires_on=date(2027, 1, 1))
    book.spend(25)
    with pytest.raises(NotEnough):
        services.reverse(
            book=book.id,
            journal_id=first.id,
            request_key=uuid4(),
            reason_code="wrong",
            actor_key="u",
            at=NOON,
        )
    book.issue(40, expires_on=date(2027, 6, 1))
    services.reverse(
        book=book.id, journal_id=first.id, request_key=uuid4(), reason_code="wrong", actor_key="u", at=NOON
    )
    assert (book.balance(), queries.verify()) == (15, [])


def test_what_is_held_cannot_be_spent_until_it_is_given_back(book):
    book.issue(50)
    key = uuid4()

    def hold(amount, request_key):
        return services.hold(
            book=book.id, account=book.own[0], amount=amount, request_key=request_key, expires_at=NOON + timedelta(minutes=5),
            source="test:h", actor_key="u", at=NOON,
        )  # fmt: skip

    held = hold(40, key)
    assert hold(40, key) == held
    with pytest.raises(NotEnough):
        book.spend(11)
    with pytest.raises(NotEnough):
        hold(11, uuid4())
    services.void_hold(book=book.id, hold_id=held, at=NOON)
    services.void_hold(book=book.id, hold_id=held, at=NOON)
    book.spend(11)
    second = hold(39, uuid4())
    post_key = uuid4()
    legs = (Leg(book.own[0], P, -39), Leg(book.redeemed, P, 39))
    for _again in range(2):
        services.post_hold(
            book=book.id,
            hold_id=second,
            legs=legs,
            request_key=post_key,
            effective_date=DAY,
            actor_key="u",
            at=NOON,
        )
    with pytest.raises(HoldSettled):
        services.void_hold(book=book.id, hold_id=second, at=NOON)
    assert (book.balance(), queries.verify()) == (0, [])


def test_a_hold_runs_out(book):
    book.issue(50)
    services.hold(
        book=book.id, account=book.own[0], amount=50, request_key=uuid4(), expires_at=NOON + timedelta(minutes=5), source="t:1",
        actor_key="u", at=NOON,
    )  # fmt: skip
    assert services.release_expired_holds(at=NOON + timedelta(minutes=4)) == 0
    assert services.release_expired_holds(at=NOON + timedelta(minutes=5)) == 1
    assert (queries.available(book.id, book.own[0]), queries.verify()) == (50, [])


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE ledger_entry SET amount = amount + 1",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_journal SET source = 'other'",
        "DELETE FROM ledger_journal",
        "DELETE FROM ledger_lot_use",
        "TRUNCATE ledger_entry",
        "TRUNCATE ledger_journal CASCADE",
        "INSERT INTO ledger_entry (book, journal_id, line, account_id, amount)"
        " SELECT book, journal_id, 9, account_id, amount FROM ledger_entry LIMIT 1",
        "UPDATE ledger_balance SET balance = -1",
        "UPDATE ledger_lot SET remaining = -1",
        "UPDATE ledger_lot SET expires_on = '2099-01-01'",
        "DELETE FROM ledger_lot",
        "UPDATE ledger_hold SET amount = 1",
        "DELETE FROM ledger_hold",
        "DELETE FROM ledger_account",
        "UPDATE ledger_account SET unit = 'other'",
        "INSERT INTO ledger_journal (book, request_key, content_digest, effective_date, source, actor_key, at)"
        " SELECT book, gen_random_uuid(), '', effective_date, source, actor_key, at FROM ledger_journal LIMIT 1",
        "INSERT INTO ledger_lot (book, account_id, journal_id, amount, remaining)"
        " SELECT book, account_id + 1, journal_id, 5, 5 FROM ledger_lot LIMIT 1",
        "WITH j AS (INSERT INTO ledger_journal (book, request_key, content_digest, effective_date, source, actor_key, at)"
        " SELECT max(id) + 1, gen_random_uuid(), '', now(), 'x:1', 'x', now() FROM ledger_book RETURNING book, id)"
        " INSERT INTO ledger_entry (book, journal_id, line, account_id, amount)"
        " SELECT j.book, j.id, e.line, e.account_id, e.amount FROM j, (SELECT * FROM ledger_entry ORDER BY journal_id LIMIT 2) e",
    ],
)
@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_what_would_falsify_the_books(attack):
    book = Book()
    book.issue(50)
    book.spend(10)
    book.hold(5)
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(attack)
    assert (book.balance(), queries.verify()) == (40, [])


@pytest.mark.django_db(transaction=True)
def test_an_unbalanced_journal_cannot_be_committed_past_the_service():
    book = Book()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "WITH j AS (INSERT INTO ledger_journal (book, request_key, content_digest, effective_date, source, actor_key, at)"
            " VALUES (%s, %s, '', %s, 'x', 'x', now()) RETURNING book, id)"
            " INSERT INTO ledger_entry (book, journal_id, line, account_id, amount) SELECT book, id, 1, %s, 100 FROM j",
            [book.id, uuid4(), DAY, book.own[0]],
        )
    assert queries.movements(book.id, book.own[0]).items == []


@pytest.mark.django_db(transaction=True)
def test_sixteen_callers_on_one_account_lose_nothing_and_never_overdraw():
    book = Book()
    book.issue(100)
    barrier, outcomes = Barrier(16), []

    def spend():
        barrier.wait()
        for _n in range(5):
            try:
                book.spend(3)
                outcomes.append(True)
            except NotEnough:
                outcomes.append(False)
        connections.close_all()

    threads = [Thread(target=spend) for _n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(outcomes), sum(outcomes), book.balance(), queries.verify()) == (80, 33, 1, [])


@pytest.mark.django_db(transaction=True)
def test_transfers_in_both_directions_do_not_deadlock():
    book = Book()
    for account in book.own:
        book.issue(1000, account)
    barrier, failures = Barrier(8), []

    def transfer(n):
        barrier.wait()
        there, back = book.own if n % 2 else reversed(book.own)
        for _n in range(20):
            try:
                services.post(
                    book=book.id, request_key=uuid4(), legs=(Leg(there, P, -1), Leg(back, P, 1)), effective_date=DAY,
                    source="t:1", actor_key="u", at=NOON,
                )  # fmt: skip
            except DatabaseError as error:
                failures.append(error)
        connections.close_all()

    threads = [Thread(target=transfer, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failures, book.balance() + book.balance(book.own[1]), queries.verify()) == ([], 2000, [])


@pytest.mark.django_db(transaction=True)
def test_sixteen_callers_with_one_request_key_make_one_journal():
    book, key, barrier, ids = Book(), uuid4(), Barrier(16), []

    def issue():
        barrier.wait()
        ids.append(book.issue(7, key=key).id)
        connections.close_all()

    threads = [Thread(target=issue) for _n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(set(ids)), len(ids), book.balance()) == (1, 16, 7)


@pytest.mark.parametrize("others", [0, 2])
@pytest.mark.django_db(transaction=True)
def test_one_request_key_at_once_is_one_journal_where_no_account_has_a_balance_to_wait_at(others):
    # given somebody who has posted between hot accounts, alone or among others, and has not committed yet
    book, key, found = Book(), uuid4(), []

    def wanted():
        legs = (Leg(book.issuance, P, -5), Leg(book.redeemed, P, 5))
        return [BatchItem(k, legs, DAY, "test:1") for k in (key, *(uuid4() for _n in range(others)))]

    def post_too():
        found.append(services.post_batch(book=book.id, items=wanted(), actor_key="u", at=NOON)[0])
        connections.close_all()

    second = Thread(target=post_too)
    with transaction.atomic():
        first = services.post_batch(book=book.id, items=wanted(), actor_key="u", at=NOON)[0]
        # when a second one comes with the same key and waits
        second.start()
        second.join(timeout=1)
        assert found == []
    second.join()
    # then he is given the first one's journal
    assert (found, queries.verify()) == ([first], [])


@pytest.mark.django_db(transaction=True)
def test_verify_names_a_row_changed_behind_the_triggers():
    book = Book()
    journal = book.issue(50)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ALL")
        cursor.execute("UPDATE ledger_entry SET amount = 49 WHERE book = %s AND amount = 50", [book.id])
        cursor.execute("ALTER TABLE ledger_entry ENABLE TRIGGER ALL")
    found = queries.verify()
    with connection.cursor() as cursor:  # other tests verify the same database
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ALL")
        cursor.execute("UPDATE ledger_entry SET amount = 50 WHERE book = %s AND amount = 49", [book.id])
        cursor.execute("ALTER TABLE ledger_entry ENABLE TRIGGER ALL")
    assert {"journal_unbalanced", "balance_differs", "running_balance_differs"} <= {
        d.subject.split(":")[0] for d in found
    }
    assert any(str(journal.id) in d.sentence for d in found)
