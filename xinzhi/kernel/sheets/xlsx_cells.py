"""The cells of one sheet and the table of shared texts, streamed from their XML."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import IO, Any, Protocol
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.sheets.cleaning import clean
from xinzhi.kernel.sheets.raw import CellProblem, Limits, Merge, RawSheet, check_length

MAX_MERGES = 5_000
_CHUNK = 1 << 18
#: Excel keeps 15 digits of a number; the rest of an identity number entered as a number is zeros.
_EXACT_DIGITS = 15
_REFERENCE_DIGITS = "0123456789$"


class DateStyles(Protocol):
    """Which styles show a number as a day, and which day."""

    dates: frozenset[int]

    def day(self, written: str, style: int) -> str: ...


def _parse(
    stream: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    characters: Callable[[str], None],
) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def read_texts(stream: IO[bytes]) -> list[str]:
    """The shared texts, cleaned; reading aids (furigana, pinyin) left out."""
    texts: list[str] = []
    parts: list[str] = []
    state = {"collecting": False, "aid": 0}

    def start(name: str, _attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "t":
            state["collecting"] = state["aid"] == 0
        elif name == "si":
            parts.clear()
        elif name == "rPh":
            state["aid"] += 1

    def end(name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "t":
            state["collecting"] = False
        elif name == "si":
            texts.append(clean("".join(parts)))
        elif name == "rPh":
            state["aid"] -= 1

    def characters(text: str) -> None:
        if state["collecting"]:
            parts.append(text)

    _parse(stream, start, end, characters)
    return texts


class SheetReader:
    """Handlers for one sheet's XML."""

    def __init__(self, name: str, texts: list[str], styles: DateStyles, limits: Limits) -> None:
        self.sheet = RawSheet(name)
        self.texts, self.styles, self.limits = texts, styles, limits
        self.row_number = 0
        self.row: list[str] = []
        self.column = 0
        self.columns: dict[str, int] = {}
        self.type = "n"
        self.style = 0
        self.has_formula = False
        self.is_collecting = False
        self.depth_of_phonetic = 0
        self.parts: list[str] = []

    def read(self, stream: Any) -> RawSheet:
        _parse(stream, self._start, self._end, self._characters)
        return self.sheet

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            reference = attributes.get("r")
            if reference is None:
                self.column += 1
            else:
                letters = reference.rstrip(_REFERENCE_DIGITS)
                column = self.columns.get(letters)
                if column is None:
                    column = self.columns[letters] = _column_number(letters)
                self.column = column
            self.type = attributes.get("t", "n")
            self.style = int(attributes.get("s", 0))
            self.has_formula = False
            self.parts.clear()
        elif name in ("v", "t"):
            self.is_collecting = self.depth_of_phonetic == 0
        elif name == "f":
            self.has_formula = True
        elif name == "row":
            self.row_number = int(attributes.get("r", self.row_number + 1))
            self.row = []
            self.column = 0
        elif name == "rPh":
            self.depth_of_phonetic += 1
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _characters(self, text: str) -> None:
        if self.is_collecting:
            self.parts.append(text)

    def _end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name in ("v", "t"):
            self.is_collecting = False
        elif name == "c":
            if self.parts or self.has_formula:
                self._cell("".join(self.parts))
        elif name == "row":
            row = self.row
            while row and not row[-1]:
                row.pop()
            if row:
                self.sheet.rows.append((self.row_number, row))
                self.limits.check_row(len(self.sheet.rows))
        elif name == "rPh":
            self.depth_of_phonetic -= 1

    def _cell(self, written: str) -> None:
        if self.has_formula:
            self.sheet.formula_cells += 1
            if not written:
                self._problem(
                    "",
                    _("The cell holds a formula without a stored result."),
                    _("Open the file in Excel or WPS, copy the column and paste it as values, then save."),
                )
                return
        kind = self.type
        if kind == "s":
            text = self.texts[int(written)]
        elif kind == "n":
            text = self._number(written)
        elif kind == "b":
            text = "TRUE" if written.strip() == "1" else "FALSE"
        elif kind == "e":
            self._problem(
                written,
                _("The cell shows an error value."),
                _("Put the right value in its place, or empty the cell."),
            )
            return
        elif kind == "d":
            text = clean(written)[:10]
        else:  # inlineStr, or str: the stored text of a formula
            text = clean(written)
        if not text:
            return
        column = self.column
        self.limits.check_column(column, self.row_number)
        if len(text) > 1000:
            check_length(text, self.row_number)
        row = self.row
        missing = column - len(row)
        if missing == 1:
            row.append(text)
        elif missing > 1:
            row.extend([""] * (missing - 1))
            row.append(text)
        else:
            row[column - 1] = text

    def _number(self, written: str) -> str:
        if self.style in self.styles.dates:
            try:
                return self.styles.day(written, self.style)
            except (ValueError, OverflowError):
                self._problem(
                    written[:40],
                    _("There is no such day in Excel's calendar."),
                    _("Please write it like 2024-01-05."),
                )
                return ""
        if written.isdigit() and len(written) <= _EXACT_DIGITS and (written[0] != "0" or written == "0"):
            return written
        text = plain_number(written)
        if text is None:
            self._problem(
                f"{float(written):.5E}",
                _("Excel kept only 15 digits of this number; the last ones are lost."),
                _("Format the column as text, enter the number again, and save."),
            )
            return ""
        return text

    def _problem(self, value: str, problem: Any, remedy: Any) -> None:
        self.limits.check_column(self.column, self.row_number)
        self.sheet.problems.append(CellProblem(self.row_number, self.column, value, problem, remedy))

    def _merge(self, reference: str) -> None:
        first, _colon, last = reference.replace("$", "").partition(":")
        if last and first != last and len(self.sheet.merges) < MAX_MERGES:
            (row1, column1), (row2, column2) = _position(first), _position(last)
            self.sheet.merges.append(Merge(row1, column1, row2, column2))


def plain_number(written: str) -> str | None:
    """3.0 → 3, 0.30000000000000004 → 0.3; None when digits were lost. Raises ValueError for what is no number."""
    stripped = written.strip()
    digits = stripped.lstrip("-")
    if digits.isdigit() and digits.isascii():
        if len(digits) <= _EXACT_DIGITS or _EXACT_DIGITS < len(digits.rstrip("0")) <= 20:
            return stripped  # written by a program that keeps all digits
        return None
    number = float(stripped)
    if not abs(number) < 10**_EXACT_DIGITS:
        return None
    try:
        text = format(Decimal(f"{number:.15g}"), "f")
    except InvalidOperation:
        return None
    return (text.rstrip("0").rstrip(".") if "." in text else text) if number else "0"


def _refuse_doctype(*_args: Any) -> None:
    """No entity bombs: a sheet has no document type."""
    raise ValueError("doctype")


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.replace("$", ""):
        number = number * 26 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(letter.upper()) + 1
    return number


def _position(reference: str) -> tuple[int, int]:
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]), _column_number(letters)
