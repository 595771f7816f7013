"""How fast deeds come in: a claim with its audit row, its step and its place in the inbox, each committed by itself.

python -m bench.deeds              500 claims of different households of one village, in a database of its own

The peer is a minimal PL/pgSQL function, called by the bare driver, that writes the same four rows with no rule, charter or cap
looked at. Service and peer take turns.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from bench.figures import report

CLAIMS, FULL, TURNS = 500, 5_000, 10
AIM_PER_SECOND = 100
TABLES = ("governance_points_deed", "workflow_step", "workflow_task", "audit_record")

#: The rows of a claim made by the service are written again with another id and key, so that they are as wide.
PEER = """
CREATE FUNCTION bench_claim(p_deed bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_deed bench_governance_points_deed;
    v_step bench_workflow_step;
    v_task bench_workflow_task;
    v_record bench_audit_record;
BEGIN
    PERFORM 1 FROM residents_household h JOIN governance_points_deed d ON d.household_id = h.id WHERE d.id = p_deed
        FOR NO KEY UPDATE OF h;
    SELECT * INTO v_deed FROM governance_points_deed WHERE id = p_deed;
    SELECT * INTO v_step FROM workflow_step WHERE lifecycle = 'governance_points.deed' AND subject_id = p_deed LIMIT 1;
    SELECT * INTO v_task FROM workflow_task WHERE lifecycle = 'governance_points.deed' AND subject_id = p_deed LIMIT 1;
    SELECT * INTO v_record FROM audit_record WHERE id = (SELECT max(id) FROM audit_record);
    v_record.id := nextval(pg_get_serial_sequence('audit_record', 'id'));
    v_deed.request_key := gen_random_uuid();
    v_deed.source := 'bench:' || v_deed.request_key;
    INSERT INTO bench_governance_points_deed SELECT v_deed.*;
    INSERT INTO bench_workflow_step SELECT v_step.*;
    INSERT INTO bench_workflow_task SELECT v_task.*;
    INSERT INTO bench_audit_record SELECT v_record.*;
    RETURN p_deed;
END $$;
"""


def run(count: int) -> None:
    """Measure on the connected database."""
    from django.db import connection

    from xinzhi.kernel.foundation import clock
    from xinzhi.kernel.regions.queries import region_by_code
    from xinzhi.localities.shanchuan.demo import load

    load._lay_ground(clock.today(), 1, lambda _line: None)
    village = region_by_code("330523206203").pk
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
        cursor.execute(PEER)
        cursor.execute("ANALYZE")
    households, day = _households(village, count + TURNS), clock.today()
    rule = _rule(village, day)
    deeds = _claim(households[:TURNS], rule, day)  # plans and caches are warm
    _write_again(deeds)
    service = peer = 0.0
    turn = count // TURNS
    for n in range(TURNS):
        chosen = households[TURNS + n * turn : TURNS + (n + 1) * turn]
        began = time.perf_counter()
        deeds = _claim(chosen, rule, day)
        service += time.perf_counter() - began
        began = time.perf_counter()
        _write_again(deeds)
        peer += time.perf_counter() - began
    done = turn * TURNS
    report(f"the rows of a claim, bare function, {done:,}", f"{done / peer:,.0f}/s")
    report(
        f"creating a deed with audit row, step and inbox entry, {done:,}",
        f"{done / service:,.0f}/s, ratio {peer / service:.2f}",
        aim=f"≥ {AIM_PER_SECOND}/s",
        is_met=done / service >= AIM_PER_SECOND,
    )


def _households(village: int, count: int) -> list[int]:
    """Households of the village, some of them several times when there are too few: a cap then says how much counts."""
    from xinzhi.kernel.residents.models import Household

    found = list(Household.objects.filter(village_id=village).order_by("pk").values_list("pk", flat=True))
    return [found[n % len(found)] for n in range(count)]


def _rule(village: int, day: date) -> str:
    """A rule that a household may claim without a photo."""
    from xinzhi.scenes.governance_points.queries.charter import charter_on

    rules = [line.rule for line in charter_on(village, day).lines]
    return next(
        r.code for r in rules if r.points_kind == "fixed" and not r.needs_photo and not r.is_deduction
    )


def _claim(households: Sequence[int], rule: str, day: date) -> list[int]:
    from xinzhi.kernel.foundation import clock
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.scenes.governance_points.services import claims

    return [
        claims.claim_deed(
            actor=SYSTEM, request_key=uuid4(), household_id=household_id, rule_code=rule, done_on=day, at=clock.now()
        ).pk
        for household_id in households
    ]  # fmt: skip


def _write_again(deeds: Sequence[int]) -> None:
    from django.db import connection

    raw: Any = connection.connection
    with raw.cursor() as cursor:
        for deed in deeds:
            cursor.execute("SELECT bench_claim(%s)", [deed])


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinzhi.config.settings")
    os.environ["XINZHI_TEST_DB"] = os.environ.get("XINZHI_BENCH_DB", "bench_deeds")
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings.STATE_DIR = folder  # the logins of this throw-away township
            run(FULL if os.environ.get("BENCH_FULL") == "1" else CLAIMS)
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


if __name__ == "__main__":
    main()
