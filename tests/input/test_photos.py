"""Photos sent with a claim: what is none is refused in words, what was good before it stays."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.input.files import GOOD_PHOTOS, JPEG, PHOTOS
from tests.input.forms import YESTERDAY
from tests.input.pages import assert_said_clearly, screen_of
from tests.input.world import nothing_changes
from xinzhi.kernel.evidence.models import Evidence
from xinzhi.scenes.governance_points.models import Deed

NOBODYS = "6d0c5a3e-6f43-4a1f-9e0e-2f6f6f7f9a01"
#: Who sends a photo where, with what: P01 needs one.
PLACES = {
    "the phone": ("villager", "/governance_points/claim/P01/", "photo", {"done_on": YESTERDAY}),
    "the desk": ("clerk", "/governance_points/desk/enter/", "photo", {"household_no": "GJ0001", "rule": "P01", "done_on": YESTERDAY}),
    "the upload of a page": ("villager", "/evidence/", "file", {}),
    "the API": ("villager", "/api/v1/evidence", "file", {}),
}  # fmt: skip


def sent(world, place: str, *files: tuple[str, bytes]) -> dict:
    _who, _path, field, typed = PLACES[place]
    about = {"the upload of a page": "household", "the API": "household_id"}.get(place)
    extra = {about: str(world.household.pk), "request_key": str(uuid4())} if about else {}
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    return typed | extra | {field: uploads if len(uploads) > 1 else uploads[0]}


@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_photo_is_refused_in_words_and_leaves_nothing(world, at_screen, place, photo):
    who, path, _field, typed = PLACES[place]
    name, data, words = PHOTOS[photo]
    screen = at_screen(who)
    with nothing_changes():
        answer = screen.post(path, sent(world, place, (name, data)))
    assert_said_clearly(answer, words)
    if typed:
        stands = screen_of(answer).values
        assert {field: stands[field] for field in typed if field in stands} == {
            field: [value] for field, value in typed.items() if field in stands
        }


@pytest.mark.parametrize("photo", GOOD_PHOTOS)
@pytest.mark.parametrize("place", ["the phone", "the desk"])
def test_the_photos_telephones_take_are_taken(world, at_screen, place, photo):
    who, path, _field, _typed = PLACES[place]
    before = Deed.objects.count()
    answer = at_screen(who).post(path, sent(world, place, GOOD_PHOTOS[photo]))
    assert (answer.status_code, Deed.objects.count()) == (302, before + 1)


@pytest.mark.parametrize("place", ["the phone", "the desk"])
def test_a_photo_sent_before_a_refused_one_comes_back_with_the_form(world, at_screen, place):
    who, path, _field, typed = PLACES[place]
    screen = at_screen(who)
    broken = ("b.jpg", JPEG[:900])
    answer = screen.post(path, sent(world, place, ("a.jpg", JPEG), broken))
    assert_said_clearly(answer)
    [kept] = screen_of(answer).values["evidence"]
    assert Evidence.objects.filter(pk=UUID(kept), subject="").count() == 1
    # and the form sent again without choosing a file goes through with it
    again = screen.post(path, typed | {"evidence": kept})
    assert again.status_code == 302
    assert Evidence.objects.get(pk=UUID(kept)).subject != ""


@pytest.mark.parametrize("place", ["the phone", "the desk"])
def test_a_photo_survives_another_mistake_in_the_form(world, at_screen, place):
    who, path, _field, typed = PLACES[place]
    screen = at_screen(who)
    answer = screen.post(path, sent(world, place, ("a.jpg", JPEG)) | {"done_on": "2026-02-30"})
    assert_said_clearly(answer, "2026-02-30")
    [kept] = screen_of(answer).values["evidence"]
    assert screen.post(path, typed | {"evidence": kept}).status_code == 302


@pytest.mark.parametrize("stolen", ["", "x", NOBODYS, "0", "\x00"])
def test_a_photo_that_is_not_mine_is_no_proof(world, at_screen, stolen):
    screen = at_screen("villager")
    mine = {"done_on": YESTERDAY, "evidence": stolen or str(world.photo.pk)}
    with nothing_changes():
        answer = screen.post("/governance_points/claim/P01/", mine)
    assert_said_clearly(answer)
