"""Fill somebody's own workbook: cells that carry a name get the figure of that name, everything else stays as it was."""

from __future__ import annotations

import difflib
import io
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from openpyxl import load_workbook
from openpyxl.utils.cell import coordinate_to_tuple

from xinzhi.kernel.sheets.errors import FileBroken, SheetRefused
from xinzhi.kernel.sheets.kinds import kind_of
from xinzhi.kernel.sheets.writing import Value, to_bytes

PREFIX = "xz_"
MAX_BYTES = 2_000_000


class NameUnknown(SheetRefused):
    code = "sheets.name_unknown"
    sentence = _(
        "The cell %(cell)s is called “%(name)s”, which is no figure of ours. The nearest one is “%(nearest)s”."
    )


class NameNotACell(SheetRefused):
    code = "sheets.name_not_a_cell"
    sentence = _("The name “%(name)s” stands for “%(found)s”. A figure needs one single cell.")


class NothingNamed(SheetRefused):
    code = "sheets.nothing_named"
    sentence = _(
        "No cell of the workbook carries a name that begins with “xz_”. Name the cells to be filled (Formulas, Define name)."
    )


class TemplateTooBig(SheetRefused):
    code = "sheets.template_too_big"
    sentence = _("A form has at most 2 MB; found %(found)s KB.")


def named_cells(data: bytes, filename: str, known: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Names of ours in a workbook, each with its sheet and cell. Raises SheetRefused and its kinds."""
    return _cells(_book(data, filename), known)


def _book(data: bytes, filename: str) -> Any:
    if len(data) > MAX_BYTES:
        raise TemplateTooBig(field="file", found=len(data) // 1000)
    if kind_of(data, filename) != "xlsx":
        raise FileBroken(field="file", file=filename[:80])
    try:
        return load_workbook(io.BytesIO(data))
    except Exception:  # what openpyxl raises for a broken workbook has no common class
        raise FileBroken(field="file", file=filename[:80]) from None


def _cells(book: Any, known: Sequence[str]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for name, defined in book.defined_names.items():
        if not name.lower().startswith(PREFIX):
            continue
        places = list(defined.destinations)
        cell = places[0][1].replace("$", "") if len(places) == 1 else ""
        if not cell or ":" in cell or places[0][0] not in book.sheetnames:
            raise NameNotACell(field="file", name=name[:40], found=str(defined.attr_text)[:40])
        if name.lower() not in known:
            nearest = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0)
            raise NameUnknown(field="file", name=name[:40], cell=cell, nearest=nearest[0] if nearest else "")
        found[name.lower()] = (places[0][0], cell)
    if not found:
        raise NothingNamed(field="file")
    return found


def fill(
    data: bytes,
    filename: str,
    *,
    values: Mapping[str, Value],
    tables: Mapping[str, Sequence[Sequence[Value]]],
    sources_title: str,
    sources_headers: Sequence[str],
    sources: Mapping[str, Sequence[Value]],
) -> bytes:
    """The workbook with its named cells filled; a name of a table is its first cell, rows go down from there.

    A last sheet says where each figure comes from. Raises SheetRefused and its kinds.
    """
    book = _book(data, filename)
    cells = _cells(book, [*values, *tables])
    for name, (sheet, cell) in cells.items():
        row, column = coordinate_to_tuple(cell)
        block: Sequence[Sequence[Value]] = tables[name] if name in tables else ((values[name],),)
        for down, row_values in enumerate(block):
            for right, value in enumerate(row_values):
                target = book[sheet].cell(row + down, column + right)
                target.value = value
                if isinstance(value, str):
                    target.data_type = "s"  # a text stays a text, whatever it begins with
    last = book.create_sheet(sources_title[:31])
    last.append([str(head) for head in sources_headers])
    for name, (sheet, cell) in sorted(cells.items()):
        last.append([name, f"{sheet}!{cell}", *(str(part) for part in sources.get(name, ()))])
    return to_bytes(book)
