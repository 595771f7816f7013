"""The empty form a clerk downloads: headings, hints, lists to choose from, an example, and how to fill it in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from xinzhi.kernel.sheets.table import Column
from xinzhi.kernel.sheets.writing import Value, _put, sheet_title, text_width, to_bytes

PREPARED_ROWS = 1_000
_REQUIRED = PatternFill("solid", fgColor="CFE8D8")
_OPTIONAL = PatternFill("solid", fgColor="EEF3EA")


def template_xlsx(
    columns: Sequence[Column],
    examples: Iterable[Sequence[Value]] = (),
    *,
    title: str = "",
    notes: Sequence[str | Promise] = (),
) -> bytes:
    """The empty form of these columns; `read_table` reads it back with the same columns.

    Every column is formatted (text keeps leading zeros and all 18 digits, days are days), required headings carry
    a star and a deeper green, columns with choices a list. Examples stand on the page of instructions, one beside
    the other, so that nobody imports them by mistake.
    """
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = sheet_title(title or _("Fill in here"))
    lists = [c for c in columns if c.kind in ("choice", "bool")]
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        heading = f"{column.heading} *" if column.required else column.heading
        cell = sheet.cell(row=1, column=place)
        _put(cell, heading)
        cell.font = Font(bold=True)
        cell.fill = _REQUIRED if column.required else _OPTIONAL
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        if column.hint:
            cell.comment = Comment(str(column.hint), "Xinzhi", width=260, height=90)
        sheet.column_dimensions[letter].width = column.width or max(10, text_width(heading) + 4)
        number_format = {"date": "yyyy-mm-dd", "int": "0", "decimal": "General", "points": "General"}.get(
            column.kind, "@"
        )
        for row in range(2, PREPARED_ROWS + 2):
            sheet.cell(row=row, column=place).number_format = number_format
    sheet.freeze_panes = "A2"
    sheet.page_setup.paperSize = 9  # A4
    sheet.print_title_rows = "1:1"
    _add_lists(book, sheet, columns, lists)
    _add_instructions(book, columns, list(examples), notes)
    return to_bytes(book)


def words_of(column: Column) -> list[str]:
    """What may be chosen: the first word of each meaning."""
    if column.kind == "bool":
        return ["是", "否"]
    first: dict[str, str] = {}
    for word, meaning in column.choices.items():
        if word:
            first.setdefault(meaning, word)
    return list(first.values())


def _add_lists(book: Workbook, sheet: object, columns: Sequence[Column], lists: Sequence[Column]) -> None:
    """Lists stand on a hidden sheet: a list written into the cell itself may have 255 characters only."""
    if not lists:
        return
    hidden = book.create_sheet("lists")
    hidden.sheet_state = "hidden"
    for place, column in enumerate(lists, start=1):
        words = words_of(column)
        for row, word in enumerate(words, start=1):
            _put(hidden.cell(row=row, column=place), word)
        letter = get_column_letter(place)
        validation = DataValidation(
            type="list",
            formula1=f"{quote_sheetname('lists')}!${letter}$1:${letter}${max(len(words), 1)}",
            allow_blank=not column.required,
            showErrorMessage=True,
            errorTitle=column.heading[:30],
            error=_("Please choose from the list."),
        )
        target = get_column_letter(list(columns).index(column) + 1)
        validation.add(f"{target}2:{target}{PREPARED_ROWS + 1}")
        sheet.add_data_validation(validation)  # type: ignore[attr-defined]


def _add_instructions(
    book: Workbook,
    columns: Sequence[Column],
    examples: Sequence[Sequence[Value]],
    notes: Sequence[str | Promise],
) -> None:
    page = book.create_sheet(sheet_title(_("How to fill in")))
    lines: list[Sequence[Value]] = [[note] for note in notes]
    lines.append([_("One row each. Please do not merge cells; columns with a star are needed.")])
    lines.append([])
    lines.append([_("Column"), _("Needed"), _("How to write it"), *([_("Example")] * max(len(examples), 1))])
    heading_row = len(lines)
    for place, column in enumerate(columns):
        shown = [example[place] if place < len(example) else "" for example in examples] or [column.example]
        lines.append([column.heading, _("yes") if column.required else "", _how(column), *shown])
    for number, line in enumerate(lines, start=1):
        for place, value in enumerate(line, start=1):
            cell = page.cell(row=number, column=place)
            _put(cell, value)
            if number == heading_row:
                cell.font = Font(bold=True)
    for letter, width in zip("ABCDEF", (22, 10, 60, 24, 24, 24), strict=True):
        page.column_dimensions[letter].width = width


def _how(column: Column) -> str:
    if column.hint:
        return str(column.hint)
    if column.kind in ("choice", "bool"):
        return _("Choose: %(words)s") % {"words": "、".join(words_of(column))}
    return {
        "date": _("A day, for example 2024-01-05"),
        "int": _("A whole number"),
        "decimal": _("A number"),
        "points": _("Points, at most one decimal"),
    }.get(column.kind, _("Text, at most %(most)s characters") % {"most": column.max_length})
