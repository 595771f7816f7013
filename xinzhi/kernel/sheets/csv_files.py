"""CSV the way Excel, WPS and other offices write it: UTF-8, GB18030 or UTF-16; comma, semicolon or tab."""

from __future__ import annotations

import codecs
import csv
import io
import re

from xinzhi.kernel.sheets.cleaning import clean
from xinzhi.kernel.sheets.errors import EncodingUnknown, FileBroken
from xinzhi.kernel.sheets.raw import Limits, RawBook, RawSheet, check_length

_DELIMITERS = ",;\t"
_QUOTED = re.compile(r'"[^"]*"')
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def decode(data: bytes, filename: str) -> str:
    """The text of the file. Raises EncodingUnknown."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            candidates, data = [encoding], data[len(mark) :]
            break
    else:
        candidates = _guesses(data)
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text):
            return text
    raise EncodingUnknown(filename=filename)


def _guesses(data: bytes) -> list[str]:
    head = data[:2000]
    if head.count(0) > len(head) // 8:  # every second byte of Latin text in UTF-16 is zero
        return ["utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"]
    return ["utf-8", "gb18030"]


def read_csv(data: bytes, filename: str, limits: Limits) -> RawBook:
    """Raises EncodingUnknown, FileBroken, TooManyRows, TooManyColumns, CellTooLong."""
    text = decode(data, filename)
    sheet = RawSheet(name="")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for number, cells in enumerate(reader, start=1):
            row = [clean(cell) for cell in cells]
            while row and not row[-1]:
                row.pop()
            if not row:
                continue
            limits.check_column(len(row), number)
            for cell in row:
                check_length(cell, number)
            sheet.rows.append((number, row))
            limits.check_row(len(sheet.rows))
    except csv.Error:
        raise FileBroken(filename=filename) from None
    return RawBook([sheet])


def _delimiter(text: str) -> str:
    """The sign that divides the first lines most often, not counting what stands in quotes."""
    lines = [_QUOTED.sub("", line) for line in text[:20_000].splitlines()[:10] if line.strip()]
    scores = {sign: sum(line.count(sign) for line in lines) for sign in _DELIMITERS}
    return max(_DELIMITERS, key=lambda sign: scores[sign])
