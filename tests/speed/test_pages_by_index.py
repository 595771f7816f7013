"""With a county's years behind them, pages find what they show by index and ask no more often than before.

The data and the pages are those that `make bench` measures at a million deeds, smaller.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.county import add_deeds
from bench.lists import lay_county, pages, readers

FEW, MANY = 2_000, 20_000
HOUSEHOLDS = 1_200
#: What grows with the years or with the number of people. The rest is a few hundred rows and is read as the planner likes.
BIG = {
    "governance_points_deed", "ledger_journal", "ledger_entry", "ledger_lot", "ledger_balance", "ledger_account", "workflow_task",
    "workflow_step", "audit_record",
}  # fmt: skip


@pytest.fixture
def county(db: None, settings: Any, tmp_path: Any) -> int:
    settings.STATE_DIR = tmp_path  # the logins of this township
    return lay_county(HOUSEHOLDS)


def scans_of(client: Any, address: str) -> set[str]:
    """Big tables that some statement of the page would read from end to end."""
    found: set[str] = set()

    def walk(node: dict[str, Any]) -> None:
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in BIG:
            found.add(node["Relation Name"])
        for below in node.get("Plans", ()):
            walk(below)

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SELECT", "WITH", "\nSELECT")):
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                walk(cursor.fetchone()[0][0]["Plan"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        assert client.get(address).status_code == 200, address
    return found


def queries_of(client: Any, address: str) -> int:
    client.get(address)  # the first visit may remember something in the session
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200, address
    return len(asked)


@pytest.mark.slow
def test_ten_times_the_deeds_are_read_by_index_and_in_as_many_queries(county):
    # given a village with some deeds, and how often each page asks for them
    add_deeds(1, FEW, home=county)
    clients = readers(county)
    few = {name: queries_of(clients[who], address) for name, (who, address, _most) in pages(county).items()}
    # when there are ten times as many
    add_deeds(FEW + 1, MANY, home=county)
    many = {name: queries_of(clients[who], address) for name, (who, address, _most) in pages(county).items()}
    # then nothing is asked more often, and no big table is read from end to end
    assert {n: (few[n], many[n]) for n in few if many[n] > few[n]} == {}
    scanned = {name: scans_of(clients[who], address) for name, (who, address, _most) in pages(county).items()}
    assert {name: tables for name, tables in scanned.items() if tables} == {}
    # and a scan would have been seen
    with connection.cursor() as cursor:
        for way in ("indexscan", "indexonlyscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    who, address, _most = pages(county)["clerk: 50 deeds still to verify"]
    assert "governance_points_deed" in scans_of(clients[who], address)
