"""How long a roster takes: check, dry run, import, the same file again, and bare COPY of the same rows.

python -m bench.roster              100,000 persons in one village, in a database of its own
python -m bench.roster --size 5000
"""

from __future__ import annotations

import argparse
import io
import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bench.figures import report

AT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
HEADER = [
    "户编号",
    "户主姓名",
    "与户主关系",
    "姓名",
    "性别",
    "出生日期",
    "公民身份号码",
    "村民小组",
    "手机号",
    "备注",
]
TABLES = ("household", "person", "personkey", "membership", "personalvalue")
TARGET_SECONDS_PER_100_000 = 60


def synthetic_roster(size: int, seed: int = 1) -> list[dict[str, str]]:
    """`size` invented people in households of one to six. The area code (99…) never existed."""
    from xinzhi.kernel.residents.identity_numbers import check_character

    dice = random.Random(seed)
    rows: list[dict[str, str]] = []
    number = 0
    while len(rows) < size:
        number += 1
        head = ""
        for place in range(min(dice.choice((1, 2, 2, 3, 3, 4, 5, 6)), size - len(rows))):
            man = dice.random() < 0.5
            born = date(1935, 1, 1) + timedelta(days=dice.randrange(30_000))
            serial = len(rows)
            area = (
                770000 + serial // 500 % 1000
            )  # no province begins with 77; unique together with the serial
            seventeen = f"{area}{born:%Y%m%d}{serial % 500 * 2 + (1 if man else 0):03d}"
            name = dice.choice("赵钱孙李周吴郑王冯陈") + "".join(
                dice.choices("甲乙丙丁戊己庚辛壬癸试样", k=dice.choice((1, 2)))
            )
            head = head or name
            relation = "户主" if place == 0 else "子" if man else "女"
            cells = [
                f"B{number:06d}", head, relation, name, "男" if man else "女", born.isoformat(),
                seventeen + check_character(seventeen), f"{number % 40 + 1}组",
                f"199{serial:08d}" if place == 0 else "", "",
            ]  # fmt: skip
            rows.append(dict(zip(HEADER, cells, strict=True)))
    return rows


def run(size: int = 100_000) -> dict[str, Any]:
    """Measure on the connected database, which is left with the imported village. Seconds and rates."""
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.kernel.regions.services import create_region
    from xinzhi.kernel.residents.services import import_roster
    from xinzhi.kernel.sheets import Row, Table

    village = create_region(actor=SYSTEM, level="village", name="Bench", active_from=date(2020, 1, 1), at=AT)
    table = Table(HEADER, [Row(n, cells) for n, cells in enumerate(synthetic_roster(size), start=2)], [])
    result: dict[str, Any] = {"persons": size}
    for name, dry_run in (("dry_run", True), ("import", False), ("again", False)):
        began = time.perf_counter()
        report = import_roster(
            actor=SYSTEM, village_id=village.pk, table=table, dry_run=dry_run, source="bench", at=AT
        )
        result[f"{name}_seconds"] = round(time.perf_counter() - began, 2)
        expected = 0 if name == "again" else size
        if report.persons_created != expected or report.problems:
            raise SystemExit(
                f"{name}: {report.persons_created} of {expected} persons, {len(report.problems)} problems"
            )
    result["copy_seconds"] = round(_bare_copy(), 2)
    result["import_per_second"] = round(size / result["import_seconds"])
    result["copy_to_import_ratio"] = round(result["copy_seconds"] / result["import_seconds"], 3)
    return result


def _bare_copy() -> float:
    """Seconds that COPY alone needs for the very rows the import wrote, into like tables with the same indexes."""
    from django.db import connection

    seconds = 0.0
    with connection.cursor() as cursor:
        for table in TABLES:
            held = io.BytesIO()
            with cursor.copy(f"COPY residents_{table} TO STDOUT") as copy:
                for block in copy:
                    held.write(block)
            cursor.execute(f"CREATE TABLE bench_{table} (LIKE residents_{table} INCLUDING ALL)")
            began = time.perf_counter()
            with cursor.copy(f"COPY bench_{table} FROM STDIN") as copy:
                for block in _blocks(held.getvalue()):
                    copy.write(block)
            seconds += time.perf_counter() - began
            cursor.execute(f"DROP TABLE bench_{table}")
    return seconds


def _blocks(data: bytes, length: int = 65_536) -> Iterator[bytes]:
    for start in range(0, len(data), length):
        yield data[start : start + length]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=100_000, help="persons (default 100,000)")
    size = parser.parse_args().size
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinzhi.config.settings")
    os.environ["XINZHI_TEST_DB"] = os.environ.get("XINZHI_BENCH_DB", "bench_roster")
    import django

    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        result = run(size)
    finally:
        connection.creation.destroy_test_db("", verbosity=0)
    limit = TARGET_SECONDS_PER_100_000 * max(size, 1000) / 100_000
    taken = result["import_seconds"]
    report(
        f"roster of {size:,} persons",
        f"{taken} s ({result['import_per_second']:,}/s), ratio {result['copy_to_import_ratio']:.2f} to COPY",
        aim=f"< {limit:,.0f} s",
        is_met=taken < limit,
    )
    report(
        "the same roster, dry run and again", f"{result['dry_run_seconds']} s, {result['again_seconds']} s"
    )


if __name__ == "__main__":
    main()
