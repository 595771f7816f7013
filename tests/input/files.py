"""Files nobody should send, by what is asked for: a name for the test, the file, and words of the answer."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.input.world import World
from xinzhi.kernel.evidence.tests import samples
from xinzhi.kernel.sheets.tests.books import book

JPEG = samples.PHOTOS["image/jpeg"]
HEIC = samples.PHOTOS["image/heic"]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000


def archive(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO(book([["户编号"], ["GJ0001"]]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/media/image.bin", b"\0" * 60_000_000)
    return out.getvalue()


#: For every upload of a table: (file name, content, words of the answer).
TABLES: dict[str, tuple[str, bytes, str]] = {
    "an empty file": ("表.xlsx", b"", "是空的"),
    "an empty csv": ("表.csv", b"", "是空的"),
    "only spaces": ("表.csv", b"   \r\n \r\n", "是空的"),
    "a photo": ("表.xlsx", JPEG, "需要 Excel"),
    "a photo of a newer telephone": ("表.xlsx", HEIC, "需要 Excel"),
    "a page": ("表.xls", b"<html><table><tr><td>GJ0001</td></tr></table></html>", "需要 Excel"),
    "a workbook of before 2007": ("表.xls", OLD_EXCEL, "表.xls"),
    "some archive": ("表.xlsx", archive(**{"readme.txt": b"hello"}), "表.xlsx"),
    "a workbook cut off": ("表.xlsx", book([["户编号"], ["GJ0001"]])[:-200], "表.xlsx"),
    "a workbook that unpacks without end": ("表.xlsx", bomb(), "解压"),
    "bytes of no encoding": ("表.csv", bytes(range(128, 256)) * 40, "表.csv"),
    "other headings": ("表.xlsx", book([["日期", "金额", "备注"], ["1", "2", "3"]]), "列"),
    "markup for a name": ("<img src=x onerror=alert(1)>.xlsx", b"", "是空的"),
    "a per cent sign for a name": ("%(filename)s %s %.xlsx", b"", "是空的"),
}
#: For every upload of a photo: (file name, content, words of the answer).
PHOTOS: dict[str, tuple[str, bytes, str]] = {
    "an empty file": ("照片.jpg", b"", "空的"),
    "a photo cut off": ("照片.jpg", JPEG[: len(JPEG) // 2], "损坏"),
    "a photo of a newer telephone cut off": ("照片.heic", HEIC[: len(HEIC) // 2], "损坏"),
    "a drawing with a script": ("照片.svg", SVG, "照片"),
    "a drawing called a photo": ("照片.jpg", SVG, "照片"),
    "a page called a photo": ("照片.jpg", b"<!doctype html><script>alert(1)</script>", "照片"),
    "a photo that is an archive as well": ("照片.jpg", JPEG + archive(**{"a.html": b"<script>"}), "藏有"),
    "a program": ("照片.jpg", b"MZ\x90\0" + b"\0" * 500, "照片"),
    "a picture that claims to be immense": ("照片.png", samples.png_claiming(60_000, 60_000), "像素"),
    "a text": ("照片.jpg", "这是照片".encode(), "照片"),
}
#: Photos that people do have: each is taken.
GOOD_PHOTOS = {"a telephone's JPEG": ("IMG.JPG", JPEG), "HEIC": ("IMG_0001.HEIC", HEIC)}


@dataclass(frozen=True)
class TableUpload:
    """A page that takes a table; `header` and `row` go through as they are."""

    path: str
    field: str
    typed: Callable[[World], dict[str, Any]]
    header: Sequence[str]
    row: Sequence[Any]
    bad_cells: dict[str, tuple[int, Any, str]] = field(default_factory=dict)  # column, value, words


UPLOADS = {
    "score sheet": TableUpload(
        "/governance_points/desk/sheet/", "sheet", lambda w: {"month": "2026-11", "dry_run": "0"},
        ("户编号", "户主", "C01 参加村庄清洁行动（次）", "D02 参加公益劳动（半天）"), ("GJ0001", "李试样", 1, 1),
        bad_cells={
            "a household of another village": (0, "SC0001", "户编号"),
            "no household": (0, "XX9999", "户编号"),
            "a household that is markup": (0, "<script>alert(1)</script>", "户编号"),
            "a negative number of times": (2, -1, "1 到 31"),
            "half a time": (2, 0.5, "1 到 31"),
            "more days than a month has": (2, 32, "1 到 31"),
            "words": (2, "做了", "C01"),
            "a negative quantity": (3, -1, "D02"),
            "a quantity beyond the most": (3, 5, "D02"),
            "a huge quantity": (3, "9" * 300, "D02"),
            "an exponent": (3, "1e3", "D02"),
        },
    ),
    "charter": TableUpload(
        "/governance_points/desk/charter/import/", "sheet",
        lambda w: {"resolution": "决议2号", "active_from": "2026-12-01", "publication_days": "7", "dry_run": "0"},
        ("编号", "类别", "事项", "计分方式", "分值", "单位", "每月上限", "依据"),
        ("A01", "生态环境", "清洁", "固定", 5, "", "30", ""),
        bad_cells={
            "a wrong number": (0, "甲-1", "编号"),
            "no matter": (2, "", "事项"),
            "an unknown way": (3, "随意", "计分方式"),
            "no points": (4, 0, "分值"),
            "points in words": (4, "五分", "分值"),
            "more than a deed is worth": (4, 101, "分值"),
            "a deduction without its basis": (4, -5, "依据"),
            "a cap that is none": (6, "很多", "每月上限"),
        },
    ),
    "roster": TableUpload(
        "/residents/roster/", "roster", lambda w: {"village": str(w.village.pk), "dry_run": "0"},
        ("户编号", "与户主关系", "姓名", "性别", "出生日期", "公民身份号码", "手机号"),
        ("GJ0099", "户主", "郑演示", "男", "1980-01-01", "", "13900000001"),
        bad_cells={
            "a relation nobody has": (1, "朋友圈", "关系"),
            "no name": (2, "", "姓名"),
            "a name that is markup": (2, "<script>alert(1)</script>", "姓名"),
            "a name of signs nobody sees": (2, "\u200b\u200d\ufeff", "姓名"),
            "a number of 15 digits of nobody's birth": (5, "330523801301001", "身份"),
            "a day that is not in the calendar": (4, "2026-02-30", "出生日期"),
            "a birth in the future": (4, "2031-01-01", "出生日期"),
            "a wrong check digit": (5, "330523198001010014", "身份"),
            "an old number with an impossible day": (5, "330523800230001", "身份"),
            "a number of 17 digits": (5, "33052319800101001", "身份"),
            "a telephone of ten digits": (6, "1390000000", "手机"),
        },
    ),
}  # fmt: skip
