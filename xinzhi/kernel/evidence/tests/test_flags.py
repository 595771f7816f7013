"""A verifier is told what to look at twice: the same photo again, another day, another place. Nothing is refused by it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from xinzhi.kernel.evidence import services
from xinzhi.kernel.evidence.flags import ENOUGH_PLACES, Flag, flags_of
from xinzhi.kernel.evidence.tests import samples
from xinzhi.kernel.evidence.tests.conftest import NOON, PREFIX, household_in, keep
from xinzhi.kernel.foundation.actors import Actor

DAY = date(2026, 3, 1)  # the day on the sample's camera
PLACE = samples.PLACE
FAR = (PLACE[0] + 0.2, PLACE[1])  # about 22 km north


def taken(seed: int = 1, *, day: str = "2026:03:01 10:20:30", place: object = PLACE) -> bytes:
    return samples.photo(samples.picture(seed), exif=samples.exif(taken=day, place=place))


def attach(actor: Actor, household, data: bytes, number: int) -> str:
    kept = keep(actor, household, data)
    services.attach(ids=[kept.pk], subject=f"{PREFIX}{number}", actor=actor, at=NOON)
    return f"{PREFIX}{number}"


def flags(subject: str, actor: Actor, day: date = DAY) -> list[Flag]:
    return flags_of(subject, actor=actor, happened_on=day)


def codes(found: Iterable[Flag]) -> list[str]:
    return [f.code for f in found]


@pytest.fixture
def sees_all(access):
    """Everybody of this test may see every case."""
    from xinzhi.kernel.evidence import ports

    ports._rules[PREFIX] = lambda _actor, subjects: set(subjects)


def again(data: bytes, *, width: int = 320, quality: int = 60) -> bytes:
    """The same shot, made smaller and saved again, as a messenger does."""
    image = Image.open(io.BytesIO(data))
    out = io.BytesIO()
    image.resize((width, round(width * image.height / image.width))).save(out, "JPEG", quality=quality)
    return out.getvalue()


@pytest.mark.parametrize("how", ["the very file", "smaller and saved again"])
def test_a_photo_used_before_is_remarked_with_the_other_case(villager, household, clerk, sees_all, how):
    first = taken()
    before = attach(villager, household, first, 1)
    now = attach(villager, household, first if how == "the very file" else again(first), 2)
    [flag] = [f for f in flags(now, clerk) if f.code == "used_before"]
    assert flag.subject == before
    assert "2026-03-02" in flag.text
    assert codes(flags(before, clerk)) == ["used_before"]  # both ways


def test_another_photo_is_not_remarked(villager, household, clerk, sees_all):
    attach(villager, household, taken(1), 1)
    assert flags(attach(villager, household, taken(99), 2), clerk) == []


def test_the_same_file_of_another_village_is_found_and_its_case_not_told(
    villager, household, clerk, other_village, access
):
    stranger = household_in(other_village, "9")
    from xinzhi.kernel.evidence.tests.conftest import villager_of

    attach(villager_of(stranger, 77), stranger, taken(), 1)
    [flag] = flags(attach(villager, household, taken(), 2), clerk)
    assert (flag.code, flag.subject) == ("used_before", "")


@pytest.mark.parametrize(("day", "expected"), [(DAY, []), (date(2026, 2, 27), ["another_day"])])
def test_a_photo_of_another_day_is_remarked(villager, household, clerk, day, expected):
    assert codes(flags(attach(villager, household, taken(), 1), clerk, day)) == expected


def test_the_shutter_late_in_the_evening_belongs_to_its_own_day_in_shanghai(villager, household, clerk):
    late = attach(villager, household, taken(day="2026:03:01 23:50:00"), 1)
    assert flags(late, clerk) == []


@pytest.mark.parametrize(("place", "expected"), [(PLACE, []), (FAR, ["elsewhere"]), (None, [])])
def test_a_photo_taken_far_from_where_the_village_takes_its_photos_is_remarked(
    villager, household, clerk, place, expected
):
    for n in range(ENOUGH_PLACES):
        attach(villager, household, taken(100 + n), n + 10)
    assert codes(flags(attach(villager, household, taken(5, place=place), 1), clerk)) == expected


def test_with_few_places_known_nothing_is_said_of_places(villager, household, clerk):
    attach(villager, household, taken(2), 2)
    assert flags(attach(villager, household, taken(5, place=FAR), 1), clerk) == []


def test_a_photo_without_day_and_place_says_nothing(villager, household, clerk):
    assert flags(attach(villager, household, samples.photo(), 1), clerk, date(2020, 1, 1)) == []


def test_many_photos_cost_as_many_queries_as_one(villager, household, clerk, sees_all):
    def cost(subject: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            flags(subject, clerk)
        return len(seen)

    one = attach(villager, household, taken(1), 1)
    before = cost(one)
    for n in range(4):
        kept = keep(villager, household, taken(20 + n))
        services.attach(ids=[kept.pk], subject=one, actor=villager, at=NOON)
    assert cost(one) == before <= 5
