"""What moves from one owner to another keeps its day, and nothing is made or lost on the way."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinzhi.kernel.foundation.sharing import share_out
from xinzhi.kernel.ledger import queries, services
from xinzhi.kernel.ledger.errors import NotEnough, RequestKeyReused
from xinzhi.kernel.ledger.services import Move
from xinzhi.kernel.ledger.tests.books import DAY, NOON, Book, P

pytestmark = pytest.mark.django_db
SOON, LATE = date(2027, 1, 1), date(2028, 1, 1)


@given(
    st.integers(0, 10**7),
    st.lists(st.tuples(st.text(max_size=4), st.integers(0, 10**4)), min_size=1, max_size=9),
)
def test_parts_add_up_and_none_is_more_than_one_from_its_quota(total, weights):
    whole = sum(w for _k, w in weights)
    if total and not whole:
        with pytest.raises(ValueError, match="divided"):
            share_out(total, weights)
        return
    parts = share_out(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part * whole - total * w) < whole for part, (_k, w) in zip(parts, weights, strict=True) if whole
    )


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [("12", 3), ("7", 2)], [6, 4]),
        (1, [("7", 1), ("12", 1)], [0, 1]),  # a tie: "12" comes before "7" as text
        (100, [("a", 1), ("b", 1), ("c", 1)], [34, 33, 33]),
        (7, [("a", 0), ("b", 5)], [0, 7]),
    ],
)
def test_what_is_left_over_goes_to_the_largest_remainder_and_then_by_text(total, weights, parts):
    assert share_out(total, weights) == parts


@pytest.fixture
def book():
    found = Book()
    found.issue(70, expires_on=LATE)
    found.issue(30, expires_on=SOON)
    return found


def lots(book, account):
    return {lot.expires_on: lot.remaining for lot in queries.lots(book.id, account)}


def move(book, *parts, key=None, source="test:move"):
    """`parts`: how much of the lot that ends on which day."""
    own = {lot.expires_on: lot.id for lot in queries.lots(book.id, book.own[0])}
    named = tuple((own[day], amount) for day, amount in parts)
    return services.transfer(
        book=book.id, request_key=key or uuid4(), effective_date=DAY, source=source, actor_key="user:1", at=NOON,
        moves=[Move(book.own[0], book.own[1], P, sum(amount for _day, amount in parts), named)],
    )  # fmt: skip


def test_a_move_takes_the_lots_it_names_and_they_keep_their_day(book):
    move(book, (LATE, 28), (SOON, 12))

    assert [book.balance(a) for a in book.own] == [60, 40]
    assert lots(book, book.own[0]) == {SOON: 18, LATE: 42}
    assert lots(book, book.own[1]) == {SOON: 12, LATE: 28}
    assert [m.amount for m in queries.movements(book.id, book.own[1]).items] == [40], (
        "one line, not one a lot"
    )
    assert queries.verify() == []


def test_the_same_key_moves_once_and_another_content_under_it_is_refused(book):
    key = uuid4()
    first = move(book, (LATE, 10), key=key)
    again = services.transfer(
        book=book.id, request_key=key, effective_date=DAY, source="test:move", actor_key="user:1", at=NOON,
        moves=[Move(book.own[0], book.own[1], P, 10)],
    )  # fmt: skip
    assert (again.id, first.is_new, again.is_new, book.balance()) == (first.id, True, False, 90)
    with pytest.raises(RequestKeyReused):
        move(book, (LATE, 11), key=key)
    assert book.balance() == 90


def test_what_is_held_does_not_move(book):
    book.hold(35)
    with pytest.raises(NotEnough):
        move(book, (LATE, 70))
    assert [book.balance(a) for a in book.own] == [100, 0]
    move(book, (LATE, 65))
    assert queries.verify() == []


def test_lots_that_do_not_add_up_or_are_not_there_move_nothing(book):
    [soon, late] = [lot.id for lot in queries.lots(book.id, book.own[0])]
    for named in (((soon, 9),), ((soon, 31), (late, 0)), ((late + 999, 10),), ()):
        with pytest.raises(ValueError, match="lot"):
            services.transfer(
                book=book.id, request_key=uuid4(), effective_date=DAY, source="test:move", actor_key="user:1", at=NOON,
                moves=[Move(book.own[0], book.own[1], P, 10, named)],
            )  # fmt: skip
    assert [book.balance(a) for a in book.own] == [100, 0]
    assert queries.verify() == []


@settings(max_examples=25, deadline=None)
@given(
    issued=st.lists(st.integers(1, 500), min_size=1, max_size=5),
    asked=st.integers(1, 2500),
    spent=st.integers(0, 2500),
)
def test_whatever_moves_and_is_spent_afterwards_adds_up(issued, asked, spent):
    book = Book()
    for month, amount in enumerate(issued, start=1):
        book.issue(amount, expires_on=date(2027, month, 1))
    total, part = sum(issued), min(asked, sum(issued))
    open_lots = queries.lots(book.id, book.own[0])
    parts = share_out(part, [(f"{n:02}", lot.remaining) for n, lot in enumerate(open_lots)])
    services.transfer(
        book=book.id, request_key=uuid4(), effective_date=DAY, source="test:move", actor_key="user:1", at=NOON,
        moves=[Move(book.own[0], book.own[1], P, part, tuple((lot.id, n) for lot, n in zip(open_lots, parts, strict=True) if n))],
    )  # fmt: skip
    if take := min(spent, part):
        book.spend(take, book.own[1])
    assert [book.balance(a) for a in book.own] == [total - part, part - take]
    assert queries.verify() == []
