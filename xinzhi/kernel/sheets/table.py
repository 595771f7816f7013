"""What a file becomes: a header, rows of clean text, and what was found wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.sheets import values
from xinzhi.kernel.sheets.values import Unreadable

Kind = Literal["text", "date", "int", "decimal", "points", "bool", "choice"]
Words = str | Promise
T = TypeVar("T")

_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{3,4})(\d{4,})([\dXx]{4})(?![0-9A-Za-z])")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column a reader expects.

    `names` are the headings people use, the first is the one we print. `choices` maps what may be written
    to what it means (kind "choice"). `personal` values are masked in problems.
    """

    key: str
    names: tuple[str, ...]
    required: bool = False
    kind: Kind = "text"
    choices: Mapping[str, str] = field(default_factory=dict)
    max_length: int = 200
    personal: bool = False
    example: str = ""
    hint: Words = ""
    width: int = 0

    @property
    def heading(self) -> str:
        return self.names[0] if self.names else self.key


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in one cell, and what to do. Long numbers (identity, phone, card) are masked by construction."""

    row: int
    column: str
    value: str
    problem: Words
    remedy: Words

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", shown(self.value))


def shown(value: str) -> str:
    """A value as a report may show it: long numbers masked, at most 60 characters."""
    text = _LONG_NUMBER.sub(lambda m: m[1] + "*" * len(m[2]) + m[3], value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def masked(value: str) -> str:
    """A personal value of which only the first character and the length remain."""
    return value[:1] + "*" * min(len(value) - 1, 9) if len(value) > 1 else value


@dataclass(slots=True)
class Row:
    """One filled row. `number` is the row in the file, as Excel counts.

    `cells` holds clean text by column key (expected columns) or by heading (others); "" where empty; dates as
    2024-01-05. The typed readers return None for an empty cell, and note a RowProblem instead of raising.
    """

    number: int
    cells: dict[str, str] = field(repr=False)
    columns: Mapping[str, Column] = field(default_factory=dict, repr=False)
    problems: list[RowProblem] = field(default_factory=list)

    def refuse(self, key: str, problem: Words, remedy: Words) -> None:
        """Note what is wrong with a cell."""
        column = self.columns.get(key)
        value = self.cells.get(key) or ""
        if column is not None and column.personal:
            value = masked(value)
        self.problems.append(
            RowProblem(self.number, column.heading if column else key, value, problem, remedy)
        )

    def text(self, key: str) -> str:
        """The text, "" where empty; too long a text is a problem."""
        column = self.columns.get(key)
        value = self.cells.get(key) or ""
        if not value:
            self._empty(key)
        elif column is not None and len(value) > column.max_length:
            self.refuse(
                key,
                _("The text has %(found)s characters, at most %(most)s are kept.")
                % {"found": len(value), "most": column.max_length},
                _("Please shorten it."),
            )
            return value[: column.max_length]
        return value

    def date(self, key: str) -> dt.date | None:
        """A day: 2024-1-5, 2024/1/5, 20240105, 2024年1月5日 or an Excel date."""
        return self._read(key, values.read_date)

    def integer(self, key: str) -> int | None:
        return self._read(key, values.read_int)

    def decimal(self, key: str) -> Decimal | None:
        return self._read(key, values.read_decimal)

    def points(self, key: str) -> int | None:
        """Tenths of a point."""
        return self._read(key, values.read_points)

    def boolean(self, key: str) -> bool | None:
        """是/否, yes/no, √/×, 1/0."""
        return self._read(key, values.read_bool)

    def choice(self, key: str, choices: Mapping[str, str] | None = None) -> str | None:
        """The meaning of one of the words of the column."""
        words = choices if choices is not None else self.columns[key].choices
        return self._read(key, lambda text: values.read_choice(text, words))

    def _read(self, key: str, reader: Callable[[str], T]) -> T | None:
        value = self.cells.get(key) or ""
        if not value:
            self._empty(key)
            return None
        try:
            return reader(value)
        except Unreadable as why:
            self.refuse(key, why.problem, why.remedy)
            return None

    def _empty(self, key: str) -> None:
        column = self.columns.get(key)
        if column is not None and column.required:
            self.refuse(key, _("The cell is empty."), _("Please fill it in."))


@dataclass(slots=True)
class Table:
    """A file read.

    `header` are the headings as written. `problems` are cells that could not be read (merged, lost digits,
    error values): a reader adds them to its own report. `warnings` are sentences about the file as a whole.
    """

    header: Sequence[str]
    rows: list[Row]
    warnings: list[Words]
    problems: list[RowProblem] = field(default_factory=list)
    header_row: int = 1
    sheet: str = ""

    @property
    def all_problems(self) -> list[RowProblem]:
        """Problems of the file and those its rows noted so far, in the order of rows."""
        found = [*self.problems, *(p for row in self.rows for p in row.problems)]
        return sorted(found, key=lambda p: p.row)


@dataclass(frozen=True, slots=True)
class TableReport:
    """Counts and problems for a page or a report workbook. Not for logs or job arguments."""

    rows: int
    accepted: int
    problems: Sequence[RowProblem]
    warnings: Sequence[Words] = ()

    @classmethod
    def of(cls, table: Table, extra: Iterable[RowProblem] = ()) -> TableReport:
        """The report of a table after its rows have been read; a row with a problem is not accepted."""
        problems = sorted([*table.all_problems, *extra], key=lambda p: p.row)
        refused = {p.row for p in problems}
        accepted = sum(1 for row in table.rows if row.number not in refused)
        return cls(len(table.rows), accepted, tuple(problems), tuple(table.warnings))

    @property
    def refused(self) -> int:
        return self.rows - self.accepted
