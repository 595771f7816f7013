"""How long it takes to score a large village's year again from its deeds and to compare it with the ledger.

python -m bench.replay              20,000 households with a year of deeds, in a database of its own

The peer is the database alone, reading the same rows: deeds, steps and what the ledger moved, with nothing scored.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from bench.figures import report

HOUSEHOLDS, FULL, A_YEAR = 20_000, 50_000, 24
AIM_SECONDS = 15
YEAR = 2025
CHUNK = 10_000
COLUMNS = (
    "state, state_since, village_id, household_id, rule_id, rule_code, verifier_role, done_on, quantity_tenths, grade, raw_tenths,"
    " points_tenths, steps, claimant, channel, entered_by_key, claimed_at, verified_by_key, evidence_count, source, request_key"
)


def run(households: int) -> None:
    """Measure on the connected database."""
    from django.db import connection

    from xinzhi.kernel.foundation import clock
    from xinzhi.kernel.regions.queries import region_by_code
    from xinzhi.localities.shanchuan.demo import load
    from xinzhi.scenes.governance_points.replaying import replay

    load._lay_ground(clock.today(), 1, lambda _line: None)
    village = region_by_code("330523206207").pk
    rules = _charter(village)
    deeds = _lay(village, households, rules)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    began = time.perf_counter()
    _read(village)
    peer = time.perf_counter() - began
    began = time.perf_counter()
    found = replay(village_id=village, year=YEAR)
    took = time.perf_counter() - began
    assert not found.differences, found.differences[:3]
    report(f"reading the rows of a replay, {deeds:,} deeds", f"{peer:.1f} s")
    report(
        f"a year scored again, {households:,} households, {deeds:,} deeds",
        f"{took:.1f} s, {deeds / took:,.0f}/s",
        aim=f"< {AIM_SECONDS} s",
        is_met=took < AIM_SECONDS,
    )


def _charter(village: int) -> list[Any]:
    """A charter that asks of every deed what can be asked: caps, a ladder, a group, repetition, the household, a share."""
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.scenes.governance_points.charter import Cap, CharterRule
    from xinzhi.scenes.governance_points.charter_terms import Terms
    from xinzhi.scenes.governance_points.queries.charter import charter_on
    from xinzhi.scenes.governance_points.services.charter import adopt_charter

    rules = [
        CharterRule("A1", "志愿服务", "志愿服务", "ladder", unit="小时", ladder=((40, 10), (100, 20), (200, 50), (500, 100))),
        CharterRule("A2", "公共参与", "公益劳动", "fixed", points_tenths=80, group="劳动", caps=(Cap("month", points_tenths=160),)),
        CharterRule("A3", "公共参与", "清洁行动", "fixed", points_tenths=50, group="劳动", caps=(Cap("week", times=2),)),
        CharterRule("A4", "培训", "参加培训", "fixed", points_tenths=10, caps=(Cap("year", points_tenths=30),)),
        CharterRule("A5", "垃圾分类", "易腐垃圾", "by_grade", grades={"优": 100, "良": 80, "差": 0}, caps=(Cap("quarter", points_tenths=300),)),
        CharterRule("A6", "美丽庭院", "示范户", "per_member", points_tenths=10, caps=(Cap("quarter", times=1),)),
    ]  # fmt: skip
    now = datetime(YEAR, 1, 1, 1, tzinfo=UTC)
    from xinzhi.kernel.rules.models import RuleVersion

    RuleVersion.objects.filter(book__region_id=village).update(status="withdrawn")
    adopt_charter(
        actor=SYSTEM, village_id=village, charter_rules=rules, resolution="bench", active_from=date(YEAR, 1, 1), at=now,
        terms=Terms(household_caps=(Cap("month", points_tenths=600),), category_percent={"": 60}),
    )  # fmt: skip
    charter = charter_on(village, date(YEAR, 6, 1))
    return [(line.id, line.rule, charter.terms) for line in charter.lines]


def _lay(village: int, households: int, rules: list[Any]) -> int:
    """Households, deeds verified month by month, their steps, and the journals of their points."""
    from django.db import connection

    from xinzhi.kernel.ledger import services as ledger
    from xinzhi.scenes.governance_points.accounts import HONOUR, POINTS, accounts_of
    from xinzhi.scenes.governance_points.scoring_many import ToScore, score_all
    from xinzhi.scenes.governance_points.tally import Tally

    dice = random.Random(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO residents_household (village_id, household_no, kind, status, card_version, elder_mode, source, active_from)"
            " SELECT %s, 'R' || n, 'hukou', 'active', 1, false, 'bench', %s FROM generate_series(1, %s) n RETURNING id",
            [village, date(YEAR, 1, 1), households],
        )
        homes = [pk for (pk,) in cursor.fetchall()]
    tallies: dict[int, Tally] = {pk: Tally() for pk in homes}
    made, key = 0, 0
    book = ledger.book_of_region(village)
    for month in range(1, 13):
        at = datetime(YEAR, month, 28, 4, tzinfo=UTC)
        to_score, rows = [], {}
        for home in homes:
            for _n in range(A_YEAR // 12):
                key += 1
                rule_id, rule, terms = dice.choice(rules)
                quantity = (
                    dice.choice([20, 40]) if rule.ladder else 30 if rule.points_kind == "per_member" else None
                )
                grade = dice.choice("优良差") if rule.grades else ""
                to_score.append(
                    ToScore(key, home, rule, date(YEAR, month, dice.randint(1, 27)), quantity, grade, terms)
                )
                rows[key] = rule_id
        scores = score_all(to_score, tallies)
        # As they are numbered, so that days of one month fall in the order in which a replay takes them.
        to_score.sort(key=lambda d: (d.done_on, d.key))
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY governance_points_deed ({COLUMNS}) FROM STDIN") as copy,
        ):  # type: ignore[attr-defined]
            for d in to_score:
                s = scores[d.key]
                copy.write_row(
                    ["posted", at, village, d.household_id, rows[d.key], d.rule.code, "village_clerk", d.done_on, d.quantity_tenths, d.grade,
                     s.raw_tenths, s.points_tenths, "[]", "household", "phone", "bench", at, "bench", 0, f"bench:{d.key}", UUID(int=d.key)]
                )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO workflow_step (lifecycle, subject_id, village_id, household_id, action, from_state, to_state, actor_key,"
                " person_key, role, channel, at, reason_code)"
                " SELECT 'governance_points.deed', id, village_id, household_id, 'verify', 'submitted', 'verified', 'bench', 'bench', '',"
                " 'web', %s, '' FROM governance_points_deed WHERE village_id = %s AND claimed_at = %s ORDER BY id",
                [at, village, at],
            )
            cursor.execute(
                "SELECT id, household_id, done_on, points_tenths FROM governance_points_deed"
                " WHERE village_id = %s AND claimed_at = %s AND points_tenths > 0 ORDER BY id",
                [village, at],
            )
            posted = cursor.fetchall()
        for chunk in _chunks(posted):
            accounts = accounts_of(book, [home for _pk, home, _on, _tenths in chunk])
            items = [
                ledger.BatchItem(
                    UUID(int=2**100 + pk),
                    (
                        ledger.Leg(accounts.points_issuance, POINTS, -tenths), ledger.Leg(accounts.of(home).spendable, POINTS, tenths),
                        ledger.Leg(accounts.honour_issuance, HONOUR, -tenths), ledger.Leg(accounts.of(home).honour, HONOUR, tenths),
                    ),
                    on, f"governance_points.deed:{pk}", on + timedelta(days=365),
                )
                for pk, home, on, tenths in chunk
            ]  # fmt: skip
            ledger.post_batch(book=book, items=items, actor_key="system", at=at)
        made += len(to_score)
    return made


def _chunks(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _read(village: int) -> None:
    from django.db import connection

    from xinzhi.kernel.ledger import queries as ledger
    from xinzhi.scenes.governance_points import replaying
    from xinzhi.scenes.governance_points.lifecycle import COUNTING_STATES

    window = (village, date(YEAR - 1, 12, 25), date(YEAR + 1, 1, 8))
    counting = list(COUNTING_STATES)
    with connection.cursor() as cursor:
        cursor.execute(replaying._DEEDS, window)
        cursor.fetchall()
        cursor.execute(replaying._STEPS, [counting, "governance_points.deed", *window, counting, counting])
        cursor.fetchall()
    ledger.amounts_by_source(village, "spendable", "points", date(YEAR, 1, 1), date(YEAR + 1, 1, 1))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinzhi.config.settings")
    os.environ["XINZHI_TEST_DB"] = os.environ.get("XINZHI_BENCH_DB", "bench_replay")
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings.STATE_DIR = folder  # the logins of this throw-away township
            run(
                FULL
                if os.environ.get("BENCH_FULL") == "1"
                else int(os.environ.get("BENCH_HOUSEHOLDS", HOUSEHOLDS))
            )
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


if __name__ == "__main__":
    main()
