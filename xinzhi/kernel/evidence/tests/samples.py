"""Photos, voice notes and documents made on the spot."""

from __future__ import annotations

import io
import random
import struct
import wave
import zlib
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageDraw

pillow_heif.register_heif_opener()

PLACE = (30.412345, 119.654321)


def picture(seed: int = 1, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Rectangles of random colours: pictures of different seeds look different, also to a perceptual hash."""
    dice = random.Random(seed)
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for _ in range(24):
        x, y = dice.randrange(size[0]), dice.randrange(size[1])
        box = (x, y, x + dice.randrange(30, size[0] // 2), y + dice.randrange(30, size[1] // 2))
        draw.rectangle(box, fill=tuple(dice.randrange(256) for _ in range(3)))
    return image


def exif(
    *, orientation: int = 1, taken: str = "2026:03:01 10:20:30", offset: str | None = None, place: Any = PLACE
) -> Image.Exif:
    block = Image.Exif()
    block[ExifTags.Base.Orientation] = orientation
    block[ExifTags.Base.Artist] = "CANARY-ARTIST"
    photo = block.get_ifd(ExifTags.IFD.Exif)
    photo[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        photo[ExifTags.Base.OffsetTimeOriginal] = offset
    if place:
        gps = block.get_ifd(ExifTags.IFD.GPSInfo)
        for key, value, names in ((1, place[0], "NS"), (3, place[1], "EW")):
            gps[key] = names[value < 0]
            value = abs(value)
            gps[key + 1] = (int(value), int(value % 1 * 60), round(value * 3600 % 60, 4))
    return block


def photo(image: Image.Image | None = None, form: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    (image or picture()).save(out, form, **options)
    return out.getvalue()


def heic(**options: Any) -> bytes:
    return photo(form="HEIF", **options)


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims any size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


def wav(*, tags: bytes = b"") -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\1\0" * 4000)
    data = out.getvalue()
    if tags:
        data += b"LIST" + struct.pack("<I", len(tags)) + tags
        data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    return data


def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + name + body


def m4a(handler: bytes = b"soun", tags: bytes = b"") -> bytes:
    media = box(b"mdia", box(b"hdlr", b"\0" * 8 + handler + b"\0" * 13))
    extra = box(b"udta", box(b"\xa9xyz", tags)) if tags else b""
    return (
        box(b"ftyp", b"M4A \0\0\0\0")
        + box(b"moov", box(b"trak", media), extra)
        + box(b"mdat", b"\x21\x10" * 200)
    )


def mp3(*, tags: bytes = b"") -> bytes:
    frame = b"\xff\xfb\x90\x00" + b"\0" * 413  # 128 kbit/s, 44.1 kHz
    head = b""
    if tags:
        size = len(tags)
        head = (
            b"ID3\x04\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + tags
        )
    return head + frame * 5 + (b"TAG" + b"CANARY".ljust(125) if tags else b"")


def ogg(codec: bytes = b"OpusHead") -> bytes:
    def page(body: bytes, number: int) -> bytes:
        return b"OggS\0\0" + b"\0" * 8 + struct.pack("<III", 7, number, 0) + bytes([1, len(body)]) + body

    return page(codec + b"\1\1", 0) + page(b"OpusTags", 1) + page(b"\1" * 100, 2)


def webm(codec: bytes = b"A_OPUS") -> bytes:
    return (
        b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webmB\x87\x81\x04B\x85\x81\x02"
        + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
        + b"\x16T\xaek\x86\x86" + codec + b"\x1fC\xb6u\x01\xff\xff\xff\xff\xff\xff\xff" + b"\xa3\x81\x01" * 40
    )  # fmt: skip


def amr() -> bytes:
    return b"#!AMR\n" + (b"\x3c" + b"\0" * 31) * 10


def pdf(extra: bytes = b"") -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n"
        + extra
        + b"\nxref\n0 1\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
    )


VOICES = {
    "audio/wav": wav(),
    "audio/mp4": m4a(),
    "audio/mpeg": mp3(),
    "audio/ogg": ogg(),
    "audio/webm": webm(),
    "audio/amr": amr(),
}


def photos() -> dict[str, bytes]:
    return {
        "image/jpeg": photo(exif=exif()),
        "image/png": photo(form="PNG", exif=exif()),
        "image/webp": photo(form="WEBP", exif=exif()),
        "image/gif": photo(form="GIF", save_all=True, append_images=[picture(2)]),
        "image/heic": heic(exif=exif()),
    }


PHOTOS = photos()
