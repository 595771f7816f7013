"""The proof that everything adds up: what is kept, recomputed from the entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from xinzhi.kernel.ledger.digests import content_digest


@dataclass(frozen=True, slots=True)
class Difference:
    """What does not add up, in a sentence."""

    book: int
    subject: str
    sentence: str


_CHECKS: tuple[tuple[str, str], ...] = (
    (
        "journal_unbalanced",
        "SELECT e.book, e.journal_id, a.unit, sum(e.amount), 0 FROM ledger_entry e"
        " JOIN ledger_account a ON a.book = e.book AND a.id = e.account_id"
        " GROUP BY e.book, e.journal_id, a.unit HAVING sum(e.amount) <> 0",
    ),
    (
        "journal_empty",
        "SELECT j.book, j.id, '', 0, 0 FROM ledger_journal j WHERE NOT EXISTS"
        " (SELECT 1 FROM ledger_entry e WHERE e.book = j.book AND e.journal_id = j.id)",
    ),
    (
        "entry_without_journal",
        "SELECT DISTINCT e.book, e.journal_id, '', 0, 0 FROM ledger_entry e WHERE NOT EXISTS"
        " (SELECT 1 FROM ledger_journal j WHERE j.book = e.book AND j.id = e.journal_id)",
    ),
    (
        "entry_without_account",
        "SELECT DISTINCT e.book, e.journal_id, '', 0, 0 FROM ledger_entry e WHERE NOT EXISTS"
        " (SELECT 1 FROM ledger_account a WHERE a.book = e.book AND a.id = e.account_id)",
    ),
    (
        "balance_differs",
        "SELECT a.book, a.id, '', coalesce(b.balance, 0), coalesce(s.total, 0) FROM ledger_account a"
        " JOIN ledger_account_kind k ON k.kind = a.kind AND k.keeps_balance"
        " LEFT JOIN ledger_balance b ON b.book = a.book AND b.account_id = a.id LEFT JOIN"
        " (SELECT book, account_id, sum(amount) AS total FROM ledger_entry GROUP BY book, account_id) s"
        " ON s.book = a.book AND s.account_id = a.id WHERE coalesce(b.balance, 0) <> coalesce(s.total, 0)",
    ),
    (
        "running_balance_differs",
        "SELECT book, journal_id, '', balance_after, expected FROM (SELECT e.book, e.journal_id, e.balance_after,"
        " sum(e.amount) OVER (PARTITION BY e.book, e.account_id ORDER BY e.journal_id, e.line) AS expected"
        " FROM ledger_entry e JOIN ledger_account a ON a.book = e.book AND a.id = e.account_id"
        " JOIN ledger_account_kind k ON k.kind = a.kind AND k.keeps_balance) s WHERE balance_after IS DISTINCT FROM expected",
    ),
    (
        "balance_negative",
        "SELECT b.book, b.account_id, '', b.balance, b.held FROM ledger_balance b"
        " JOIN ledger_account a ON a.book = b.book AND a.id = b.account_id JOIN ledger_account_kind k ON k.kind = a.kind"
        " WHERE NOT k.may_go_negative AND b.balance < b.held",
    ),
    (
        "held_differs",
        "SELECT b.book, b.account_id, '', b.held, coalesce(s.total, 0) FROM ledger_balance b LEFT JOIN"
        " (SELECT book, account_id, sum(amount) AS total FROM ledger_hold WHERE state = 'held' GROUP BY book, account_id) s"
        " ON s.book = b.book AND s.account_id = b.account_id WHERE b.held <> coalesce(s.total, 0)",
    ),
    (
        "lots_differ",
        "SELECT b.book, b.account_id, '', coalesce(s.total, 0), b.balance FROM ledger_balance b"
        " JOIN ledger_account a ON a.book = b.book AND a.id = b.account_id"
        " JOIN ledger_account_kind k ON k.kind = a.kind AND k.has_lots LEFT JOIN"
        " (SELECT book, account_id, sum(remaining) AS total FROM ledger_lot GROUP BY book, account_id) s"
        " ON s.book = b.book AND s.account_id = b.account_id WHERE b.balance <> coalesce(s.total, 0)",
    ),
    (
        "lots_of_journal_differ",
        "SELECT coalesce(t.book, e.book), coalesce(t.journal_id, e.journal_id), '', coalesce(t.total, 0), coalesce(e.total, 0)"
        " FROM (SELECT book, journal_id, account_id, sum(amount) AS total FROM ledger_lot GROUP BY 1, 2, 3) t FULL JOIN"
        " (SELECT e.book, e.journal_id, e.account_id, sum(e.amount) AS total FROM ledger_entry e"
        "  JOIN ledger_journal j ON j.book = e.book AND j.id = e.journal_id AND j.reverses IS NULL"
        "  JOIN ledger_account a ON a.book = e.book AND a.id = e.account_id"
        "  JOIN ledger_account_kind k ON k.kind = a.kind AND k.has_lots WHERE e.amount > 0 GROUP BY 1, 2, 3) e"
        " ON e.book = t.book AND e.journal_id = t.journal_id AND e.account_id = t.account_id"
        " WHERE t.total IS DISTINCT FROM e.total",
    ),
    (
        "lot_uses_differ",
        "SELECT t.book, t.id, '', t.amount - t.remaining, coalesce(s.total, 0) FROM ledger_lot t LEFT JOIN"
        " (SELECT book, lot_id, sum(amount) AS total FROM ledger_lot_use GROUP BY book, lot_id) s"
        " ON s.book = t.book AND s.lot_id = t.id WHERE t.amount - t.remaining <> coalesce(s.total, 0)",
    ),
)


#: What was asked for, as the entries tell it; compared with the digest that was kept when it was posted.
_CONTENTS = (
    "SELECT j.book, j.id, j.content_digest, j.source, j.effective_date, j.reverses, array_agg(e.account_id ORDER BY e.line),"
    " array_agg(a.unit ORDER BY e.line), array_agg(e.amount ORDER BY e.line) FROM ledger_journal j"
    " JOIN ledger_entry e ON e.book = j.book AND e.journal_id = j.id"
    " JOIN ledger_account a ON a.book = e.book AND a.id = e.account_id GROUP BY j.book, j.id"
)


def verify() -> list[Difference]:
    """Recompute everything from the entries and name each difference. Empty when all is well."""
    found: list[Difference] = []
    with connection.cursor() as cursor:
        for name, statement in _CHECKS:
            cursor.execute(statement)
            found += [
                Difference(row[0], f"{name}:{row[1]}", _sentence(name, row)) for row in cursor.fetchall()
            ]
    return found + list(_changed_journals())


def _changed_journals() -> Iterator[Difference]:
    """Journals whose source, day or entries are no longer those they were posted with."""
    name = "content_differs"
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CONTENTS)
        while rows := cursor.fetchmany(5000):
            for book, journal, kept, source, day, reverses, *legs in rows:
                if bytes(kept) != content_digest(source, day, reverses, list(zip(*legs, strict=True))):
                    yield Difference(book, f"{name}:{journal}", _sentence(name, (book, journal, "", 0, 0)))


def _sentence(name: str, row: tuple[int, int, str, int, int]) -> str:
    _book, subject, unit, left, right = row
    words = {
        "journal_unbalanced": _("Journal %(subject)s does not balance: %(left)s %(unit)s too much."),
        "journal_empty": _("Journal %(subject)s has no entries."),
        "entry_without_journal": _("There are entries of journal %(subject)s, but no such journal."),
        "entry_without_account": _("Journal %(subject)s has an entry on an account that is not there."),
        "balance_differs": _("Account %(subject)s says %(left)s, its entries add up to %(right)s."),
        "running_balance_differs": _(
            "In journal %(subject)s the running balance says %(left)s, it should be %(right)s."
        ),
        "balance_negative": _("Account %(subject)s holds %(left)s, less than the %(right)s set aside."),
        "held_differs": _("Account %(subject)s has %(left)s set aside, its holds add up to %(right)s."),
        "lots_differ": _("The lots of account %(subject)s add up to %(left)s, its balance is %(right)s."),
        "lots_of_journal_differ": _(
            "The lots of journal %(subject)s add up to %(left)s, it credited %(right)s."
        ),
        "content_differs": _("Journal %(subject)s is no longer what was posted."),
        "lot_uses_differ": _("Of lot %(subject)s %(left)s are gone, its uses add up to %(right)s."),
    }
    return words[name] % {"subject": subject, "unit": unit, "left": left, "right": right}
