"""Photos: whole or refused; when and where they were taken; what they look like; copies without any of that."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageOps, JpegImagePlugin

from xinzhi.kernel.evidence.errors import PhotoBroken, TooManyPixels
from xinzhi.kernel.evidence.examine.result import Examined, Position
from xinzhi.kernel.foundation.clock import SHANGHAI
from xinzhi.kernel.foundation.errors import DomainError

pillow_heif.register_heif_opener(thumbnails=False)

#: A 48-megapixel telephone fits; a decompression bomb does not.
MAX_PIXELS = 50_000_000
MAX_SIDE = 30_000
DISPLAY_PIXELS, THUMB_PIXELS = 1280, 320
QUALITY = 82
_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/heic": "HEIF",
}
_EXIF_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_EXIF_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)\Z")
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def examine_photo(data: bytes, media_type: str, *, at: datetime) -> Examined:
    """Decode the whole photo once. Raises PhotoBroken or TooManyPixels."""
    try:
        with _opened(data, media_type) as image:
            width, height = image.size
            exif = _exif_of(image)
            small = _decoded(image, 64)
        looks = difference_hash(small)
    except DomainError:
        raise
    except Exception:  # decoders raise OSError, SyntaxError, ValueError, struct.error, … for damaged files
        raise PhotoBroken(field="file") from None
    return Examined(
        kind="photo",
        media_type=media_type,
        width=width,
        height=height,
        taken_at=_taken_at(exif, at),
        position=_position(exif),
        perceptual_hash=looks,
    )


def display_copies(data: bytes, media_type: str) -> dict[str, bytes]:
    """JPEG copies of 1280 and 320 px, upright, without EXIF, position, comments or profile. Raises PhotoBroken."""
    try:
        with _opened(data, media_type) as image:
            shown = _decoded(image, DISPLAY_PIXELS)
        thumb = shown.copy()
        thumb.thumbnail((THUMB_PIXELS, THUMB_PIXELS), Image.Resampling.LANCZOS)
        return {"display": _jpeg(shown), "thumb": _jpeg(thumb)}
    except DomainError:
        raise
    except Exception:  # see examine_photo
        raise PhotoBroken(field="file") from None


def difference_hash(image: Image.Image) -> int:
    """dHash: whether brightness falls from left to right in an 8 × 8 grid; 64 bits as a signed integer."""
    grey = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    pixels = grey.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            left = row * 9 + column
            bits = bits << 1 | (pixels[left] > pixels[left + 1])
    return bits - (1 << 64) if bits >> 63 else bits


def _opened(data: bytes, media_type: str) -> Image.Image:
    """Open as this format only, after the size said in the header has been judged."""
    try:
        image = Image.open(io.BytesIO(data), formats=(_FORMATS[media_type],))
    except Image.DecompressionBombError:
        raise TooManyPixels(field="file", most=MAX_PIXELS // 1_000_000) from None
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        image.close()
        raise TooManyPixels(field="file", most=MAX_PIXELS // 1_000_000)
    if not width or not height:
        raise PhotoBroken(field="file")
    return image


def _decoded(image: Image.Image, pixels: int) -> Image.Image:
    """The whole first frame decoded, upright, at most `pixels` a side, on white where it was transparent."""
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        image.draft("RGB", (pixels, pixels))  # decodes at a fraction of the size; still reads every byte
    image.load()
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((pixels, pixels), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        seen = upright.convert("RGBA")
        ground = Image.new("RGB", seen.size, "white")
        ground.paste(seen, mask=seen.getchannel("A"))
        return ground
    if upright.mode.startswith("I;16"):
        upright = upright.point(lambda value: value / 256).convert("L")
    return upright.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def _exif_of(image: Image.Image) -> Mapping[str, Any]:
    """What cameras say; an unreadable EXIF block is no reason to refuse a photo."""
    try:
        exif = image.getexif()
        return {
            "base": dict(exif),
            "photo": dict(exif.get_ifd(ExifTags.IFD.Exif)),
            "gps": dict(exif.get_ifd(ExifTags.IFD.GPSInfo)),
        }
    except Exception:  # EXIF parsers fail in as many ways as there are cameras
        return {"base": {}, "photo": {}, "gps": {}}


def _taken_at(exif: Mapping[str, Any], at: datetime) -> datetime | None:
    """The time of the shutter; without a stated offset the camera is taken to show Shanghai time."""
    tags = exif["photo"]
    for text, offset in (
        (tags.get(ExifTags.Base.DateTimeOriginal), tags.get(ExifTags.Base.OffsetTimeOriginal)),
        (tags.get(ExifTags.Base.DateTimeDigitized), tags.get(ExifTags.Base.OffsetTimeDigitized)),
    ):
        match = _EXIF_TIME.match(text) if isinstance(text, str) else None
        if not match:
            continue
        try:
            taken = datetime(*map(int, match.groups()), tzinfo=_zone(offset)).astimezone(UTC)  # type: ignore[misc, arg-type]
        except (ValueError, OverflowError):
            continue
        if _EARLIEST <= taken <= at + timedelta(days=1):
            return taken
    return None


def _zone(offset: object) -> Any:
    match = _EXIF_OFFSET.match(offset) if isinstance(offset, str) else None
    if not match:
        return SHANGHAI
    span = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-span if match[1] == "-" else span)


def _position(exif: Mapping[str, Any]) -> Position | None:
    gps = exif["gps"]
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S", 90)
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return Position(latitude, longitude)


def _degrees(parts: Any, reference: Any, negative: str, most: int) -> Decimal | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
        value = degrees + minutes / 60 + seconds / 3600
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    sign = -1 if isinstance(reference, str) and reference.strip("\0 ").upper() == negative else 1
    return Decimal(sign * value).quantize(Decimal("0.000001"))
