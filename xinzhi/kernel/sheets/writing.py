"""Workbooks and CSV for people: nothing in them is ever a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.sheets.table import RowProblem

Value = str | int | float | Decimal | date | datetime | bool | Promise | None

#: The content type of what `write_xlsx` returns.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d+)?\Z", re.ASCII)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_MAX_SHEET_TITLE = 31
_MAX_TEXT = 32_767
_SAMPLE_ROWS = 200

_GREEN = PatternFill("solid", fgColor="E3F0E8")
_LINE = Side(style="thin", color="C9D3CA")
_GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


def write_xlsx(
    headers: Sequence[str | Promise],
    rows: Iterable[Sequence[Value]],
    *,
    title: str = "",
    sheet_name: str = "",
    notes: Sequence[str | Promise] = (),
    widths: Sequence[int] | None = None,
) -> bytes:
    """A workbook of one sheet, ready for A4: title, notes, headings repeated on every page, rows streamed.

    Texts stay texts (an identity number keeps its digits, "=1+1" is shown and never calculated).
    """
    book = Workbook(write_only=True)
    add_sheet(book, headers, rows, title=title, sheet_name=sheet_name, notes=notes, widths=widths)
    return to_bytes(book)


def to_bytes(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def add_sheet(
    book: Any,
    headers: Sequence[str | Promise],
    rows: Iterable[Sequence[Value]],
    *,
    title: str = "",
    sheet_name: str = "",
    notes: Sequence[str | Promise] = (),
    widths: Sequence[int] | None = None,
) -> Any:
    """Add a sheet to a write-only workbook; returns it. The heading row is `1 + bool(title) + len(notes)`."""
    sheet = book.create_sheet(sheet_title(sheet_name or title or _("Table")))
    iterator = iter(rows)
    sample = [list(row) for _row, row in zip(range(_SAMPLE_ROWS), iterator, strict=False)]
    plain = [str(h) for h in headers]
    for place, width in enumerate(widths or _widths(plain, sample), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    header_row = 1 + bool(title) + len(notes)
    _print_setup(sheet, header_row, landscape=len(plain) > 7)
    if title:
        sheet.append([_cell(sheet, title, font=Font(size=16, bold=True))])
    for note in notes:
        sheet.append([_cell(sheet, note, font=Font(color="55645B"))])
    sheet.append(
        [
            _cell(
                sheet,
                heading,
                font=Font(bold=True),
                fill=_GREEN,
                border=_GRID,
                alignment=Alignment(wrap_text=True, vertical="center"),
            )
            for heading in plain
        ]
    )
    styles = _body_styles(book, sheet)
    for row in _chained(sample, iterator):
        sheet.append([_body_cell(sheet, value, styles) for value in row])
    return sheet


def _chained(sample: list[list[Value]], rest: Iterator[Sequence[Value]]) -> Iterator[Sequence[Value]]:
    yield from sample
    yield from rest


def _print_setup(sheet: Any, header_row: int, *, landscape: bool) -> None:
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{header_row}:{header_row}"
    sheet.freeze_panes = f"A{header_row + 1}"  # before the first row: the view is written first
    sheet.oddFooter.center.text = "&P / &N"


def _cell(sheet: Any, value: Value, **style: Any) -> Any:
    cell = WriteOnlyCell(sheet)
    _put(cell, value)
    for name, setting in style.items():
        setattr(cell, name, setting)
    return cell


def _body_styles(book: Any, sheet: Any) -> dict[str, Any]:
    """Style arrays made once and shared by all cells; setting a style cell by cell costs more than the cell."""
    formats = {"text": "@", "day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm", "number": "General"}
    styles: dict[str, Any] = {}
    for key, number_format in formats.items():
        name = f"xinzhi {key}"
        if name not in book.named_styles:
            style = NamedStyle(name, number_format=number_format, border=_GRID)
            style.alignment = Alignment(vertical="top", wrap_text=key == "text")
            book.add_named_style(style)
        cell: Any = WriteOnlyCell(sheet)
        cell.style = name
        styles[key] = cell._style
    return styles


def _body_cell(sheet: Any, value: Value, styles: dict[str, Any]) -> Any:
    cell: Any = WriteOnlyCell(sheet)
    if value is None or value == "":
        cell._style = styles["text"]
        return cell
    _put(cell, value)
    if isinstance(value, str | Promise):
        cell._style = styles["text"]
    elif isinstance(value, datetime):
        cell._style = styles["moment"]
    elif isinstance(value, date):
        cell._style = styles["day"]
    else:
        cell._style = styles["number"]
    return cell


def _put(cell: Any, value: Value) -> None:
    if isinstance(value, str | Promise):
        cell._value = legal(str(value))
        cell.data_type = "s"  # never a formula, whatever it begins with
    elif isinstance(value, datetime):
        cell.value = value.astimezone(clock.SHANGHAI).replace(tzinfo=None) if value.tzinfo else value
    else:
        cell.value = value


def legal(text: str) -> str:
    """Without characters XML cannot hold, cut to what a cell can."""
    return _ILLEGAL.sub("", text)[:_MAX_TEXT]


def sheet_title(text: str) -> str:
    return re.sub(r"[\\/*?:\[\]']", " ", legal(text)).strip()[:_MAX_SHEET_TITLE] or "1"


def _widths(headers: Sequence[str], sample: Sequence[Sequence[Value]]) -> list[int]:
    widths = []
    for place, heading in enumerate(headers):
        texts = [heading, *(str(row[place]) for row in sample if place < len(row) and row[place] is not None)]
        widths.append(min(max(8, *(text_width(text) for text in texts)) + 2, 60))
    return widths


def text_width(text: str) -> int:
    """In Latin characters; Chinese ones are two wide."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text[:60])


def guarded(value: Value) -> str:
    """The text of a CSV cell. One that a spreadsheet would calculate gets an apostrophe; plain numbers do not."""
    if value is None:
        return ""
    text = legal(str(value)).lstrip("\ufeff")
    if text.lstrip(" ").startswith(_FORMULA_STARTS) and not _NUMBER.match(text):
        return "'" + text
    return text


def write_csv(headers: Sequence[str | Promise], rows: Iterable[Sequence[Value]]) -> bytes:
    """UTF-8 with a byte order mark, so that Excel shows Chinese; formula-like texts guarded."""
    return b"".join(stream_csv(headers, rows))


def stream_csv(headers: Sequence[str | Promise], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """The same, line by line, for a StreamingHttpResponse."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    out.write("\ufeff")
    for row in _with_header(headers, rows):
        writer.writerow([guarded(value) for value in row])
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()


def _with_header(
    headers: Sequence[str | Promise], rows: Iterable[Sequence[Value]]
) -> Iterator[Sequence[Value]]:
    yield headers
    yield from rows


def report_xlsx(
    problems: Sequence[RowProblem], *, title: str = "", notes: Sequence[str | Promise] = ()
) -> bytes:
    """Problems as a workbook: row, column, value, what is wrong, what to do."""
    return write_xlsx(
        [_("Row"), _("Column"), _("Value found"), _("What is wrong"), _("What to do")],
        ([p.row, p.column, p.value, p.problem, p.remedy] for p in problems),
        title=title or _("What to put right"),
        notes=notes,
        widths=[8, 18, 26, 48, 48],
    )
