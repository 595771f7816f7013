"""What a file really is, by its bytes; its name is only repeated to the reader."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.sheets.errors import FileBroken, FileUnpacksTooBig, NotATable, PasswordProtected

Kind = Literal["xlsx", "csv"]

MAX_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 400_000_000
#: Repetitive rosters pack 10 to 30 times; bombs a thousand times. Small members may be as empty as they like.
MAX_RATIO = 150
_RATIO_FROM_BYTES = 20_000_000

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES: tuple[tuple[bytes, Promise], ...] = (
    (b"%PDF", _("a PDF document")),
    (b"\xff\xd8\xff", _("a photo")),
    (b"\x89PNG", _("a picture")),
    (b"GIF8", _("a picture")),
    (b"BM", _("a picture")),
    (b"Rar!", _("a RAR archive")),
    (b"7z\xbc\xaf", _("a 7-Zip archive")),
    (b"\x1f\x8b", _("a compressed file")),
    (b"{\\rtf", _("a text document (RTF)")),
)
_PHOTO_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif")
_OLD_WORKBOOK = _("a workbook of the old type (.xls or .et)")
_OLD_DOCUMENT = _("a text document of the old type (.doc or .wps)")
_WEB_PAGE = _("a web page saved as a table")
_XML_TABLE = _("an XML table of the old type")
_DOCUMENT = _("a text document (.docx)")
_BINARY_WORKBOOK = _("a binary workbook (.xlsb)")
_OPEN_DOCUMENT = _("an OpenDocument file (.ods or .odt)")
_SLIDES = _("a presentation")
_ARCHIVE = _("a ZIP archive")


def kind_of(data: bytes, filename: str) -> Kind:
    """Raises NotATable naming what was found, PasswordProtected, FileUnpacksTooBig or FileBroken."""
    if data.startswith(b"PK"):
        _check_archive(data, filename)
        return "xlsx"
    if data.startswith(_OLD_OFFICE):
        _refuse_old_office(data, filename)
    for signature, words in _SIGNATURES:
        if data.startswith(signature):
            raise NotATable(filename=filename, found=words)
    if data[4:8] == b"ftyp" and data[8:12] in _PHOTO_BRANDS:
        raise NotATable(filename=filename, found=_("a photo"))
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<style")):
        raise NotATable(filename=filename, found=_WEB_PAGE)
    if start.startswith(b"<?xml"):
        raise NotATable(filename=filename, found=_XML_TABLE)
    return "csv"


def _refuse_old_office(data: bytes, filename: str) -> None:
    """The directory of the compound file names its streams in UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise PasswordProtected(filename=filename)
    is_text = "WordDocument".encode("utf-16-le") in data
    raise NotATable(filename=filename, found=_OLD_DOCUMENT if is_text else _OLD_WORKBOOK)


def _check_archive(data: bytes, filename: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, OSError, EOFError, UnicodeError):
        raise FileBroken(filename=filename) from None
    _check_size(entries)
    if any(entry.flag_bits & 1 for entry in entries):
        raise PasswordProtected(filename=filename)
    names = {entry.filename.lower().replace("\\", "/").lstrip("/") for entry in entries}
    if "[content_types].xml" in names:
        if any(n.startswith("xl/") and n.endswith("workbook.xml") for n in names):
            return
        if "xl/workbook.bin" in names:
            raise NotATable(filename=filename, found=_BINARY_WORKBOOK)
        if any(n.startswith("word/") for n in names):
            raise NotATable(filename=filename, found=_DOCUMENT)
        if any(n.startswith("ppt/") for n in names):
            raise NotATable(filename=filename, found=_SLIDES)
        raise FileBroken(filename=filename)
    if "content.xml" in names and "mimetype" in names:
        raise NotATable(filename=filename, found=_OPEN_DOCUMENT)
    raise NotATable(filename=filename, found=_ARCHIVE)


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    """Sizes are those the archive declares; zipfile hands out no byte more than declared."""
    if len(entries) > MAX_ENTRIES or sum(e.file_size for e in entries) > MAX_UNPACKED_BYTES:
        raise FileUnpacksTooBig()
    for entry in entries:
        if entry.file_size > _RATIO_FROM_BYTES and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise FileUnpacksTooBig()
