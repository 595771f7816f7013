"""The data of a county that has kept books for years, written by set-based SQL: households, deeds, journals, open work.

Foreign keys, balances and running balances hold by how the rows are made; the triggers that would judge each of them again
sleep while they are written. What it leaves out: digests of journals, steps and audit rows of old deeds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

#: One household has every so many of the deeds, so that its statement is longer than a page.
OF_ONE_HOUSEHOLD = 2_000
MOST_DEEDS = 2  # a deed of that household
TENTHS = 50
HEADER = ["户编号", "户主姓名", "与户主关系", "姓名", "性别"]
HEAD = "试样"

HOUSEHOLDS = """
INSERT INTO residents_household (village_id, household_no, kind, status, card_version, elder_mode, source, active_from)
SELECT (%(villages)s::bigint[])[1 + n %% cardinality(%(villages)s::bigint[])], 'B' || n, 'hukou', 'active', 1, false, 'bench', %(day)s
FROM generate_series(1, %(count)s) AS n
"""

BALANCES = """
WITH opened AS (
    INSERT INTO ledger_account (book, kind, unit, owner)
    SELECT b.id, k.kind, k.unit, 'household:' || h.id
    FROM residents_household h JOIN ledger_book b ON b.region_id = h.village_id
    CROSS JOIN (VALUES ('spendable', 'points'), ('honour', 'honour')) AS k(kind, unit)
    ORDER BY h.id ON CONFLICT DO NOTHING RETURNING book, id)
INSERT INTO ledger_balance (book, account_id, may_go_negative) SELECT book, id, false FROM opened
"""

#: One deed in a hundred waits to be verified and one to be published, as in a village that has run for years.
DEEDS = """
INSERT INTO governance_points_deed (id, state, state_since, village_id, household_id, rule_id, rule_code, verifier_role, done_on,
    grade, posted_on, journal_id, raw_tenths, points_tenths, steps, claimant, channel, entered_by_key, claimed_at, verified_by_key,
    evidence_count, source, evidence_subject, is_unsaid, request_key)
SELECT n, (CASE n %% 100 WHEN 0 THEN 'submitted' WHEN 1 THEN 'verified' ELSE 'posted' END), now(), h.village_id, h.id, r.id, r.code,
    'inspector', current_date - (n %% 1000)::int, '', CASE WHEN n %% 100 > 1 THEN current_date - (n %% 1000)::int END,
    CASE WHEN n %% 100 > 1 THEN n END, %(tenths)s, %(tenths)s, '[]', 'household', 'phone', 'bench', now(), '', 0, 'bench:' || n,
    '', false, gen_random_uuid()
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
JOIN (SELECT id, village_id, row_number() OVER (ORDER BY village_id <> %(home)s, id) - 1 AS place FROM residents_household) h
    ON h.place = CASE WHEN n %% %(of_one)s = %(most)s THEN 0 ELSE n %% %(households)s END
JOIN (
    SELECT DISTINCT ON (b.region_id) b.region_id, rule.id, rule.code FROM rules_rule rule
    JOIN rules_ruleversion v ON v.id = rule.version_id JOIN rules_rulebook b ON b.id = v.book_id ORDER BY b.region_id, rule.position
) r ON r.region_id = h.village_id
ORDER BY n
"""

#: What waits stands in the inbox of those who may, due in the days to come.
TASKS = """
INSERT INTO workflow_task (lifecycle, subject_id, level, state, village_id, household_id, permission, opened_at, due_at, waiting,
    barred_keys, recuses)
SELECT 'governance_points.deed', id, 0, state, village_id, household_id,
    CASE state WHEN 'submitted' THEN 'governance_points.deed.verify_as_inspector' ELSE 'governance_points.deed.publish' END, now(),
    now() + (id %% 20) * interval '1 day', false, '{}', true
FROM governance_points_deed WHERE state IN ('submitted', 'verified') AND id BETWEEN %(first)s AND %(last)s
"""

#: A journal has the number of its deed, and the four entries that `post_deeds` writes: points and honour.
JOURNALS = """
INSERT INTO ledger_journal (book, id, request_key, content_digest, effective_date, source, actor_key, at) OVERRIDING SYSTEM VALUE
SELECT b.id, d.id, gen_random_uuid(), '', d.done_on, 'governance_points.deed:' || d.id, 'system', d.posted_on
FROM governance_points_deed d JOIN ledger_book b ON b.region_id = d.village_id
WHERE d.state = 'posted' AND d.id BETWEEN %(first)s AND %(last)s ORDER BY d.id
"""
ENTRIES = """
INSERT INTO ledger_entry (book, journal_id, line, account_id, amount, balance_after)
SELECT m.book, m.id, leg.line, leg.account, leg.amount, leg.after FROM (
    SELECT b.id AS book, d.id, d.points_tenths AS tenths, s.id AS spendable, h.id AS honour, i.id AS points_from, o.id AS honour_from,
        k.balance + sum(d.points_tenths) OVER (PARTITION BY d.household_id ORDER BY d.id) AS after
    FROM governance_points_deed d JOIN ledger_book b ON b.region_id = d.village_id
    JOIN ledger_account s ON (s.book, s.kind, s.unit, s.owner) = (b.id, 'spendable', 'points', 'household:' || d.household_id)
    JOIN ledger_account h ON (h.book, h.kind, h.unit, h.owner) = (b.id, 'honour', 'honour', 'household:' || d.household_id)
    JOIN ledger_account i ON (i.book, i.kind, i.unit, i.owner) = (b.id, 'issuance', 'points', '')
    JOIN ledger_account o ON (o.book, o.kind, o.unit, o.owner) = (b.id, 'issuance', 'honour', '')
    JOIN ledger_balance k ON (k.book, k.account_id) = (b.id, s.id)
    WHERE d.state = 'posted' AND d.id BETWEEN %(first)s AND %(last)s) m
CROSS JOIN LATERAL (VALUES (1, m.points_from, -m.tenths, NULL::bigint), (2, m.spendable, m.tenths, m.after),
    (3, m.honour_from, -m.tenths, NULL), (4, m.honour, m.tenths, m.after)) AS leg(line, account, amount, after)
ORDER BY m.id
"""
LOTS = """
INSERT INTO ledger_lot (book, account_id, journal_id, expires_on, amount, remaining)
SELECT e.book, e.account_id, e.journal_id, current_date + (e.journal_id %% 1000)::int + 1, e.amount, e.amount
FROM ledger_entry e WHERE e.line = 2 AND e.journal_id BETWEEN %(first)s AND %(last)s ORDER BY e.journal_id
"""
KEPT = """
UPDATE ledger_balance b SET balance = b.balance + s.total
FROM (SELECT book, account_id, sum(amount) AS total FROM ledger_entry
      WHERE balance_after IS NOT NULL AND journal_id BETWEEN %(first)s AND %(last)s GROUP BY 1, 2) s
WHERE (b.book, b.account_id) = (s.book, s.account_id)
"""
NUMBERS = (("governance_points_deed", "id"), ("ledger_journal", "id"))


def add_households(village_ids: Sequence[int], count: int, *, at: datetime) -> None:
    """So many more households, spread evenly over the villages, each with its two accounts.

    Those of the first village come by a roster, with the encrypted names that its clerk will read; the others have no persons.
    """
    from django.db import connection

    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.kernel.ledger import services as ledger
    from xinzhi.kernel.residents.services import import_roster
    from xinzhi.kernel.sheets import Row, Table
    from xinzhi.scenes.governance_points.accounts import accounts_of

    first, *others = village_ids
    named = count // len(village_ids)
    cells = (dict(zip(HEADER, (f"B{n}", HEAD, "户主", HEAD, "男"), strict=True)) for n in range(named))
    table = Table(HEADER, [Row(n, row) for n, row in enumerate(cells, start=2)], [])
    import_roster(actor=SYSTEM, village_id=first, table=table, dry_run=False, source="bench", at=at)
    with connection.cursor() as cursor:
        cursor.execute(HOUSEHOLDS, {"villages": others, "day": at.date(), "count": count - named})
        for village_id in village_ids:
            accounts_of(ledger.open_book(code=f"bench{village_id}", region_id=village_id, at=at), [])
        cursor.execute("ANALYZE")  # what follows joins these tables
        cursor.execute(BALANCES)
        cursor.execute("ANALYZE ledger_account, ledger_balance")


def add_deeds(first: int, last: int, *, home: int) -> str:
    """Deeds with the numbers from `first` to `last`, with their journals and open work; says what is there now.

    The household with most deeds is the first one of the village `home`.
    """
    from django.db import connection, transaction

    from xinzhi.scenes.governance_points.overview.sums import FROM_DEEDS, YEARS_FROM_DEEDS

    began = time.perf_counter()
    values = {
        "first": first,
        "last": last,
        "tenths": TENTHS,
        "of_one": OF_ONE_HOUSEHOLD,
        "most": MOST_DEEDS,
        "home": home,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM residents_household")
        values["households"] = cursor.fetchone()[0]
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in (DEEDS, TASKS, JOURNALS, ENTRIES, LOTS, KEPT):
            cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")
        for table, column in NUMBERS:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), %s)", [last])
        cursor.execute("DELETE FROM governance_points_pointsday")
        cursor.execute(
            "INSERT INTO governance_points_pointsday"
            f" (village_id, day, category, deeds, given_tenths, taken_tenths, reversed_tenths) {FROM_DEEDS}"
        )
        cursor.execute("DELETE FROM governance_points_householdyear")
        cursor.execute(
            "INSERT INTO governance_points_householdyear"
            f" (village_id, household_id, year, given_tenths, taken_tenths, vetoes) {YEARS_FROM_DEEDS}"
        )
        cursor.execute("ANALYZE")
        counts = []
        for table in ("residents_household", "governance_points_deed", "ledger_entry", "workflow_task"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            counts.append(f"{cursor.fetchone()[0]:,} {table.rpartition('_')[2]}s")
    return f"{', '.join(counts)}; written in {time.perf_counter() - began:.0f} s".replace("entrys", "entries")
