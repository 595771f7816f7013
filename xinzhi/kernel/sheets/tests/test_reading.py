from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.sheets import Column, Table, errors, read_table
from xinzhi.kernel.sheets.tests.books import SHEET, as_excel_writes, book, patched

NUMBER = Column("number", ("户编号", "household_no"), required=True)
NAME = Column("name", ("姓名",), required=True, personal=True)
BORN = Column("born", ("出生日期", "生日"), kind="date")
COLUMNS = (NUMBER, NAME, BORN)
HEADER = ["户编号", "姓名", "出生日期"]
#: The example that the roster import is tested with: the same table as CSV and as a workbook.
ROSTER = Path(__file__).parents[2] / "residents/tests"


def cells(table: Table) -> list[dict[str, str]]:
    return [row.cells for row in table.rows]


def problems(table: Table) -> list[tuple[int, str, str]]:
    return [(p.row, p.column, p.value) for p in table.problems]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_office_reads_the_same(encoding: str, delimiter: str) -> None:
    lines = [
        HEADER,
        ["SC001", "李丁,试" if delimiter != "," else '"李丁,试"', "1945-05-01"],
        ["SC002", "胡戊", ""],
    ]
    data = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
    table = read_table(data, "名册.csv", columns=COLUMNS)
    assert cells(table) == [
        {"number": "SC001", "name": "李丁,试", "born": "1945-05-01"},
        {"number": "SC002", "name": "胡戊", "born": ""},
    ]
    assert [row.number for row in table.rows] == [2, 3]


def test_rare_characters_of_names_survive_the_old_encoding() -> None:
    data = "户编号,姓名\n1,".encode("gb18030") + b"\xfe\x9f\xfe\x59" + "𬱟䶮".encode("gb18030")
    assert read_table(data, "a.csv", columns=COLUMNS).rows[0].cells["name"] == "䶮\u9fb4𬱟䶮"


def test_an_upload_a_path_and_bytes_read_the_same(tmp_path: Path) -> None:
    data = book([HEADER, ["SC001", "李丁试", "1945-05-01"]])
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    results = [
        cells(read_table(source, "a.xlsx", columns=COLUMNS))
        for source in (data, path, io.BytesIO(data), SimpleUploadedFile("a.xlsx", data))
    ]
    assert results == [[{"number": "SC001", "name": "李丁试", "born": "1945-05-01"}]] * 4


def test_shared_texts_are_read_without_their_reading_aids() -> None:
    table = read_table(
        as_excel_writes(book([HEADER, ["SC001", "李 丁", "2024-1-5"]])), "a.xlsx", columns=COLUMNS
    )
    assert cells(table) == [{"number": "SC001", "name": "李 丁", "born": "2024-1-5"}]


def test_title_notes_and_empty_rows_are_passed_over_and_rows_keep_excel_numbers() -> None:
    def change(sheet: object) -> None:
        sheet.merge_cells("A1:C1")  # type: ignore[attr-defined]

    data = book(
        [
            ["山川乡船村名册"],
            ["制表：村委会"],
            [],
            ["姓 名（必填）", "*户编号", "生日"],
            [],
            ["李丁试", "SC001", ""],
            [" "],
        ],
        change,
    )
    table = read_table(data, "a.xlsx", columns=COLUMNS)
    assert [(r.number, r.cells) for r in table.rows] == [
        (6, {"name": "李丁试", "number": "SC001", "born": ""})
    ]
    assert (table.header_row, table.problems, table.warnings) == (4, [], [])


def test_without_expected_columns_the_first_wide_row_is_the_heading() -> None:
    table = read_table(book([["名册"], ["a", "b", "c"], [1, 2, 3]]), "a.xlsx")
    assert (table.header, cells(table)) == (["a", "b", "c"], [{"a": "1", "b": "2", "c": "3"}])


def test_other_columns_are_kept_under_their_heading() -> None:
    table = read_table(book([[*HEADER, "A01 清洁（次）"], ["1", "李", "", 3]]), "a.xlsx", columns=COLUMNS)
    assert table.rows[0].cells["A01 清洁（次）"] == "3"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("\u200b李\ufeff丁\u200d试\u2060", "李丁试"),
        ("\u00a0李\u3000丁  试\t", "李 丁 试"),
        ("李丁\r\n试", "李丁 试"),
        ("ＳＣ００１－２", "SC001-2"),
        ("１２．５", "12.5"),
        ("第1组（东）", "第1组（东）"),
        ("\u202e李丁", "李丁"),
        ("'=1+1", "=1+1"),
        ("''李", "''李"),
        ("'李'=1", "'李'=1"),
        ("李\u3164\ufe0f丁\u2800", "李丁"),
        ("𮯰\U000323b0\ue000", "𮯰\U000323b0\ue000"),
        ("🙂", "🙂"),
        ("㐀𠀀", "㐀𠀀"),
    ],
)
def test_what_cannot_be_seen_is_cleaned_away(written: str, read: str) -> None:
    table = read_table(book([HEADER, [written, "x", ""]]), "a.xlsx", columns=COLUMNS)
    assert table.rows[0].cells["number"] == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (dt.date(2024, 1, 5), "2024-01-05"),
        (dt.datetime(2024, 1, 5, 8, 30), "2024-01-05 08:30:00"),
        (5, "5"),
        (5.0, "5"),
        (0.1 + 0.2, "0.3"),
        (-10, "-10"),
        (1e-7, "0.0000001"),
        (123456789012345, "123456789012345"),
        (True, "TRUE"),
    ],
)
def test_numbers_and_days_become_the_text_a_person_would_write(value: object, read: str) -> None:
    table = read_table(book([HEADER, [value, "x", ""]]), "a.xlsx", columns=COLUMNS)
    assert table.rows[0].cells["number"] == read


def test_days_of_the_1904_calendar_are_the_days_people_entered() -> None:
    workbook = Workbook()
    workbook.epoch = CALENDAR_MAC_1904
    workbook.active.append(HEADER)
    workbook.active.append(["1", "李", dt.date(2024, 1, 5)])
    out = io.BytesIO()
    workbook.save(out)
    assert read_table(out.getvalue(), "a.xlsx", columns=COLUMNS).rows[0].date("born") == dt.date(2024, 1, 5)


@pytest.mark.parametrize("written", ["3.30523197504090E+17", "3.3052319750409001E+17", "330523197504090000"])
def test_an_identity_number_that_lost_its_digits_is_named_and_not_passed_on(written: str) -> None:
    data = patched(book([HEADER, [4711, "李", ""]]), SHEET, "<v>4711</v>", f"<v>{written}</v>")
    table = read_table(data, "a.xlsx", columns=COLUMNS)
    assert problems(table) == [(2, "户编号", "3.30523E+17")]
    assert table.rows[0].cells["number"] == ""
    assert "15" in str(table.problems[0].problem)


def test_an_identity_number_a_program_wrote_with_all_digits_is_kept() -> None:
    data = patched(book([HEADER, [4711, "李", ""]]), SHEET, "<v>4711</v>", "<v>330523197504090279</v>")
    assert read_table(data, "a.xlsx", columns=COLUMNS).rows[0].cells["number"] == "330523197504090279"


def test_a_formula_without_result_is_named_by_cell() -> None:
    table = read_table(
        book([HEADER, ["SC001", '=HYPERLINK("http://a","李")', ""]]), "a.xlsx", columns=COLUMNS
    )
    assert problems(table) == [(2, "姓名", "")]
    assert table.rows[0].cells["name"] == ""


def test_the_stored_result_of_a_formula_is_read_with_a_warning() -> None:
    data = patched(book([HEADER, ["SC001", "=1+1", ""]]), SHEET, "<f>1+1</f><v />", "<f>1+1</f><v>7</v>")
    table = read_table(data, "a.xlsx", columns=COLUMNS)
    assert (table.rows[0].cells["name"], len(table.warnings), table.problems) == ("7", 1, [])


def test_an_error_value_is_named_by_cell() -> None:
    data = book([HEADER, ["#N/A", "李", ""]])
    assert problems(read_table(data, "a.xlsx", columns=COLUMNS)) == [(2, "户编号", "#N/A")]


def test_merged_cells_among_the_rows_are_named() -> None:
    rows = [HEADER, ["SC001", "李", ""], [None, "王", ""]]
    table = read_table(book(rows, lambda sheet: sheet.merge_cells("A2:A3")), "a.xlsx", columns=COLUMNS)
    assert problems(table) == [(2, "户编号", "A2:A3")]
    assert [r.cells["number"] for r in table.rows] == ["SC001", ""]


def test_a_heading_merged_over_two_rows_is_found() -> None:
    rows = [["户编号", "成员", None], [None, "姓名", "出生日期"], ["SC001", "李", ""]]

    def change(sheet: object) -> None:
        sheet.merge_cells("A1:A2")  # type: ignore[attr-defined]
        sheet.merge_cells("B1:C1")  # type: ignore[attr-defined]

    table = read_table(book(rows, change), "a.xlsx", columns=COLUMNS)
    assert (cells(table), table.problems) == ([{"number": "SC001", "name": "李", "born": ""}], [])


def test_hidden_sheets_are_not_read_and_a_second_table_is_mentioned() -> None:
    workbook = Workbook()
    for title, state in (("隐藏", "hidden"), ("说明", "visible"), ("名册", "visible"), ("去年", "visible")):
        sheet = workbook.create_sheet(title)
        sheet.sheet_state = state
        sheet.append(["请勿合并"] if title == "说明" else HEADER)
        sheet.append(["SC001", title, ""])
    del workbook["Sheet"]
    out = io.BytesIO()
    workbook.save(out)
    table = read_table(out.getvalue(), "a.xlsx", columns=COLUMNS)
    assert (table.sheet, table.rows[0].cells["name"]) == ("名册", "名册")
    assert "去年" in str(table.warnings[0]) and "说明" not in str(table.warnings[0])
    assert read_table(out.getvalue(), "a.xlsx", columns=COLUMNS, sheet="隐藏").sheet == "隐藏"
    with pytest.raises(errors.SheetNotFound):
        read_table(out.getvalue(), "a.xlsx", columns=COLUMNS, sheet="明年")


@pytest.mark.parametrize(
    ("header", "refusal", "says"),
    [
        (["户编号", "出生日期"], errors.ColumnsMissing, "姓名"),
        (["户编号", "household_no", "姓名"], errors.ColumnTwice, "A1, B1"),
        (["甲", "乙"], errors.ColumnsMissing, "甲、乙"),
    ],
)
def test_headings_that_do_not_fit_are_named(header: list[str], refusal: type[DomainError], says: str) -> None:
    with pytest.raises(refusal) as caught:
        read_table(book([header, ["1", "2", "3"]]), "a.xlsx", columns=COLUMNS)
    assert says in caught.value.message


def test_values_without_a_heading_are_mentioned() -> None:
    table = read_table(book([HEADER, ["1", "李", "", "", "多"]]), "a.xlsx", columns=COLUMNS)
    assert "E" in str(table.warnings[0])


def test_the_shared_example_gives_twelve_people_either_way() -> None:
    tables = [read_table(ROSTER / f"roster_example.{ending}") for ending in ("csv", "xlsx")]
    for table in tables:
        assert len(table.rows) == 12 and table.problems == [] and table.warnings == []
        assert {row.cells["户编号"] for row in table.rows} == {"SC001", "SC002", "SC003"}
        assert all(len(row.cells["公民身份号码"]) == 18 for row in table.rows)


def _zip(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("data", "refusal", "says"),
    [
        (b"", errors.FileEmpty, ""),
        (b" \r\n\t ", errors.FileEmpty, ""),
        (OLE + "Workbook".encode("utf-16-le"), errors.NotATable, ".xls"),
        (OLE + "WordDocument".encode("utf-16-le"), errors.NotATable, ".doc"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), errors.PasswordProtected, ""),
        (b"%PDF-1.7\n", errors.NotATable, "PDF"),
        (b"\xff\xd8\xff\xe0", errors.NotATable, ""),
        (b"<html><table><tr><td>a</td></tr></table>", errors.NotATable, ""),
        (b'<?xml version="1.0"?><Workbook/>', errors.NotATable, "XML"),
        (_zip(**{"a.txt": "a"}), errors.NotATable, "ZIP"),
        (_zip(**{"[Content_Types].xml": "<Types/>", "word__document.xml": ""}), errors.NotATable, "docx"),
        (_zip(**{"mimetype": "x", "content.xml": ""}), errors.NotATable, "OpenDocument"),
        (_zip(**{"[Content_Types].xml": "<Types/>", "xl__workbook.bin": ""}), errors.NotATable, "xlsb"),
        (_zip(**{"[Content_Types].xml": "<Types/>", "xl__workbook.xml": "<a/>"}), errors.FileBroken, ""),
        (b"PK\x03\x04" + b"\0" * 40, errors.FileBroken, ""),
        (b"\x81\xff\x00\x01" * 50, errors.EncodingUnknown, ""),
    ],
)
def test_other_files_are_refused_by_what_they_are(data: bytes, refusal: type[DomainError], says: str) -> None:
    with pytest.raises(refusal) as caught:
        read_table(data, "C:\\Users\\../../a.xlsx", columns=COLUMNS)
    assert says in caught.value.message
    assert ".." not in caught.value.message and "Users" not in caught.value.message


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_limits_are_said_in_numbers(ending: str) -> None:
    rows = [HEADER, *(["1", "李", ""] for _ in range(30))]
    data = book(rows) if ending == "xlsx" else "\n".join(",".join(map(str, row)) for row in rows).encode()
    assert len(read_table(data, f"a.{ending}", columns=COLUMNS, max_rows=30).rows) == 30
    with pytest.raises(errors.TooManyRows, match="29"):
        read_table(data, f"a.{ending}", columns=COLUMNS, max_rows=29)
    with pytest.raises(errors.TooManyColumns, match="C1"):
        read_table(data, f"a.{ending}", columns=COLUMNS, max_columns=2)
    with pytest.raises(errors.FileTooBig):
        read_table(data, f"a.{ending}", columns=COLUMNS, max_bytes=len(data) - 1)


def test_a_big_upload_is_not_read_to_its_end() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert size > 0, "asked for everything"
            self.given += size
            return b"a" * size

    endless = Endless()
    with pytest.raises(errors.FileTooBig):
        read_table(endless, "a.csv")  # type: ignore[arg-type]
    assert endless.given <= 20_000_001
