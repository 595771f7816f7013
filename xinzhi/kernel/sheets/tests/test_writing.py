from __future__ import annotations

import datetime as dt
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from xinzhi.kernel.sheets import (
    Column,
    RowProblem,
    read_table,
    report_xlsx,
    template_xlsx,
    write_csv,
    write_xlsx,
)

FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "=cmd|' /C calc'!A0", "-"]


def first_sheet(data: bytes) -> object:
    return load_workbook(io.BytesIO(data)).worksheets[0]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_looks_like_a_formula_stays_a_text(text: str) -> None:
    sheet = first_sheet(write_xlsx(["a", text], [[text, text]], title=text, notes=[text]))
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}  # type: ignore[attr-defined]
    assert kinds == {"s"}
    line = write_csv(["a"], [[text]]).decode("utf-8-sig").split("\r\n", 1)[1].lstrip('"')
    assert line.startswith("'")


@pytest.mark.parametrize("text", FORMULAS[:4])
def test_a_guarded_text_reads_back_as_it_was(text: str) -> None:
    assert read_table(write_csv(["甲", "乙"], [[text, "x"]]), "a.csv").rows[0].cells["甲"] == text
    assert read_table(write_xlsx(["甲", "乙"], [[text, "x"]]), "a.xlsx").rows[0].cells["甲"] == text


def test_numbers_days_and_identity_numbers_keep_their_kind() -> None:
    at = dt.datetime(2024, 1, 4, 16, 30, tzinfo=dt.UTC)
    data = write_xlsx(
        ["a", "b", "c", "d"], [[-10, dt.date(2024, 1, 5), "330523197504090279", at]], title="名册"
    )
    sheet = first_sheet(data)
    values = [cell.value for cell in sheet[3]]  # type: ignore[index]
    assert values == [-10, dt.datetime(2024, 1, 5), "330523197504090279", dt.datetime(2024, 1, 5, 0, 30)]
    assert read_table(data, "a.xlsx").rows[0].cells["c"] == "330523197504090279"


def test_a_workbook_prints_on_a4_with_its_headings_on_every_page() -> None:
    sheet = first_sheet(write_xlsx(["户编号", "姓名"], [["1", "李"]], title="船村名册", notes=["2024年"]))
    assert sheet.page_setup.paperSize == 9 and sheet.page_setup.fitToHeight == 0  # type: ignore[attr-defined]
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$3:$3", "A4")  # type: ignore[attr-defined]
    assert sheet["A1"].value == "船村名册"  # type: ignore[index]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), min_size=1, max_size=5))
def test_whatever_is_written_can_be_opened_again(rows: list[tuple[str, str]]) -> None:
    sheet = first_sheet(write_xlsx(["a", "b"], rows, title=rows[0][0], sheet_name=rows[0][1]))
    assert sheet.max_row >= 1  # type: ignore[attr-defined]
    write_csv(["a", "b"], rows).decode("utf-8")


def test_the_report_names_row_column_value_problem_and_remedy() -> None:
    data = report_xlsx([RowProblem(7, "姓名", "=x", "空", "请填写")], title="船村")
    assert [cell.value for cell in first_sheet(data)[3]] == [7, "姓名", "=x", "空", "请填写"]  # type: ignore[index]


COLUMNS = (
    Column("number", ("户编号",), required=True, example="001"),
    Column(
        "way", ("方式",), kind="choice", choices={"固定": "fixed", "fixed": "fixed", "按数量": "per_unit"}
    ),
    Column("day", ("日期",), kind="date", hint="哪一天"),
    Column("member", ("是否社员",), kind="bool"),
)


def test_a_filled_in_form_reads_back_with_the_same_columns() -> None:
    workbook = load_workbook(
        io.BytesIO(template_xlsx(COLUMNS, [["001", "固定", "2024-01-05", "是"]], title="名册"))
    )
    sheet = workbook["名册"]
    for place, value in enumerate(["007", "按数量", dt.date(2024, 1, 5), "是"], start=1):
        sheet.cell(row=2, column=place).value = value
    out = io.BytesIO()
    workbook.save(out)
    table = read_table(out.getvalue(), "a.xlsx", columns=COLUMNS)
    assert (table.warnings, table.problems, len(table.rows)) == ([], [], 1)
    row = table.rows[0]
    assert (row.text("number"), row.choice("way"), row.date("day"), row.boolean("member")) == (
        "007",
        "per_unit",
        dt.date(2024, 1, 5),
        True,
    )


def test_an_untouched_form_holds_no_rows_although_it_shows_an_example() -> None:
    assert read_table(template_xlsx(COLUMNS, [["001", "固定"]]), "a.xlsx", columns=COLUMNS).rows == []


def test_the_form_offers_each_choice_once_and_keeps_leading_zeros() -> None:
    workbook = load_workbook(io.BytesIO(template_xlsx(COLUMNS)))
    assert [cell.value for cell in workbook["lists"]["A"]] == ["固定", "按数量"]
    assert workbook["lists"].sheet_state == "hidden"
    sheet = workbook.worksheets[0]
    assert sheet["A500"].number_format == "@"
    assert {str(v.sqref) for v in sheet.data_validations.dataValidation} == {"B2:B1001", "D2:D1001"}
