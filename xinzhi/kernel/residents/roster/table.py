"""What the import needs of a sheet, and what it says about a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Row(Protocol):
    @property
    def number(self) -> int: ...
    @property
    def cells(self) -> Mapping[str, str]: ...


class Table(Protocol):
    @property
    def header(self) -> Sequence[str]: ...
    @property
    def rows(self) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True)
class RowProblem:
    row: int
    column: str
    value: str
    problem: str
    remedy: str
