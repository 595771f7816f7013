from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.sheets import Column, Row, RowProblem, Table, TableReport

COLUMNS = {
    c.key: c
    for c in (
        Column("name", ("姓名",), required=True, personal=True, max_length=5),
        Column("day", ("日期",), kind="date"),
        Column("way", ("方式",), kind="choice", choices={"固定": "fixed", "按 数量": "per_unit"}),
    )
}


def row(**cells: str) -> Row:
    return Row(7, cells, COLUMNS)


@pytest.mark.parametrize(
    "written",
    [
        "2024-1-5",
        "2024/1/5",
        "2024.01.05",
        "20240105",
        "2024年1月5日",
        "2024 年 1 月 5 日",
        "2024-01-05 08:30:00",
    ],
)
def test_a_day_is_read_however_it_is_written(written: str) -> None:
    assert row(day=written).date("day") == dt.date(2024, 1, 5)


@pytest.mark.parametrize(
    "written",
    [
        "2024-02-30",
        "20241301",
        "05/01/2024",
        "45291",
        "明天",
        "1024-01-01",
        "9999-01-01",
        "2024",
        "٢٠٢٤-01-05",
    ],
)
def test_what_is_no_day_is_a_problem_with_a_remedy(written: str) -> None:
    read = row(day=written)
    assert read.date("day") is None
    assert [(p.row, p.column, p.value) for p in read.problems] == [(7, "日期", written)]
    assert str(read.problems[0].remedy)


@pytest.mark.parametrize(
    ("method", "written", "expected"),
    [
        ("integer", "1,234", 1234),
        ("integer", "12.0", 12),
        ("integer", "12.5", None),
        ("integer", "1e3", None),
        ("integer", "1" * 30, None),
        ("decimal", "12.50", Decimal("12.50")),
        ("decimal", "1,23", None),
        ("decimal", "NaN", None),
        ("points", "0.5", 5),
        ("points", "-10分", -100),
        ("points", "−2", -20),
        ("points", "0.55", None),
        ("boolean", "是", True),
        ("boolean", "√", True),
        ("boolean", "否", False),
        ("boolean", "也许", None),
        ("choice", "固定", "fixed"),
        ("choice", "按数量", "per_unit"),
        ("choice", "随便", None),
    ],
)
def test_values_are_read_or_refused(method: str, written: str, expected: object) -> None:
    read = row(way=written)
    assert getattr(read, method)("way") == expected
    assert len(read.problems) == (expected is None)


def test_an_empty_cell_is_a_problem_only_where_it_is_needed() -> None:
    read = row(name="", day="")
    assert (read.date("day"), read.problems) == (None, [])
    assert (read.text("name"), len(read.problems)) == ("", 1)


def test_personal_values_are_masked_in_problems() -> None:
    read = row(name="李丁试长长长")
    read.text("name")
    assert read.problems[0].value == "李*****"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("330523197504090279", "3305**********0279"),
        ("33052319750409027X", "3305**********027X"),
        ("13800001234", "138****1234"),
        ("6222021234567890123", "6222***********0123"),
        ("2024-01-05", "2024-01-05"),
        ("a" * 80, "a" * 59 + "…"),
    ],
)
def test_a_report_never_shows_a_whole_number_of_a_person(value: str, kept: str) -> None:
    assert RowProblem(1, "a", value, "", "").value == kept


@given(st.text(max_size=40))
def test_no_text_breaks_a_reader(text: str) -> None:
    read = Row(1, {"day": text, "way": text, "name": text}, COLUMNS)
    results = (
        read.date("day"),
        read.integer("way"),
        read.decimal("way"),
        read.points("way"),
        read.choice("way"),
    )
    assert len(read.problems) == (sum(r is None for r in results) if text else 0)


def test_a_report_counts_rows_with_problems_once() -> None:
    rows = [Row(n, {"day": "x" if n == 3 else "2024-01-05", "way": "y"}, COLUMNS) for n in (2, 3)]
    table = Table(["日期"], rows, [], [RowProblem(3, "方式", "", "a", "b")])
    for read in rows:
        read.date("day")
    report = TableReport.of(table)
    assert (report.rows, report.accepted, report.refused, len(report.problems)) == (2, 1, 1, 2)


def test_problems_speak_the_language_of_the_reader() -> None:
    read = row(day="明天")
    read.date("day")
    with translation.override("en"):
        assert str(read.problems[0].problem) == "This is not a date."
