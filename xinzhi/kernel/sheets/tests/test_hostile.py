"""Bombs and damage: a sentence each, and nothing but sentences."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.sheets import Column, errors, read_table
from xinzhi.kernel.sheets.kinds import MAX_ENTRIES
from xinzhi.kernel.sheets.tests.books import SHEET, STRINGS, as_excel_writes, book, patched

COLUMNS = (Column("number", ("户编号",), required=True), Column("name", ("姓名",)))
ROWS = [["户编号", "姓名"], ["SC001", "李丁试"], [2, "王"], ["=1", 3.5]]
WORKBOOK = as_excel_writes(book(ROWS, lambda sheet: sheet.merge_cells("A2:A3")))
CSV = "户编号,姓名\r\nSC001,李丁试\r\n".encode("gb18030")


def _with_part(name: str, content: bytes) -> bytes:
    out = io.BytesIO(WORKBOOK)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    data = _with_part("xl/media/a.bin", b"\0" * 60_000_000)
    assert len(data) < 200_000
    with pytest.raises(errors.FileUnpacksTooBig):
        read_table(data, "a.xlsx", columns=COLUMNS)


def test_an_archive_of_many_entries_is_refused() -> None:
    out = io.BytesIO(WORKBOOK)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(MAX_ENTRIES):
            archive.writestr(f"xl/{number}", b"")
    with pytest.raises(errors.FileUnpacksTooBig):
        read_table(out.getvalue(), "a.xlsx", columns=COLUMNS)


def test_an_archive_that_lies_about_its_sizes_is_broken() -> None:
    content = b"\0" * 30_000_000
    data = bytearray(_with_part("xl/worksheets/sheet1.xml.bin", content))
    real, lie = len(content).to_bytes(4, "little"), (100).to_bytes(4, "little")
    data = bytearray(bytes(data).replace(real, lie))
    table = read_table(bytes(data), "a.xlsx", columns=COLUMNS)  # the part is never opened
    assert len(table.rows) == 3


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", STRINGS])
def test_entities_are_never_expanded(part: str) -> None:
    lol = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as archive:
        root = archive.read(part).decode()
    start = root.index("<", 2) if root.startswith("<?xml") else 0
    data = patched(WORKBOOK, part, root, root[:start] + lol + root[start:])
    with pytest.raises(errors.FileBroken):
        read_table(data, "a.xlsx", columns=COLUMNS)


@pytest.mark.parametrize(
    "target", ["../../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/a.xml"]
)
def test_a_part_outside_the_archive_is_never_opened(target: str) -> None:
    data = patched(WORKBOOK, "xl/_rels/workbook.xml.rels", "/xl/worksheets/sheet1.xml", target)
    with pytest.raises((errors.FileBroken, errors.FileEmpty)):
        read_table(data, "a.xlsx", columns=COLUMNS)


@pytest.mark.parametrize("reference", ["XFE1", "ZZZZZZZ1", "A99999999999", "A0", "a1", "1", "$A$1"])
def test_strange_cell_references_do_no_harm(reference: str) -> None:
    data = patched(WORKBOOK, SHEET, 'r="A2"', f'r="{reference}"')
    try:
        read_table(data, "a.xlsx", columns=COLUMNS)
    except DomainError as refusal:
        assert refusal.message


def test_a_cell_of_megabytes_is_refused() -> None:
    with pytest.raises(errors.CellTooLong):
        read_table("户编号,姓名\n1,".encode() + b"a" * 40_000, "a.csv", columns=COLUMNS)
    data = patched(WORKBOOK, STRINGS, "C001", "a" * 40_000)
    with pytest.raises(errors.CellTooLong):
        read_table(data, "a.xlsx", columns=COLUMNS)


def _attempt(data: bytes, name: str) -> None:
    """Reads, or refuses in words. Anything else fails the test."""
    try:
        table = read_table(data, name, columns=COLUMNS)
        for row in table.rows:
            row.text("number"), row.date("name"), row.points("name")
        assert all(str(p.problem) and str(p.remedy) for p in table.all_problems)
    except DomainError as refusal:
        assert refusal.message


def _parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


PARTS = _parts()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(part=st.sampled_from(sorted(PARTS)), seed=st.integers(0, 2**32), changes=st.integers(1, 8))
def test_workbooks_damaged_inside_never_raise_anything_but_refusals(
    part: str, seed: int, changes: int
) -> None:
    dice = random.Random(seed)
    content = bytearray(PARTS[part])
    for _change in range(changes):
        place = dice.randrange(len(content))
        match dice.randrange(4):
            case 0:
                content[place] = dice.randrange(256)
            case 1:
                del content[place : place + dice.randrange(1, 40)]
            case 2:
                content[place:place] = content[dice.randrange(len(content)) :][: dice.randrange(1, 40)]
            case 3:
                content[place:place] = dice.choice(
                    [b"9" * 30, b"-1", b"NaN", b"1E999", b"&amp;", b"\0", b"\xff"]
                )
        if not content:
            content = bytearray(b"<")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, original in PARTS.items():
            archive.writestr(name, bytes(content) if name == part else original)
    _attempt(out.getvalue(), "a.xlsx")


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), source=st.sampled_from([WORKBOOK, CSV]))
def test_files_damaged_outside_never_raise_anything_but_refusals(seed: int, source: bytes) -> None:
    dice = random.Random(seed)
    data = bytearray(source)
    for _change in range(dice.randrange(1, 12)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    _attempt(bytes(data[: dice.randrange(len(data) // 2, len(data) + 1)]), "a.xlsx")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_reads_or_is_refused(text: str) -> None:
    _attempt(text.encode("utf-8", "surrogatepass"), "a.csv")
    _attempt(("户编号,姓名\n" + text).encode("utf-8", "surrogatepass"), "a.csv")
