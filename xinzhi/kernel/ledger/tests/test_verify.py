"""Whoever changes the books behind the database's back is found out, and what was changed is named."""

from __future__ import annotations

from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.db import connection

from xinzhi.kernel.ledger import queries, services
from xinzhi.kernel.ledger.commands import group
from xinzhi.kernel.ledger.tests.books import DAY, NOON, Book

pytestmark = pytest.mark.django_db


def behind_the_triggers(*statements: str) -> None:
    """As the owner of the database could: with every trigger asleep. The test's transaction takes it back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as if what was posted had been committed
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount > 0, statement
        cursor.execute("SET LOCAL session_replication_role = origin")


def empty_ledger() -> None:
    """Whole-table statements below are meant for one book; committed books of other tests are out of the way."""
    tables = ("lot_use", "lot", "hold", "balance", "entry", "journal", "account", "book")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in tables:
            cursor.execute(f"DELETE FROM ledger_{table}")
        cursor.execute("SET LOCAL session_replication_role = origin")


def found() -> set[str]:
    return {difference.subject.split(":")[0] for difference in queries.verify()}


CHANGED = {
    "an amount": (
        ["UPDATE ledger_entry SET amount = 51 WHERE amount = 50"],
        {
            "journal_unbalanced",
            "balance_differs",
            "running_balance_differs",
            "lots_of_journal_differ",
            "content_differs",
        },
    ),
    "an amount, its counterpart and all that is kept of them": (
        [
            "UPDATE ledger_entry SET amount = sign(amount) * 49 WHERE abs(amount) = 50",
            "UPDATE ledger_entry SET balance_after = balance_after - 1 WHERE balance_after IS NOT NULL",
            "UPDATE ledger_balance SET balance = balance - 1",
            "UPDATE ledger_lot SET amount = 49, remaining = remaining - 1 WHERE amount = 50",
        ],
        {"content_differs"},
    ),
    "a running balance": (
        ["UPDATE ledger_entry SET balance_after = NULL WHERE amount = 50"],
        {"running_balance_differs"},
    ),
    "the source of a journal": (["UPDATE ledger_journal SET source = 'other:1'"], {"content_differs"}),
    "the day of a journal": (
        ["UPDATE ledger_journal SET effective_date = effective_date + 1"],
        {"content_differs"},
    ),
    "two lots against each other": (
        [
            "UPDATE ledger_lot SET amount = amount - 3, remaining = remaining - 3 WHERE amount = 50",
            "UPDATE ledger_lot SET amount = amount + 3, remaining = remaining + 3 WHERE amount = 7",
        ],
        {"lots_of_journal_differ"},
    ),
    "a balance": (["UPDATE ledger_balance SET balance = balance + 1"], {"balance_differs", "lots_differ"}),
    "what is set aside": (["UPDATE ledger_balance SET held = held - 1"], {"held_differs"}),
    "what is left of a lot": (
        ["UPDATE ledger_lot SET remaining = remaining - 1 WHERE amount = 50"],
        {"lots_differ", "lot_uses_differ"},
    ),
}
REMOVED = {
    "an entry": (
        ["DELETE FROM ledger_entry WHERE amount = 50"],
        {
            "journal_unbalanced",
            "balance_differs",
            "running_balance_differs",
            "lots_of_journal_differ",
            "content_differs",
        },
    ),
    "a journal without its entries": (
        ["DELETE FROM ledger_journal WHERE source = 'test:2'"],
        {"entry_without_journal"},
    ),
    "a journal with its entries": (
        [
            "DELETE FROM ledger_entry e USING ledger_journal j WHERE j.book = e.book AND j.id = e.journal_id AND j.source = 'test:2'",
            "DELETE FROM ledger_journal WHERE source = 'test:2'",
        ],
        {"balance_differs"},
    ),
    "the entries of a journal": (
        [
            "DELETE FROM ledger_entry e USING ledger_journal j WHERE j.book = e.book AND j.id = e.journal_id AND j.source = 'test:2'"
        ],
        {"journal_empty", "balance_differs"},
    ),
    "an account": (
        ["DELETE FROM ledger_account WHERE kind = 'redeemed'"],
        {"entry_without_account", "journal_unbalanced", "content_differs"},
    ),
    "a balance": (["DELETE FROM ledger_balance WHERE balance > 0"], {"balance_differs"}),
    "a hold": (["DELETE FROM ledger_hold"], {"held_differs"}),
    "a lot": (
        ["DELETE FROM ledger_lot WHERE amount = 7"],
        {"lots_differ", "lots_of_journal_differ"},
    ),
    "the use of a lot": (["DELETE FROM ledger_lot_use"], {"lot_uses_differ"}),
}
#: A whole journal, balanced, as somebody could write it who knows the tables.
FORGED = (
    "WITH j AS (INSERT INTO ledger_journal (book, request_key, content_digest, effective_date, source, actor_key, at)"
    " SELECT book, gen_random_uuid(), content_digest, effective_date, source, actor_key, at FROM ledger_journal LIMIT 1"
    " RETURNING book, id)"
    " INSERT INTO ledger_entry (book, journal_id, line, account_id, amount, balance_after)"
    " SELECT j.book, j.id, e.line, e.account_id, 2 * e.amount, e.balance_after + 2 * e.amount FROM j,"
    " (SELECT * FROM ledger_entry WHERE journal_id = (SELECT min(journal_id) FROM ledger_entry)) e"
)
INSERTED = {
    "an entry": (
        [
            "INSERT INTO ledger_entry (book, journal_id, line, account_id, amount)"
            " SELECT book, journal_id, 9, account_id, 1 FROM ledger_entry WHERE amount = 50"
        ],
        {
            "journal_unbalanced",
            "balance_differs",
            "running_balance_differs",
            "lots_of_journal_differ",
            "content_differs",
        },
    ),
    "a whole journal": (
        [FORGED],
        {"balance_differs", "running_balance_differs", "lots_of_journal_differ", "content_differs"},
    ),
    "a lot": (
        [
            "INSERT INTO ledger_lot (book, account_id, journal_id, amount, remaining)"
            " SELECT book, account_id, journal_id, 5, 5 FROM ledger_lot WHERE amount = 50"
        ],
        {"lots_differ", "lots_of_journal_differ"},
    ),
}
TAMPERED = [
    pytest.param(*what, id=f"{done} {name}")
    for done, cases in {"changed": CHANGED, "removed": REMOVED, "inserted": INSERTED}.items()
    for name, what in cases.items()
]


@pytest.fixture
def book(db) -> Book:
    """One household with two lots, some of them spent, and something set aside; no other book in the database."""
    empty_ledger()
    book = Book(1)
    book.issue(50, expires_on=DAY)
    book.issue(7)
    book.spend(20)
    book.hold(5)
    assert queries.verify() == []
    return book


@pytest.mark.parametrize(("statements", "names"), TAMPERED)
def test_what_was_tampered_with_is_named(book, statements, names):
    behind_the_triggers(*statements)
    assert found() == names


def test_the_command_says_which_journal_and_fails(book):
    assert CliRunner().invoke(group, ["verify"]).exit_code == 0
    journal = queries.movements(book.id, book.own[0]).items[-1].journal_id
    behind_the_triggers(f"UPDATE ledger_journal SET source = 'other:1' WHERE id = {journal}")
    said = CliRunner().invoke(group, ["verify"])
    assert (said.exit_code, str(journal) in said.output, f"book {book.id}" in said.output) == (1, True, True)


def test_a_busy_ledger_is_not_suspected(book):
    """Reversals of either direction, settled holds and expired lots leave nothing to name."""
    spent, wrong = book.spend(30), book.issue(9)
    for journal in (spent, wrong):
        services.reverse(
            book=book.id, journal_id=journal.id, request_key=uuid4(), reason_code="wrong", actor_key="u", at=NOON
        )  # fmt: skip
    assert services.expire_lots(book=book.id, on=DAY, actor_key="u", at=NOON) == 1
    assert queries.verify() == []
