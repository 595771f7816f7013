"""Voice notes: the container is whole and holds sound only; a copy without tags and position.

Nothing is decoded (no decoder is installed); browsers play what telephones record. What is checked is the frame:
a file cut off on the way, a video, or something else under the first bytes of a sound file is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xinzhi.kernel.evidence.errors import VideoRefused, VoiceBroken
from xinzhi.kernel.evidence.examine.result import Examined

_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta")
#: Where telephones write place, device and names.
_TAG_BOXES = (b"udta", b"meta", b"uuid")
_MAX_BOXES = 10_000
_WEBM_SOUND = (b"A_OPUS", b"A_VORBIS", b"A_AAC", b"A_PCM")
_WEBM_VIDEO = (b"V_VP8", b"V_VP9", b"V_AV1", b"V_MPEG4")
_OGG_SOUND = (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")
_MP3_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MP3_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_AMR_BYTES = (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1)


def examine_voice(data: bytes, media_type: str) -> Examined:
    """Raises VoiceBroken or VideoRefused."""
    if not _CHECKS[media_type](data):
        raise VoiceBroken(field="file")
    return Examined(kind="voice", media_type=media_type)


def voice_copy(data: bytes, media_type: str) -> bytes:
    """The same sound without tags: what may be played to those who may see the subject."""
    if media_type == "audio/mp4":
        return _without_tag_boxes(data)
    if media_type == "audio/mpeg":
        return _mp3_frames(data)
    if media_type == "audio/wav":
        return _wav_sound(data)
    return data


# --- MP4 (AAC, AMR in 3GP) ---


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """(type, start of box, start of body, end). Raises VoiceBroken for a box that leaves its parent."""
    position = start
    while position + 8 <= end:
        size = int.from_bytes(data[position : position + 4], "big")
        body = position + 8
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16], "big")
            body = position + 16
        elif size == 0:
            size = end - position
        if size < body - position or position + size > end:
            raise VoiceBroken(field="file")
        yield data[position + 4 : position + 8], position, body, position + size
        position += size


def _all_boxes(data: bytes) -> list[tuple[bytes, int, int, int]]:
    found: list[tuple[bytes, int, int, int]] = []
    todo = [(0, len(data))]
    while todo:
        for box in _boxes(data, *todo.pop()):
            found.append(box)
            if len(found) > _MAX_BOXES:
                raise VoiceBroken(field="file")
            if box[0] in _CONTAINERS and box[0] != b"udta":
                todo.append((box[2], box[3]))
    return found


def _mp4_is_sound(data: bytes) -> bool:
    boxes = _all_boxes(data)
    kinds = {
        data[body + 8 : body + 12]
        for kind, _start, body, end in boxes
        if kind == b"hdlr" and end - body >= 12
    }
    if b"vide" in kinds:
        raise VideoRefused(field="file")
    names = {kind for kind, _start, _body, _end in boxes}
    return b"soun" in kinds and b"moov" in names and (b"mdat" in names or b"moof" in names)


def _without_tag_boxes(data: bytes) -> bytes:
    """Boxes with tags become free space of the same size, so that every offset stays right."""
    copy = bytearray(data)
    for kind, start, body, end in _all_boxes(data):
        if kind in _TAG_BOXES:
            copy[start + 4 : start + 8] = b"free"
            copy[body:end] = bytes(end - body)
    return bytes(copy)


# --- WebM, Ogg, AMR ---


def _webm_is_sound(data: bytes) -> bool:
    head = data[:65536]
    if any(codec in head for codec in _WEBM_VIDEO):
        raise VideoRefused(field="file")
    has_segment = b"\x18\x53\x80\x67" in head
    return (
        b"webm" in data[:64] and has_segment and any(c in head for c in _WEBM_SOUND) and b"\x1fC\xb6u" in data
    )


def _ogg_is_sound(data: bytes) -> bool:
    """The first page names a sound codec, and pages follow each other to the end."""
    if b"\x80theora" in data[:4096]:
        raise VideoRefused(field="file")
    position = pages = 0
    while position < len(data):
        header = data[position : position + 27]
        if len(header) < 27 or header[:5] != b"OggS\x00":
            return False
        segments = data[position + 27 : position + 27 + header[26]]
        end = position + 27 + header[26] + sum(segments)
        if len(segments) < header[26] or end > len(data):
            return False
        if pages == 0 and not data[position + 27 + header[26] : end].startswith(_OGG_SOUND):
            return False
        position, pages = end, pages + 1
    return pages >= 2


def _amr_is_sound(data: bytes) -> bool:
    if data.startswith(b"#!AMR-WB\n"):
        return len(data) > 9 + 6
    position, frames = 6, 0
    while position < len(data):
        if data[position] & 0x83:
            return False
        position += _AMR_BYTES[data[position] >> 3 & 15]
        frames += 1
    return position == len(data) and frames > 0


# --- WAV ---


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    position = 12
    while position + 8 <= len(data):
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        end = position + 8 + size
        if end > len(data):
            raise VoiceBroken(field="file")
        yield data[position : position + 4], position, end
        position = end + size % 2


def _wav_is_sound(data: bytes) -> bool:
    names = [name for name, _start, _end in _chunks(data)]
    return b"fmt " in names and b"data" in names


def _wav_sound(data: bytes) -> bytes:
    """Only format and samples; LIST and bext chunks name people and devices."""
    kept = b"".join(
        data[start:end] + b"\0" * ((end - start) % 2)
        for name, start, end in _chunks(data)
        if name in (b"fmt ", b"fact", b"data")
    )
    return b"RIFF" + (len(kept) + 4).to_bytes(4, "little") + b"WAVE" + kept


# --- MP3 ---


def _mp3_frames(data: bytes) -> bytes:
    """Without the ID3 tags before and behind the frames."""
    start = _mp3_start(data)
    end = len(data) - 128 if data[-128:-125] == b"TAG" else len(data)
    return data[start:end]


def _mp3_start(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return min(10 + size + (10 if data[5] & 0x10 else 0), len(data))


def _mp3_is_sound(data: bytes) -> bool:
    """Three frames in a row, after the tag and some padding."""
    start = _mp3_start(data)
    window = data[start : start + 4096]
    offset = len(window) - len(window.lstrip(b"\0"))
    position = start + offset
    for _frame in range(3):
        length = _mp3_frame_length(data[position : position + 4])
        if not length or position + length > len(data):
            return False
        position += length
    return True


def _mp3_frame_length(header: bytes) -> int:
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    rate, frequency = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer != 1 or rate in (0, 15) or frequency == 3:
        return 0
    kbps = (_MP3_KBPS if version == 3 else _MP3_KBPS_2)[rate]
    samples = 144_000 if version == 3 else 72_000
    return samples * kbps // _MP3_HERTZ[version][frequency] + (header[2] >> 1 & 1)


_CHECKS: dict[str, Callable[[bytes], bool]] = {
    "audio/mp4": _mp4_is_sound,
    "audio/webm": _webm_is_sound,
    "audio/ogg": _ogg_is_sound,
    "audio/amr": _amr_is_sound,
    "audio/wav": _wav_is_sound,
    "audio/mpeg": _mp3_is_sound,
}
