from __future__ import annotations

import io
import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from xinzhi.kernel.evidence import errors
from xinzhi.kernel.evidence.examine import MAX_BYTES, examine
from xinzhi.kernel.evidence.examine.photos import display_copies
from xinzhi.kernel.evidence.examine.voices import voice_copy
from xinzhi.kernel.evidence.tests import samples
from xinzhi.kernel.evidence.tests.conftest import NOON
from xinzhi.kernel.foundation.errors import DomainError

#: Photos too large for this repository: XINZHI_SAMPLES names a folder with them.
DRONE = Path(os.environ.get("XINZHI_SAMPLES", "samples")) / "drone/DJI_XT2.jpg"


@pytest.mark.parametrize("media_type", samples.PHOTOS)
def test_a_photo_is_recognised_by_its_bytes(media_type: str) -> None:
    found = examine(samples.PHOTOS[media_type], at=NOON)
    assert (found.kind, found.media_type, found.width, found.height) == ("photo", media_type, 640, 480)


@pytest.mark.parametrize("media_type", sorted(set(samples.PHOTOS) - {"image/gif"}))
def test_time_and_place_are_read_from_every_kind_of_photo(media_type: str) -> None:
    found = examine(samples.PHOTOS[media_type], at=NOON)
    assert found.taken_at == datetime(2026, 3, 1, 2, 20, 30, tzinfo=UTC)  # the camera shows Shanghai time
    assert found.position is not None
    assert abs(float(found.position.latitude) - samples.PLACE[0]) < 0.00001
    assert abs(float(found.position.longitude) - samples.PLACE[1]) < 0.00001


@pytest.mark.parametrize(
    ("exif", "expected"),
    [
        ({"offset": "+00:00"}, datetime(2026, 3, 1, 10, 20, 30, tzinfo=UTC)),
        ({"offset": "-05:00"}, datetime(2026, 3, 1, 15, 20, 30, tzinfo=UTC)),
        ({"offset": "nonsense"}, datetime(2026, 3, 1, 2, 20, 30, tzinfo=UTC)),
        ({"taken": "0000:00:00 00:00:00"}, None),
        ({"taken": "2030:01:01 00:00:00"}, None),  # not after the upload
        ({"taken": "1970:01:01 00:00:00"}, None),  # a clock that was never set
    ],
)
def test_the_time_of_the_shutter_is_kept_only_when_it_can_be_true(
    exif: dict[str, str], expected: datetime | None
) -> None:
    assert examine(samples.photo(exif=samples.exif(**exif)), at=NOON).taken_at == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("place", [None, (0.0, 0.0), (95.0, 10.0), (10.0, 200.0), (float(0), 181.0)])
def test_a_place_that_cannot_be_is_no_place(place: tuple[float, float] | None) -> None:
    assert examine(samples.photo(exif=samples.exif(place=place)), at=NOON).position is None


def test_a_place_south_and_west_has_its_signs() -> None:
    found = examine(samples.photo(exif=samples.exif(place=(-33.5, -70.25))), at=NOON).position
    assert found is not None and (float(found.latitude), float(found.longitude)) == (-33.5, -70.25)


def test_a_real_drone_photo_gives_its_place_and_time() -> None:
    if not DRONE.exists():
        pytest.skip("no drone photo: set XINZHI_SAMPLES to a folder with drone/DJI_XT2.jpg")
    found = examine(DRONE.read_bytes(), at=NOON)
    assert found.media_type == "image/jpeg" and found.position is not None and found.taken_at is not None
    with Image.open(DRONE) as image:
        gps = image.getexif().get_ifd(0x8825)
    degrees, minutes, seconds = (float(v) for v in gps[2])
    assert abs(abs(float(found.position.latitude)) - (degrees + minutes / 60 + seconds / 3600)) < 0.00001


@pytest.mark.parametrize("media_type", samples.VOICES)
def test_a_voice_note_is_recognised_by_its_bytes(media_type: str) -> None:
    found = examine(samples.VOICES[media_type], at=NOON)
    assert (found.kind, found.media_type) == ("voice", media_type)


def test_a_pdf_is_a_document() -> None:
    assert examine(samples.pdf(), at=NOON).kind == "document"


@pytest.mark.parametrize("media_type", samples.PHOTOS)
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_a_photo_cut_off_on_the_way_is_refused(media_type: str, part: float) -> None:
    data = samples.PHOTOS[media_type] if media_type != "image/gif" else samples.photo(form="GIF")
    with pytest.raises(errors.PhotoBroken):
        examine(data[: int(len(data) * part)], at=NOON)


@pytest.mark.parametrize("media_type", ["audio/wav", "audio/mp4", "audio/ogg", "audio/amr"])
def test_a_voice_note_cut_off_on_the_way_is_refused(media_type: str) -> None:
    data = samples.VOICES[media_type]
    with pytest.raises(errors.VoiceBroken):
        examine(data[:-5], at=NOON)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", errors.FileEmpty),
        (SVG, errors.TypeRefused),
        (b"\xef\xbb\xbf  " + SVG, errors.TypeRefused),
        (b"<!DOCTYPE html><script>alert(1)</script>", errors.TypeRefused),
        (b"MZ\x90\0" + b"\0" * 200, errors.TypeRefused),
        (b"\x7fELF" + b"\0" * 200, errors.TypeRefused),
        (b"#!/bin/sh\nrm", errors.TypeRefused),
        (b"PK\x03\x04" + b"\0" * 100, errors.TypeRefused),
        (b"hello", errors.TypeRefused),
        (b"\0\0\0\x18ftypqt  " + b"\0" * 60, errors.TypeRefused),
        (samples.photo(form="BMP"), errors.TypeRefused),
        (samples.photo(form="TIFF"), errors.TypeRefused),
        (samples.m4a(b"vide"), errors.VideoRefused),
        (samples.webm(b"V_VP8"), errors.VideoRefused),
        (samples.PHOTOS["image/jpeg"] + SVG, errors.ActiveContent),
        (samples.photo(comment=b"<script>alert(1)</script>"), errors.ActiveContent),
        (samples.pdf(b"<</S/JavaScript/JS(app.alert(1))>>"), errors.ActiveContent),
        (samples.pdf(b"<</S/Launch>>"), errors.ActiveContent),
        (samples.pdf(b"<</Encrypt 2 0 R>>"), errors.DocumentLocked),
        (samples.pdf()[:-30], errors.DocumentBroken),
        (b"\xff\xd8\xff" + b"\0" * 500, errors.PhotoBroken),
        (b"GIF89a" + b"\0" * 20, errors.PhotoBroken),
        (b"ID3" + b"\xff" * 300, errors.VoiceBroken),
        (b"OggS" + b"\0" * 300, errors.VoiceBroken),
        (samples.png_claiming(60_000, 60_000), errors.TooManyPixels),
        (samples.png_claiming(40_000, 10), errors.TooManyPixels),
        (samples.PHOTOS["image/jpeg"] + b"\0" * MAX_BYTES["photo"], errors.FileTooBig),
        (samples.VOICES["audio/mpeg"] + b"\0" * MAX_BYTES["voice"], errors.FileTooBig),
        (samples.pdf() + b"\0" * MAX_BYTES["document"], errors.FileTooBig),
    ],
)
def test_what_is_not_kept_is_refused_with_a_sentence(data: bytes, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal) as caught:
        examine(data, at=NOON)
    assert caught.value.message


def test_a_photo_that_is_also_an_archive_is_refused() -> None:
    import zipfile

    out = io.BytesIO()
    out.write(samples.PHOTOS["image/jpeg"])
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("evil.js", "alert(1)")
    with pytest.raises(errors.ActiveContent):
        examine(out.getvalue(), at=NOON)


@pytest.mark.parametrize("media_type", samples.PHOTOS)
def test_copies_carry_neither_place_nor_time_nor_names(media_type: str) -> None:
    for copy in display_copies(samples.PHOTOS[media_type], media_type).values():
        with Image.open(io.BytesIO(copy)) as image:
            assert image.format == "JPEG"
            assert not dict(image.getexif()) and not set(image.info) & {
                "exif",
                "xmp",
                "icc_profile",
                "comment",
            }
        assert b"CANARY" not in copy and b"Exif" not in copy


def test_copies_are_upright_and_of_two_sizes() -> None:
    image = samples.picture(size=(2000, 1000))
    image.paste("red", (0, 0, 2000, 200))  # the top as the sensor saw it
    data = samples.photo(image, exif=samples.exif(orientation=6), quality=95)  # to be turned clockwise
    copies = {name: Image.open(io.BytesIO(copy)) for name, copy in display_copies(data, "image/jpeg").items()}
    assert {name: copy.size for name, copy in copies.items()} == {"display": (640, 1280), "thumb": (160, 320)}
    red, _green, blue = copies["display"].getpixel((630, 640))  # type: ignore[misc]
    assert red > 200 and blue < 80


@pytest.mark.parametrize(
    "data",
    [
        samples.photo(
            form="MPO", save_all=True, append_images=[samples.picture(2)]
        ),  # as many telephones write
        samples.photo(samples.picture().convert("CMYK")),
        samples.photo(samples.picture().convert("L")),
        samples.PHOTOS["image/jpeg"] + b"SEFH" + bytes(300),  # makers append their own data
    ],
)
def test_photos_telephones_and_printers_write_can_be_shown(data: bytes) -> None:
    assert examine(data, at=NOON).media_type == "image/jpeg"
    assert Image.open(io.BytesIO(display_copies(data, "image/jpeg")["display"])).mode == "RGB"


def test_what_is_transparent_is_shown_on_white() -> None:
    image = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    copies = display_copies(samples.photo(image, "PNG"), "image/png")
    assert Image.open(io.BytesIO(copies["display"])).getpixel((25, 25)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_can_be_shown(mode: str) -> None:
    image = (
        samples.picture().convert("L").convert(mode) if mode == "I;16" else samples.picture().convert(mode)
    )
    assert display_copies(samples.photo(image, "PNG"), "image/png")["thumb"].startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    "data",
    [samples.wav(tags=b"CANARY"), samples.m4a(tags=b"CANARY+30.41+119.65/"), samples.mp3(tags=b"CANARY")],
)
def test_the_copy_of_a_voice_note_has_the_sound_without_its_tags(data: bytes) -> None:
    media_type = examine(data, at=NOON).media_type
    copy = voice_copy(data, media_type)
    assert b"CANARY" in data and b"CANARY" not in copy
    assert examine(copy, at=NOON).media_type == media_type


def test_the_same_shot_saved_again_looks_the_same_and_another_does_not() -> None:
    def looks(data: bytes) -> int:
        found = examine(data, at=NOON).perceptual_hash
        assert found is not None
        return found & (2**64 - 1)

    original = looks(samples.photo(samples.picture(1)))
    again = samples.picture(1).resize((333, 250))
    assert (original ^ looks(samples.photo(again, quality=40))).bit_count() <= 6
    assert (original ^ looks(samples.photo(samples.picture(2)))).bit_count() > 10


SOURCES = [*samples.PHOTOS.values(), *samples.VOICES.values(), samples.pdf(), samples.m4a(tags=b"x" * 40)]


@settings(max_examples=300, deadline=None)
@given(source=st.sampled_from(range(len(SOURCES))), seed=st.integers(0, 2**32))
def test_damaged_files_are_kept_or_refused_and_nothing_else(source: int, seed: int) -> None:
    dice = random.Random(seed)
    data = bytearray(SOURCES[source])
    for _change in range(dice.randrange(1, 20)):
        place = dice.randrange(max(min(len(data), dice.choice([64, 512, 10**9])), 1))
        match dice.randrange(3):
            case 0:
                data[place : place + 1] = bytes([dice.randrange(256)])
            case 1:
                data[place : place + 4] = dice.choice([b"\xff" * 4, b"\0" * 4, b"\x80\0\0\0", b"\0\0\0\x01"])
            case 2:
                del data[place : place + dice.randrange(1, 30)]
    try:
        found = examine(bytes(data), at=NOON)
        if found.kind == "photo":
            assert set(display_copies(bytes(data), found.media_type)) == {"display", "thumb"}
        elif found.kind == "voice":
            voice_copy(bytes(data), found.media_type)
    except DomainError as refusal:
        assert refusal.message


@given(st.binary(max_size=400))
def test_any_bytes_are_kept_or_refused_and_nothing_else(data: bytes) -> None:
    try:
        examine(data, at=NOON)
    except DomainError as refusal:
        assert refusal.message
