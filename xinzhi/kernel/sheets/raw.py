"""Cells as a file has them, before any column is recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise

from xinzhi.kernel.sheets.errors import CellTooLong, TooManyColumns, TooManyRows

#: How far down the heading row may stand, below title and notes.
HEADER_SEARCH = 20
MAX_CELL_CHARACTERS = 32_767  # what Excel itself allows


@dataclass(frozen=True, slots=True)
class Limits:
    max_rows: int
    max_columns: int

    def check_row(self, filled_rows: int) -> None:
        """Raises TooManyRows; title and heading rows are not held against the file."""
        if filled_rows > self.max_rows + HEADER_SEARCH:
            raise TooManyRows(most=f"{self.max_rows:,}")

    def check_column(self, column: int, row: int) -> None:
        if column > self.max_columns:
            raise TooManyColumns(most=self.max_columns, cell=cell_name(row, column))


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Something wrong in a cell; column counts from 1."""

    row: int
    column: int
    value: str
    problem: str | Promise
    remedy: str | Promise


@dataclass(frozen=True, slots=True)
class Merge:
    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @property
    def name(self) -> str:
        return f"{cell_name(self.first_row, self.first_column)}:{cell_name(self.last_row, self.last_column)}"


@dataclass(slots=True)
class RawSheet:
    """Filled rows of one sheet: (row number, clean texts from column 1 on)."""

    name: str
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    formula_cells: int = 0


@dataclass(slots=True)
class RawBook:
    sheets: Sequence[RawSheet]
    warnings: list[str | Promise] = field(default_factory=list)


def check_length(text: str, row: int) -> None:
    if len(text) > MAX_CELL_CHARACTERS:
        raise CellTooLong(row=row, most=f"{MAX_CELL_CHARACTERS:,}")


def cell_name(row: int, column: int) -> str:
    """(5, 28) → AB5"""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"
