"""Excel workbooks, row by row.

openpyxl reads what surrounds the cells (sheets, texts, styles, date system). The cells themselves are streamed
from expat in one pass, which alone tells formula, stored value and merged ranges at once, and reads a roster of
100,000 rows several times faster. Nothing is ever calculated or executed.
"""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.datetime import from_excel
from openpyxl.xml.constants import SHARED_STRINGS

from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.sheets.cleaning import clean
from xinzhi.kernel.sheets.errors import FileBroken
from xinzhi.kernel.sheets.raw import Limits, RawBook, RawSheet
from xinzhi.kernel.sheets.xlsx_cells import SheetReader, read_texts

MAX_SHEETS = 50


def read_xlsx(data: bytes, filename: str, limits: Limits, wanted: str | None = None) -> RawBook:
    """All visible sheets (or the one wanted, visible or not). Raises FileBroken and what Limits raise."""
    try:
        return _read(data, limits, wanted)
    except DomainError:
        raise
    except MemoryError:
        raise
    except Exception:  # openpyxl lets anything through when a file was damaged: KeyError, TypeError, …
        raise FileBroken(filename=filename) from None


def _read(data: bytes, limits: Limits, wanted: str | None) -> RawBook:
    package = _Package(data)
    found: list[RawSheet] = []
    with package.archive as archive:
        styles = _DateStyles(package.wb)
        texts: list[str] | None = None
        for sheet, relation in list(package.parser.find_sheets())[:MAX_SHEETS]:
            chosen = sheet.name == wanted if wanted is not None else sheet.state == "visible"
            if not chosen or "chartsheet" in relation.Type or relation.target not in package.valid_files:
                continue
            if texts is None:
                texts = package.texts()
            reader = SheetReader(clean(sheet.name), texts, styles, limits)
            with archive.open(relation.target) as stream:
                found.append(reader.read(stream))
    return RawBook(found)


class _Package(ExcelReader):
    """openpyxl's reader, asked for the frame of the workbook only: which sheets, which styles, which calendar."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data), read_only=True, keep_vba=False, keep_links=False)
        self.read_manifest()
        self.read_workbook()
        apply_stylesheet(self.archive, self.wb)

    def texts(self) -> list[str]:
        """The table of shared texts, cleaned once."""
        package: Any = self.package
        part = package.find(SHARED_STRINGS)
        if part is None:
            return []
        with self.archive.open(part.PartName[1:]) as stream:
            return read_texts(stream)


class _DateStyles:
    """Which cell styles show a number as a day."""

    def __init__(self, workbook: Any) -> None:
        self.dates: frozenset[int] = frozenset(workbook._date_formats)
        self.spans: frozenset[int] = frozenset(workbook._timedelta_formats)
        self.epoch: datetime = workbook.epoch
        self._known: dict[tuple[str, bool], str] = {}

    def day(self, written: str, style: int) -> str:
        """ISO text. Raises ValueError or OverflowError beyond Excel's calendar."""
        key = written, style in self.spans
        if key not in self._known:
            self._known[key] = self._day(float(written), style)
        return self._known[key]

    def _day(self, number: float, style: int) -> str:
        found = from_excel(number, self.epoch, timedelta=style in self.spans)
        if isinstance(found, datetime):
            if found.time() == time():
                return found.date().isoformat()
            return found.replace(microsecond=0).isoformat(sep=" ")
        if isinstance(found, timedelta):
            return str(found)
        if isinstance(found, date | time):
            return found.isoformat()
        raise ValueError
