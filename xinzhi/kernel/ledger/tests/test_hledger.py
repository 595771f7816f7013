"""An independent program reads our books and comes to the same balances."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from datetime import timedelta
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.db import connection

from xinzhi.kernel.ledger import queries, services
from xinzhi.kernel.ledger.commands import group
from xinzhi.kernel.ledger.services import Leg
from xinzhi.kernel.ledger.tests.books import DAY, NOON, Book, P

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(shutil.which("hledger") is None, reason="no hledger on this machine"),
]


def lively_book() -> Book:
    """Points, honour and money; spent, taken back, set aside, expired."""
    book = Book(5)
    honour = services.ensure_account(book=book.id, kind="honour", unit="honour", owner="household:0")
    honour_issuance = services.ensure_account(book=book.id, kind="issuance", unit="honour")
    fund = services.ensure_account(book=book.id, kind="fund", unit="CNY_fen")
    paid_in = services.ensure_account(book=book.id, kind="clearing", unit="CNY_fen")
    for n, account in enumerate(book.own):
        book.issue(40 + n, account, expires_on=DAY + timedelta(days=30))
        book.issue(100 + n, account)
        book.spend(25 + n, account)
    wrong = book.issue(77)
    services.reverse(
        book=book.id, journal_id=wrong.id, request_key=uuid4(), reason_code="wrong", actor_key="u", at=NOON
    )
    services.post(
        book=book.id, request_key=uuid4(), effective_date=DAY, source="test:3", actor_key="u", at=NOON,
        legs=(
            Leg(honour_issuance, "honour", -50), Leg(honour, "honour", 50), Leg(paid_in, "CNY_fen", -123_456),
            Leg(fund, "CNY_fen", 123_456),
        ),
    )  # fmt: skip
    legs = (Leg(book.own[1], P, -7), Leg(book.redeemed, P, 7))
    services.post_hold(
        book=book.id, hold_id=book.hold(7, book.own[1]), legs=legs, request_key=uuid4(), effective_date=DAY + timedelta(days=2),
        actor_key="u", at=NOON,
    )  # fmt: skip
    book.hold(3, book.own[2])
    services.expire_lots(book=book.id, on=DAY + timedelta(days=31), actor_key="u", at=NOON)
    return book


def hledger(journal: str, *command: str) -> str:
    done = subprocess.run(
        ["hledger", "-f", "-", *command], input=journal, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def our_balances(book: Book) -> dict[tuple[str, str], int]:
    """Sums of entries by account name and unit, computed by neither the ledger's services nor its queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT concat_ws(':', %s::text, a.kind, nullif(a.owner, '')), a.unit, sum(e.amount) FROM ledger_entry e"
            " JOIN ledger_account a ON a.book = e.book AND a.id = e.account_id WHERE e.book = %s GROUP BY 1, 2"
            " HAVING sum(e.amount) <> 0",
            [book.code, book.id],
        )
        return {(name, unit): int(total) for name, unit, total in cursor.fetchall()}


def their_balances(journal: str) -> dict[tuple[str, str], int]:
    rows = csv.reader(io.StringIO(hledger(journal, "balance", "--flat", "--layout=bare", "-O", "csv", "-N")))
    return {(name, unit): int(amount) for name, unit, amount in list(rows)[1:] if int(amount)}


def test_hledger_finds_nothing_wrong_and_the_same_balances():
    book = lively_book()
    journal = "\n".join(queries.hledger_lines(book.code))

    hledger(journal, "check")
    hledger(journal, "check", "ordereddates")
    theirs = their_balances(journal)
    assert theirs == our_balances(book)
    spendable = {(f"{book.code}:spendable:household:{n}", P): book.balance(a) for n, a in enumerate(book.own)}
    assert spendable.items() <= theirs.items()


def test_the_command_writes_all_books_or_one_and_hledger_reads_both():
    first, second = lively_book(), lively_book()
    of_all = CliRunner().invoke(group, ["export", "--format", "hledger"])
    of_one = CliRunner().invoke(group, ["export", "--format", "hledger", "--book", first.code])
    assert (of_all.exit_code, of_one.exit_code) == (0, 0)
    hledger(of_all.output, "check")
    assert their_balances(of_one.output) == our_balances(first)
    theirs = their_balances(of_all.output)
    assert (our_balances(first) | our_balances(second)).items() <= theirs.items()


def test_hledger_refuses_a_journal_that_lost_a_line():
    """The proof above can fail: the same export without one posting is refused."""
    lines = list(queries.hledger_lines(lively_book().code))
    posting = max(n for n, line in enumerate(lines) if line.startswith("    "))
    broken = "\n".join(lines[:posting] + lines[posting + 1 :])
    done = subprocess.run(
        ["hledger", "-f", "-", "check"], input=broken, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
