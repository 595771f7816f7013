"""Workbooks for tests, whole and patched inside."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook


def book(rows: Sequence[Sequence[Any]], change: Callable[[Any], None] | None = None) -> bytes:
    """A workbook of one sheet with these rows, changed by `change(sheet)` before it is saved."""
    workbook = Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(sheet)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def patched(data: bytes, part: str, old: str, new: str) -> bytes:
    """The workbook with one text replaced inside a part; the text has to be there."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == part:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            target.writestr(entry.filename, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"

STRINGS = "xl/sharedStrings.xml"
_STRINGS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


def as_excel_writes(data: bytes) -> bytes:
    """The same workbook with its texts in the shared table, as Excel and WPS keep them, with reading aids."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name).decode() for name in source.namelist()}
    texts: list[str] = []

    def move(match: re.Match[str]) -> str:
        texts.append(match[1])
        return f't="s"><v>{len(texts) - 1}</v>'

    parts[SHEET] = re.sub(r't="inlineStr"><is><t[^>]*>(.*?)</t></is>', move, parts[SHEET], flags=re.DOTALL)
    parts[STRINGS] = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        + "".join(f"<si><r><t>{t[:1]}</t></r><r><t>{t[1:]}</t></r><rPh><t>aid</t></rPh></si>" for t in texts)
        + "</sst>"
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        "</Types>", f'<Override PartName="/{STRINGS}" ContentType="{_STRINGS_TYPE}" /></Types>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()
