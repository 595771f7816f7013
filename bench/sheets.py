"""How fast tables are read and written: our reader beside openpyxl's own, and CSV.

python -m bench.sheets              20,000 rows of twelve columns; BENCH_FULL=1 takes 100,000
python -m bench.sheets --size 5000
"""

from __future__ import annotations

import argparse
import io
import os
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from bench.figures import report

HEADER = [
    "户编号",
    "户主姓名",
    "与户主关系",
    "姓名",
    "性别",
    "出生日期",
    "公民身份号码",
    "村民小组",
    "户籍性质",
    "是否股东",
    "股份数",
    "备注",
]


def rows(size: int) -> Iterator[list[Any]]:
    """Invented people, as a roster has them: texts that differ, a date, a number, an empty column."""
    for i in range(size):
        name = f"张{chr(0x4E00 + i % 500)}{chr(0x4E00 + i % 700)}"
        born = date(1950 + i % 60, 1 + i % 12, 1 + i % 28)
        head = "户主" if i % 3 == 0 else "子"
        yield [
            f"SC{i // 3:06}",
            "李丁试",
            head,
            name,
            "男",
            born,
            f"99{i:015}X",
            "示例村一组",
            "农业",
            "是",
            i % 7,
            None,
        ]


def run(size: int) -> dict[str, Any]:
    """Seconds, rows a second, and how much longer openpyxl takes to walk the same workbook. Needs no database."""
    from openpyxl import load_workbook

    from xinzhi.kernel.sheets import read_table, write_csv, write_xlsx

    result: dict[str, Any] = {"rows": size}

    def measured(name: str, work: Any) -> Any:
        began = time.perf_counter()
        found = work()
        result[f"{name}_seconds"] = round(time.perf_counter() - began, 2)
        return found

    book: bytes = measured("write_xlsx", lambda: write_xlsx(HEADER, rows(size)))
    text: bytes = measured("write_csv", lambda: write_csv(HEADER, rows(size)))
    tables = [
        measured("read_xlsx", lambda: read_table(book, "a.xlsx")),
        measured("read_csv", lambda: read_table(text, "a.csv")),
    ]
    for table in tables:
        if len(table.rows) != size or table.problems:
            raise SystemExit(f"{len(table.rows)} of {size} rows, {len(table.problems)} problems")

    def walk() -> int:
        sheet = load_workbook(io.BytesIO(book), read_only=True, data_only=True).worksheets[0]
        return sum(1 for _row in sheet.iter_rows(values_only=True))

    measured("openpyxl", walk)
    result["xlsx_megabytes"] = round(len(book) / 1e6, 1)
    result["read_xlsx_per_second"] = round(size / result["read_xlsx_seconds"])
    result["openpyxl_to_ours_ratio"] = round(result["openpyxl_seconds"] / result["read_xlsx_seconds"], 2)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, help="rows (default 20,000; 100,000 with BENCH_FULL=1)")
    size = parser.parse_args().size or (100_000 if os.environ.get("BENCH_FULL") == "1" else 20_000)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinzhi.config.settings")
    import django

    django.setup()
    found = run(size)
    report(
        f"reading a workbook of {size:,} rows",
        f"{found['read_xlsx_seconds']} s, ratio {found['openpyxl_to_ours_ratio']} to openpyxl",
    )
    report("reading the same as CSV", f"{found['read_csv_seconds']} s")
    report("writing both", f"{found['write_xlsx_seconds']} s, {found['write_csv_seconds']} s")


if __name__ == "__main__":
    main()
