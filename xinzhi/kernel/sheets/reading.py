"""Read a table: recognise the file, find the heading row, name the columns, gather what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from django.core.files.base import File
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.sheets.cleaning import clean, plain_heading
from xinzhi.kernel.sheets.csv_files import read_csv
from xinzhi.kernel.sheets.errors import (
    ColumnsMissing,
    ColumnTwice,
    FileEmpty,
    FileTooBig,
    NoHeader,
    SheetNotFound,
    TooManyRows,
)
from xinzhi.kernel.sheets.kinds import kind_of
from xinzhi.kernel.sheets.raw import HEADER_SEARCH, Limits, Merge, RawBook, RawSheet, cell_name
from xinzhi.kernel.sheets.table import Column, Row, RowProblem, Table
from xinzhi.kernel.sheets.xlsx_files import read_xlsx

MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200

_UNMERGE = _("Unmerge the cells and fill in the value in every row, then save.")


def read_table(
    file: BinaryIO | File[Any] | bytes | Path,
    filename: str = "",
    *,
    columns: Sequence[Column] | None = None,
    sheet: str | None = None,
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
    max_columns: int = MAX_COLUMNS,
) -> Table:
    """Read the filled rows of an Excel workbook (.xlsx) or a CSV file.

    With `columns`, the heading row is the one in the first 20 that names most of them, and cells are kept under
    the columns' keys; without, it is the first row that looks like headings. Other columns are kept under their
    heading. Cells that cannot be read are in `Table.problems`, the rest of the file is read all the same.

    Raises FileEmpty, FileTooBig, FileUnpacksTooBig, NotATable, PasswordProtected, FileBroken, EncodingUnknown,
    TooManyRows, TooManyColumns, CellTooLong, SheetNotFound, NoHeader, ColumnsMissing or ColumnTwice.
    """
    name = _shown_name(filename, file)
    data = _bytes(file, name, max_bytes)
    limits = Limits(max_rows, max_columns)
    if kind_of(data, name) == "csv":
        book = read_csv(data, name, limits)
    else:
        book = read_xlsx(data, name, limits, wanted=sheet)
        if sheet is not None and not book.sheets:
            raise SheetNotFound(
                sheet=sheet, found="、".join(s.name for s in read_xlsx(data, name, limits).sheets)
            )
    return _table(book, columns, name, max_rows)


def _shown_name(filename: str, file: object) -> str:
    """Only the last part, cut: a path or a long name helps nobody."""
    name = filename or (str(file) if isinstance(file, Path) else "")
    return clean(PurePath(name.replace("\\", "/")).name)[:80]


def _bytes(file: BinaryIO | File[Any] | bytes | Path, name: str, max_bytes: int) -> bytes:
    if isinstance(file, bytes):
        data = file[: max_bytes + 1]
    elif isinstance(file, Path):
        with file.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    else:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise FileTooBig(most=max_bytes // 1_000_000)
    if not data.strip():
        raise FileEmpty(filename=name)
    return data


def _table(book: RawBook, columns: Sequence[Column] | None, name: str, max_rows: int) -> Table:
    filled = [s for s in book.sheets if s.rows]
    if not filled:
        raise FileEmpty(filename=name)
    chosen, header = _choose(filled, columns)
    warnings: list[str | Promise] = list(book.warnings)
    others = [s.name for s in filled if s is not chosen and _has_header(s, columns)]
    if others:
        warnings.append(
            _("Only the sheet “%(sheet)s” was read; not read: %(others)s.")
            % {"sheet": chosen.name, "others": "、".join(others)}
        )
    if chosen.formula_cells:
        warnings.append(
            _("%(count)s cells hold formulas; their stored results were read, nothing was calculated.")
            % {"count": chosen.formula_cells}
        )
    table = _build(chosen, header, columns)
    table.warnings[:0] = warnings
    if len(table.rows) > max_rows:
        raise TooManyRows(most=f"{max_rows:,}")
    return table


def _choose(sheets: Sequence[RawSheet], columns: Sequence[Column] | None) -> tuple[RawSheet, int]:
    """The sheet and the index of its heading row. Raises ColumnsMissing or NoHeader."""
    if columns is None:
        for sheet in sheets:
            index = _likely_header(sheet)
            if index is not None:
                return sheet, index
        raise NoHeader(looked=HEADER_SEARCH)
    words = _words(columns)
    best: tuple[int, RawSheet, int] | None = None
    for sheet in sheets:
        for index, (_number, cells) in enumerate(sheet.rows[:HEADER_SEARCH]):
            hits = len({words[p] for c in cells if (p := plain_heading(c)) in words})
            if hits and (best is None or hits > best[0]):
                best = hits, sheet, index
    if best is None:
        _number, cells = sheets[0].rows[0]
        raise _missing([c for c in columns if c.required] or list(columns), cells)
    return best[1], best[2]


def _has_header(sheet: RawSheet, columns: Sequence[Column] | None) -> bool:
    """Whether rows of the same kind may stand on this sheet, too; instructions and lists are not worth a word."""
    if columns is None:
        return True
    words = _words(columns)
    needed = {c.key for c in columns if c.required} or {c.key for c in columns}
    for _number, cells in sheet.rows[:HEADER_SEARCH]:
        found = {words[plain] for cell in cells if (plain := plain_heading(cell)) in words}
        if needed <= found and len(found) >= min(2, len(columns)):
            return True
    return False


def _likely_header(sheet: RawSheet) -> int | None:
    """The first row that is at least half as wide as the widest below, so that titles and notes are passed over."""
    head = sheet.rows[:HEADER_SEARCH]
    widths = [sum(1 for c in cells if c) for _number, cells in head]
    for index, width in enumerate(widths):
        if width * 2 >= max(widths):
            return index
    return None


def _words(columns: Sequence[Column]) -> dict[str, str]:
    return {plain_heading(word): c.key for c in columns for word in (c.key, *c.names)}


def _missing(needed: Sequence[Column], cells: Sequence[str]) -> ColumnsMissing:
    found = "、".join(c[:30] for c in cells[:20] if c)
    return ColumnsMissing(missing="、".join(c.heading for c in needed), found=found or "—")


def _build(sheet: RawSheet, index: int, columns: Sequence[Column] | None) -> Table:
    number, cells = sheet.rows[index]
    header = _header_texts(sheet, number, cells)
    keys = _keys(header, columns, number)
    known: Mapping[str, Column] = {c.key: c for c in columns or ()}
    table = Table(header=[h for h in header if h], rows=[], warnings=[], header_row=number, sheet=sheet.name)
    broken_rows: dict[int, list[RowProblem]] = {}
    for problem in sheet.problems:
        if problem.row > number:
            column = _heading_of(header, problem.column)
            found = RowProblem(problem.row, column, problem.value, problem.problem, problem.remedy)
            broken_rows.setdefault(problem.row, []).append(found)
    for merge in sheet.merges:
        if merge.last_row > number and merge.first_row > number:
            broken_rows.setdefault(merge.first_row, []).append(_merge_problem(merge, header))
    places = [(place, key) for place, key in enumerate(keys) if key]
    width = len(keys)
    beyond: set[int] = set()
    for row_number, texts in sheet.rows[index + 1 :]:
        count = len(texts)
        row_cells = {key: texts[place] if place < count else "" for place, key in places}
        if count > width:
            beyond.update(place for place in range(width, count) if texts[place])
        if any(row_cells.values()):
            table.rows.append(Row(row_number, row_cells, known))
    table.problems = [p for _row, problems in sorted(broken_rows.items()) for p in problems]
    beyond.update(
        p
        for p, key in enumerate(keys)
        if not key and any(len(t) > p and t[p] for _n, t in sheet.rows[index + 1 :])
    )
    if beyond:
        table.warnings.append(
            _("Columns without a heading were not read: %(columns)s.")
            % {"columns": "、".join(cell_name(0, place + 1).rstrip("0") for place in sorted(beyond)[:10])}
        )
    return table


def _header_texts(sheet: RawSheet, number: int, cells: Sequence[str]) -> list[str]:
    """The headings; one that is merged with the row above stands up there."""
    header = list(cells)
    above = {row: texts for row, texts in sheet.rows[:HEADER_SEARCH] if row < number}
    for merge in sheet.merges:
        if merge.first_row < number <= merge.last_row and merge.first_row in above:
            texts, place = above[merge.first_row], merge.first_column - 1
            if place < len(texts) and merge.first_column == merge.last_column:
                header.extend([""] * (place + 1 - len(header)))
                header[place] = header[place] or texts[place]
    return header


def _keys(header: Sequence[str], columns: Sequence[Column] | None, number: int) -> list[str]:
    """The name under which each place is kept, "" for a place without heading. Raises ColumnsMissing or ColumnTwice."""
    words = _words(columns or ())
    keys: list[str] = []
    places: dict[str, int] = {}
    for place, heading in enumerate(header):
        key = words.get(plain_heading(heading), "") or heading
        if key and key in places:
            if columns is not None and any(c.key == key for c in columns):
                raise ColumnTwice(
                    cells=f"{cell_name(number, places[key] + 1)}, {cell_name(number, place + 1)}",
                    column=header[places[key]],
                )
            key = f"{key} ({cell_name(number, place + 1)})"
        places[key] = place
        keys.append(key)
    missing = [c for c in columns or () if c.required and c.key not in places]
    if missing:
        raise _missing(missing, header)
    return keys


def _heading_of(header: Sequence[str], column: int) -> str:
    return (header[column - 1] if column <= len(header) else "") or cell_name(0, column).rstrip("0")


def _merge_problem(merge: Merge, header: Sequence[str]) -> RowProblem:
    return RowProblem(
        merge.first_row,
        _heading_of(header, merge.first_column),
        merge.name,
        _("Cells are merged here; only the first of them holds the value."),
        _UNMERGE,
    )
