"""What an uploaded file really is and says, judged by its bytes alone."""

from __future__ import annotations

from datetime import datetime

from xinzhi.kernel.evidence.errors import FileEmpty, FileTooBig
from xinzhi.kernel.evidence.examine.documents import examine_pdf
from xinzhi.kernel.evidence.examine.kinds import media_type_of
from xinzhi.kernel.evidence.examine.photos import examine_photo
from xinzhi.kernel.evidence.examine.result import Examined, Position
from xinzhi.kernel.evidence.examine.voices import examine_voice

MEGABYTE = 1_000_000
MAX_BYTES = {"photo": 15 * MEGABYTE, "voice": 5 * MEGABYTE, "document": 10 * MEGABYTE}
LARGEST = max(MAX_BYTES.values())

__all__ = ["LARGEST", "MAX_BYTES", "Examined", "Position", "examine"]


def examine(data: bytes, *, at: datetime) -> Examined:
    """Recognise the file and read what it says about itself. `at` is the time of the upload.

    Raises FileEmpty, FileTooBig, TypeRefused, ActiveContent, TooManyPixels, PhotoBroken, VoiceBroken, VideoRefused,
    DocumentBroken or DocumentLocked; nothing else, whatever the bytes.
    """
    if not data:
        raise FileEmpty(field="file")
    kind, media_type = media_type_of(data)
    if len(data) > MAX_BYTES[kind]:
        raise FileTooBig(field="file", most=MAX_BYTES[kind] // MEGABYTE)
    if kind == "photo":
        return examine_photo(data, media_type, at=at)
    if kind == "voice":
        return examine_voice(data, media_type)
    return examine_pdf(data)
