"""Recognise a file by its first bytes. Names, extensions and what the browser claims are not asked."""

from __future__ import annotations

import filetype  # type: ignore[import-untyped]
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.evidence.errors import ActiveContent, TypeRefused
from xinzhi.kernel.evidence.examine.result import Kind

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_AUDIO_BRANDS = (
    b"M4A ",
    b"M4B ",
    b"mp42",
    b"mp41",
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"dash",
    b"3gp4",
    b"3gp5",
)

_REFUSED: tuple[tuple[bytes, Promise], ...] = (
    (b"MZ", _("a program")),
    (b"\x7fELF", _("a program")),
    (b"#!/", _("a program")),
    (b"PK", _("an archive or an Office document")),
    (b"\xd0\xcf\x11\xe0", _("an Office document")),
    (b"Rar!", _("an archive")),
    (b"7z\xbc\xaf", _("an archive")),
    (b"\x1f\x8b", _("an archive")),
    (b"FLV", _("a video")),
    (b"\x00\x00\x01\xba", _("a video")),
    (b"\x00\x00\x01\xb3", _("a video")),
    (b"BM", _("a picture of a type that is not read (BMP)")),
    (b"II*\x00", _("a picture of a type that is not read (TIFF)")),
    (b"MM\x00*", _("a picture of a type that is not read (TIFF)")),
)
_MARKUP = _("a web page or a drawing (HTML, SVG)")
_UNKNOWN = _("of an unknown type")
_VIDEO = _("a video")

_TAIL = 66_000  # the end record of a ZIP archive lies within 64 KiB of the end
_MARKUP_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<")
_SCRIPTS = (b"<script", b"<!doctype html", b"<iframe", b"javascript:")


def media_type_of(data: bytes) -> tuple[Kind, str]:
    """(kind, media type). Raises TypeRefused naming what was found, or ActiveContent for a file that is two files."""
    found = _by_first_bytes(data)
    if found is None:
        raise TypeRefused(field="file", found=_refused_type(data))
    _check_second_opinion(data, found[1])
    _refuse_polyglots(data)
    return found


def _by_first_bytes(data: bytes) -> tuple[Kind, str] | None:
    head = data[:16]
    if head.startswith(b"\xff\xd8\xff"):
        return "photo", "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "photo", "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "photo", "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "photo", "image/webp"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "voice", "audio/wav"
    if head[4:8] == b"ftyp":
        return _by_brand(head[8:12])
    if head.startswith(b"%PDF-"):
        return "document", "application/pdf"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "voice", "audio/webm"
    if head.startswith(b"OggS"):
        return "voice", "audio/ogg"
    if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "voice", "audio/amr"
    if head.startswith(b"ID3") or (
        head[:1] == b"\xff" and head[1:2] in (b"\xfb", b"\xfa", b"\xf3", b"\xf2", b"\xe3")
    ):
        return "voice", "audio/mpeg"
    return None


def _by_brand(brand: bytes) -> tuple[Kind, str] | None:
    if brand in _HEIC_BRANDS:
        return "photo", "image/heic"
    return ("voice", "audio/mp4") if brand in _AUDIO_BRANDS else None


def _refused_type(data: bytes) -> str | Promise:
    for start, words in _REFUSED:
        if data.startswith(start):
            return words
    if data[:200].lstrip().startswith(_MARKUP_STARTS):
        return _MARKUP
    guess = filetype.guess(data[:8192])
    if guess is not None:
        return _VIDEO if guess.mime.startswith("video/") else str(guess.mime)
    return _UNKNOWN


def _check_second_opinion(data: bytes, media_type: str) -> None:
    """Another reader of first bytes must not see a program or an archive in what we take for a photo."""
    guess = filetype.guess(data[:8192])
    if guess is None:
        return
    kinds = {"image", "audio", "video"} if media_type != "application/pdf" else {"application"}
    if guess.mime.partition("/")[0] not in kinds:
        raise TypeRefused(field="file", found=str(guess.mime))


def _refuse_polyglots(data: bytes) -> None:
    """A photo that is also an archive or a page: harmless as we serve it, but nobody sends one by accident."""
    tail = data[-_TAIL:]
    end = tail.rfind(b"PK\x05\x06")
    if end >= 0 and b"PK\x01\x02" in data and len(tail) - end >= 22:
        raise ActiveContent(field="file")
    lowered = data.lower()
    if any(script in lowered for script in _SCRIPTS):
        raise ActiveContent(field="file")
