"""With many entries the hot reads still go by index, and only to the rows they need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from xinzhi.kernel.ledger import queries, services
from xinzhi.kernel.ledger.tests.books import DAY, NOON, Book

pytestmark = pytest.mark.django_db


@pytest.fixture
def full_book() -> Book:
    """400 accounts, 20,000 entries on them, written by SQL; one account with 2,000."""
    book = Book(400)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH j AS (INSERT INTO ledger_journal (book, request_key, content_digest, effective_date, source, actor_key, at)"
            " SELECT %s, gen_random_uuid(), '', %s, 'test:1', 'u', %s FROM generate_series(1, 20000) RETURNING book, id),"
            " n AS (SELECT *, row_number() OVER () AS n FROM j), leg AS (SELECT book, id,"
            "   CASE WHEN n %% 10 = 0 THEN %s ELSE (%s::bigint[])[1 + n %% 400] END AS account FROM n),"
            " e AS (INSERT INTO ledger_entry (book, journal_id, line, account_id, amount)"
            "   SELECT book, id, 1, %s, -1 FROM leg UNION ALL SELECT book, id, 2, account, 1 FROM leg)"
            " INSERT INTO ledger_lot (book, account_id, journal_id, expires_on, amount, remaining)"
            " SELECT book, account, id, %s::date + (id %% 1000)::int, 1, 1 FROM leg",
            [book.id, DAY, NOON, book.own[0], book.own, book.issuance, DAY],
        )
        cursor.execute("ANALYZE ledger_entry, ledger_journal, ledger_lot, ledger_balance, ledger_account")
    return book


def plan_of(ask: Callable[[], object]) -> list[dict]:
    """The nodes of the plans of every statement that `ask` runs, each taken before it runs."""
    nodes: list[dict] = []

    def walk(node: dict) -> None:
        nodes.append(node)
        for below in node.get("Plans", ()):
            walk(below)

    def listen(execute, sql, params, many, context):
        if sql.startswith(("SELECT", "WITH", "UPDATE", "INSERT")):
            reads = (
                "ANALYZE, "
                if sql.startswith("SELECT") or ("INSERT" not in sql and "UPDATE" not in sql)
                else ""
            )
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN ({reads}FORMAT JSON) {sql}", params)
                walk(cursor.fetchone()[0][0]["Plan"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        ask()
    assert nodes
    return nodes


def rows_read(nodes: list[dict]) -> int:
    return int(
        sum(
            (n["Actual Rows"] + n.get("Rows Removed by Filter", 0)) * n["Actual Loops"]
            for n in nodes
            if "Relation Name" in n
        )
    )


def scanned(nodes: list[dict]) -> list[str]:
    return [n["Relation Name"] for n in nodes if n["Node Type"] == "Seq Scan"]


def test_a_balance_is_one_row_however_many_entries_there_are(full_book):
    nodes = plan_of(lambda: queries.balance(full_book.id, full_book.own[0]))
    assert (scanned(nodes), rows_read(nodes)) == ([], 1)


def test_a_page_of_movements_reads_no_more_than_the_page(full_book):
    nodes = plan_of(lambda: queries.movements(full_book.id, full_book.own[0], limit=20))
    assert scanned(nodes) == []
    assert rows_read(nodes) <= 3 * 21


def test_a_page_far_down_reads_no_more_than_the_page(full_book):
    page = queries.movements(full_book.id, full_book.own[0], limit=200)
    for _n in range(5):
        page = queries.movements(full_book.id, full_book.own[0], limit=200, cursor=page.next_cursor)
    nodes = plan_of(
        lambda: queries.movements(full_book.id, full_book.own[0], limit=20, cursor=page.next_cursor)
    )
    assert scanned(nodes) == []
    assert rows_read(nodes) <= 3 * 21


def test_open_lots_of_an_account_are_found_by_index(full_book):
    nodes = plan_of(lambda: queries.lots(full_book.id, full_book.own[1]))
    assert (scanned(nodes), rows_read(nodes)) == ([], 50)


def test_what_expires_is_found_without_reading_the_rest(full_book):
    due = DAY + timedelta(days=3)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ledger_lot WHERE book = %s AND expires_on <= %s", [full_book.id, due]
        )
        there = cursor.fetchone()[0]
        cursor.execute("UPDATE ledger_balance SET balance = 50 WHERE book = %s", [full_book.id])
    assert 0 < there < 200

    nodes = plan_of(lambda: services.books_with_expired_lots(due))
    assert "ledger_lot" not in scanned(nodes)
    nodes = plan_of(lambda: services.expire_lots(book=full_book.id, on=due, actor_key="u", at=NOON))
    assert not {"ledger_lot", "ledger_entry", "ledger_journal"} & set(scanned(nodes))
    assert max(n["Actual Rows"] for n in nodes if n.get("Relation Name") == "ledger_lot") <= there


def test_holds_whose_time_is_over_are_found_among_many_settled_ones(full_book):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_hold (book, request_key, account_id, amount, source, actor_key, at, expires_at, state, settled_at)"
            " SELECT %s, gen_random_uuid(), (%s::bigint[])[1 + n %% 400], 1, 't:1', 'u', %s, %s, 'voided', %s"
            " FROM generate_series(1, 20000) AS n",
            [full_book.id, full_book.own, NOON, NOON, NOON],
        )
        cursor.execute("UPDATE ledger_balance SET balance = 50 WHERE book = %s", [full_book.id])
    for account in full_book.own[:30]:
        full_book.hold(1, account)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ledger_hold")
    released = []
    nodes = plan_of(lambda: released.append(services.release_expired_holds(at=NOON + timedelta(minutes=5))))
    assert "ledger_hold" not in scanned(nodes)
    assert released[0] >= 30  # other tests leave holds of other books behind
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM ledger_hold WHERE book = %s GROUP BY 1", [full_book.id])
        assert dict(cursor.fetchall()) == {"voided": 20_000, "expired": 30}
