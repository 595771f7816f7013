"""How fast the ledger posts: one by one, many callers on one account, in batches; and what a balance costs at a million.

python -m bench.ledger            in a database of its own; BENCH_FULL=1 takes five times as much

Each figure stands beside a peer measured in the same run: a minimal PL/pgSQL function called by the bare driver that writes
the same rows (a journal, two entries, one balance), and COPY of the same rows with one set-based update of the balances.
"""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from bench.figures import report

AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
DAY = date(2026, 3, 1)
UNIT = "points"
HOUSEHOLDS = 500
CALLERS, PROCESSES = 16, 2
RATIO = 0.5
AIM_PER_SECOND = 1_000
FLAT = 1.5  # what the noise of a shared machine makes of 1

PEER = """
CREATE TABLE bench_journal (LIKE ledger_journal INCLUDING ALL);
CREATE TABLE bench_entry (LIKE ledger_entry INCLUDING ALL);
CREATE TABLE bench_lot (LIKE ledger_lot INCLUDING ALL);
CREATE TABLE bench_balance (book bigint, account_id bigint, balance bigint NOT NULL, PRIMARY KEY (book, account_id));
CREATE FUNCTION bench_post(p_book bigint, p_key uuid, p_from bigint, p_to bigint, p_amount bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE v_id bigint;
BEGIN
    PERFORM 1 FROM bench_balance WHERE book = p_book AND account_id = p_to FOR NO KEY UPDATE;
    INSERT INTO bench_journal (book, request_key, content_digest, effective_date, source, actor_key, at)
        VALUES (p_book, p_key, '', DATE '2026-03-01', 'bench:1', 'user:1', now()) RETURNING id INTO v_id;
    INSERT INTO bench_entry (book, journal_id, line, account_id, amount)
        VALUES (p_book, v_id, 1, p_from, -p_amount), (p_book, v_id, 2, p_to, p_amount);
    INSERT INTO bench_lot (book, account_id, journal_id, amount, remaining) VALUES (p_book, p_to, v_id, p_amount, p_amount);
    UPDATE bench_balance SET balance = balance + p_amount WHERE book = p_book AND account_id = p_to;
    RETURN v_id;
END $$;
"""


class Bench:
    """A book with an issuance and some households."""

    def __init__(self) -> None:
        from xinzhi.kernel.ledger import services

        self.services = services
        self.book = services.open_book(code="bench", region_id=1, at=AT)
        self.issuance = services.ensure_account(book=self.book, kind="issuance", unit=UNIT)
        wanted = [("spendable", UNIT, f"household:{n}") for n in range(HOUSEHOLDS)]
        self.accounts = list(services.ensure_accounts(self.book, wanted).values())

    def post(self, account: int, amount: int = 10, key: UUID | None = None) -> None:
        leg = self.services.Leg
        self.services.post(
            book=self.book, request_key=key or uuid4(), legs=(leg(self.issuance, UNIT, -amount), leg(account, UNIT, amount)),
            effective_date=DAY, source="bench:1", actor_key="user:1", at=AT,
        )  # fmt: skip

    def post_bare(self, account: int, amount: int = 10) -> None:
        """The peer: the same rows by the bare driver."""
        from django.db import connection

        connection.ensure_connection()
        raw: Any = connection.connection
        with raw.cursor() as cursor:
            cursor.execute(
                "SELECT bench_post(%s, %s, %s, %s, %s)", [self.book, uuid4(), self.issuance, account, amount]
            )

    def items(self, count: int) -> list[object]:
        leg = self.services.Leg
        return [
            self.services.BatchItem(
                uuid4(), (leg(self.issuance, UNIT, -10), leg(random.choice(self.accounts), UNIT, 10)), DAY, "bench:2"
            )
            for _ in range(count)
        ]  # fmt: skip


def say(what: str, rate: float, *, aim: float | None = None, ratio: float | None = None) -> None:
    """A rate, beside that of its peer where there is one, and what it should be."""
    aims = ([f"≥ {aim:,.0f}/s"] if aim else []) + ([f"ratio ≥ {RATIO}"] if ratio is not None else [])
    report(
        what,
        f"{rate:,.0f}/s" + ("" if ratio is None else f", ratio {ratio:.2f}"),
        aim=", ".join(aims),
        is_met=(rate >= (aim or 0) and (ratio is None or ratio >= RATIO)) if aims else None,
    )


def one_by_one(bench: Bench, count: int) -> None:
    """Service and bare function by turns, so that neither has the quieter minute."""
    from django.db import connection

    connection.ensure_connection()
    raw: Any = connection.connection
    service, peer = 0.0, 0.0
    with raw.cursor() as cursor:
        for account in bench.accounts:
            cursor.execute("INSERT INTO bench_balance VALUES (%s, %s, 0)", [bench.book, account])
    turn = count // 10
    for _ in range(10):
        chosen = [random.choice(bench.accounts) for _ in range(turn)]
        began = time.perf_counter()
        for account in chosen:
            bench.post(account)
        service += time.perf_counter() - began
        began = time.perf_counter()
        for account in chosen:
            bench.post_bare(account)
        peer += time.perf_counter() - began
    say(f"one by one, bare function, {count:,}", count / peer)
    say(f"one by one, service, {count:,}", count / service, aim=AIM_PER_SECOND, ratio=peer / service)


Work = tuple[int, int, list[int], int, str, bool]


def _caller(arguments: Work) -> list[str]:
    """One process with its share of the callers; returns what the database refused."""
    book, issuance, accounts, count, database, is_bare = arguments
    import django

    django.setup()
    from django.db import connection, connections

    connections.settings["default"]["NAME"] = database
    connection.settings_dict["NAME"] = database
    bench = object.__new__(Bench)
    from xinzhi.kernel.ledger import services

    bench.services, bench.book, bench.issuance = services, book, issuance
    failures: list[Exception] = []
    post = bench.post_bare if is_bare else bench.post

    def call() -> None:
        try:
            for _ in range(count):
                post(random.choice(accounts))
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(CALLERS // PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [repr(error) for error in failures]


def hot_account(bench: Bench, count: int, *, name: str, accounts: list[int]) -> None:
    """Sixteen callers at once, in two processes, all on one issuance; `accounts` are what they credit.

    On one household they queue: each commit is on the disk before the next one may begin, for the bare function too.
    """
    bare = _together(bench, count, accounts, name=name, is_bare=True)
    service = _together(bench, count, accounts, name=name, is_bare=False)
    report(f"{CALLERS} callers, {name}, bare function", f"{bare:,.0f}/s")
    report(
        f"{CALLERS} callers, {name}, no failures",
        f"{service:,.0f}/s, ratio {service / bare:.2f}",
        aim=f"≥ {AIM_PER_SECOND:,}/s",
        is_met=service >= AIM_PER_SECOND,
    )


def _together(bench: Bench, count: int, accounts: list[int], *, name: str, is_bare: bool) -> float:
    """Postings a second of all callers; stops everything when one of them failed."""
    from django.db import connection

    database = connection.settings_dict["NAME"]
    each = count // CALLERS
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:

        def work(number: int) -> list[Work]:
            return [(bench.book, bench.issuance, accounts, number, database, is_bare)] * PROCESSES

        list(pool.map(_caller, work(1)))  # connected and warm
        began = time.perf_counter()
        failed = [error for errors in pool.map(_caller, work(each)) for error in errors]
        took = time.perf_counter() - began
    if failed:  # a caller who gave up makes the rest look fast
        raise SystemExit(f"{len(failed)} of {CALLERS} callers, {name}, failed: {failed[0]}")
    return each * CALLERS / took


def disk() -> None:
    """How long one small write takes until it is on the disk: nobody commits faster one after the other."""
    folder = Path(os.environ.get("XINZHI_STATE_DIR") or Path(__file__).resolve().parent.parent / ".xinzhi")
    with tempfile.TemporaryFile(dir=folder) as file:
        took = []
        for _ in range(200):
            began = time.perf_counter()
            os.pwrite(file.fileno(), bytes(8192), 0)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    middle = statistics.median(took)
    report(
        "one write of 8 kB on the disk",
        f"{middle * 1000:.2f} ms: at most {1 / middle:,.0f} commits/s in a row",
    )


def batches(bench: Bench, size: int, rounds: int) -> None:
    """post_batch against COPY of the same rows and one update of the balances."""
    from django.db import connection

    service, peer = [], []
    for _ in range(rounds):
        items = bench.items(size)
        began = time.perf_counter()
        bench.services.post_batch(book=bench.book, items=items, actor_key="user:1", at=AT)  # type: ignore[arg-type]
        service.append(time.perf_counter() - began)
        peer.append(_copy(bench, items))
    with (
        connection.cursor() as cursor
    ):  # COPY brought its own numbers; the callers to come must not meet them
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('bench_journal', 'id'), (SELECT max(id) FROM bench_journal))"
        )
    fastest, copied = min(service), min(peer)
    say(f"COPY and one update, batches of {size:,}", size / copied)
    say(f"post_batch, batches of {size:,}", size / fastest, aim=20_000, ratio=copied / fastest)


def _copy(bench: Bench, items: list[object]) -> float:
    from django.db import connection, transaction

    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM bench_journal")
        first = cursor.fetchone()[0] + 1
        with cursor.copy(
            "COPY bench_journal (book, id, request_key, content_digest, effective_date, source, actor_key, at) FROM STDIN"
        ) as copy:
            for n, item in enumerate(items, first):
                copy.write_row((bench.book, n, item.request_key, b"", DAY, "bench:2", "user:1", AT))  # type: ignore[attr-defined]
        with cursor.copy("COPY bench_entry (book, journal_id, line, account_id, amount) FROM STDIN") as copy:
            for n, item in enumerate(items, first):
                for line, leg in enumerate(item.legs, 1):  # type: ignore[attr-defined]
                    copy.write_row((bench.book, n, line, leg.account, leg.amount))
        with cursor.copy(
            "COPY bench_lot (book, account_id, journal_id, amount, remaining) FROM STDIN"
        ) as copy:
            for n, item in enumerate(items, first):
                copy.write_row((bench.book, item.legs[1].account, n, 10, 10))  # type: ignore[attr-defined]
        cursor.execute(
            "UPDATE bench_balance b SET balance = b.balance + s.total FROM (SELECT account_id, sum(amount) AS total"
            " FROM bench_entry WHERE book = %s AND journal_id >= %s GROUP BY account_id) s"
            " WHERE b.book = %s AND b.account_id = s.account_id",
            [bench.book, first, bench.book],
        )
    return time.perf_counter() - began


Medians = dict[str, list[tuple[int, float]]]


def balance_at(bench: Bench, size: int, medians: Medians) -> None:
    """A balance and a page of movements with that many entries in the book."""
    from django.db import connection

    from xinzhi.kernel.ledger import queries

    account = bench.accounts[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_entry WHERE book = %s", [bench.book])
        missing = (size - cursor.fetchone()[0]) // 2
    for chunk in _chunks(missing, 20_000):
        bench.services.post_batch(book=bench.book, items=bench.items(chunk), actor_key="user:1", at=AT)  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for name, ask in {
        "balance": lambda: queries.balance(bench.book, account),
        "50 movements": lambda: queries.movements(bench.book, account),
    }.items():
        took = statistics.median(_timed(ask) for _ in range(300)) * 1000
        medians.setdefault(name, []).append((size, took))
        print(f"{name} at {size:,} entries {took:.3f} ms")


def say_growth(medians: Medians) -> None:
    """How much longer each takes in a full book than in a small one."""
    for name, ((few, first), *_rest, (many, last)) in medians.items():
        report(
            f"{name} at {many:,} entries",
            f"{last:.2f} ms, {last / first:.2f} times that at {few:,}",
            aim=f"≤ {FLAT} times",
            is_met=last / first <= FLAT,
        )


def _timed(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def _chunks(count: int, most: int) -> Iterator[int]:
    while count > 0:
        yield min(count, most)
        count -= most


def main() -> None:
    full = os.environ.get("BENCH_FULL") == "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinzhi.config.settings")
    os.environ["XINZHI_TEST_DB"] = os.environ.get("XINZHI_BENCH_DB", "bench_ledger")
    import django

    django.setup()
    from django.db import connection

    from xinzhi.kernel.ledger import queries

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with connection.cursor() as cursor:
            cursor.execute(PEER)
        random.seed(1)
        bench, scale = Bench(), 5 if full else 1
        medians: Medians = {}
        disk()
        one_by_one(bench, 4_000 * scale)
        for _ in range(60):  # more than a page, so that both sizes read a full one
            bench.post(bench.accounts[0])
        balance_at(bench, 10_000, medians)
        batches(bench, 10_000, 5 * scale)
        hot_account(bench, 8_000 * scale, name="one issuance, all households", accounts=bench.accounts)
        hot_account(bench, 4_000 * scale, name="one issuance, one household", accounts=bench.accounts[:1])
        balance_at(bench, 1_000_000 * scale, medians)
        say_growth(medians)
        began = time.perf_counter()
        differences = queries.verify()
        report("verify everything", f"{time.perf_counter() - began:.1f} s, {len(differences)} differences")
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


if __name__ == "__main__":
    main()
