"""A list for the loudspeaker: short passages, no full name, no deduction, no number that is nobody's business."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.notices.queries.spoken import LONGEST_SECONDS, spoken
from xinzhi.kernel.notices.services import NewLine
from xinzhi.kernel.notices.tests.village import AFTER_END, NOON, attempt, register

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_chinese():
    with translation.override("zh-hans"):
        yield


def read_out(village, publication, at=NOON):
    return spoken(actor=village.clerk, publication_id=publication.pk, at=at)[1]


def test_the_text_says_what_until_when_and_where_to_object(village):
    [passage] = read_out(village, village.publish(lines=village.lines(points=(50, 25, 10))))
    first, *lines, last = passage.text.split("\n")
    assert "三月二日" in first and "三月九日" in first and "三" in first
    assert lines == [
        "一号张家：Swept the lane，五分。",
        "二号李家：Swept the lane，二点五分。",
        "三号王家：Swept the lane，一分。",
    ]
    assert "三月九日" in last and "七个工作日" in last


def test_no_full_name_and_no_deduction_is_read_out(village):
    [passage] = read_out(village, village.publish(lines=village.lines(points=(-50, 25, 10))))
    assert "张" not in passage.text
    assert not any(name in passage.text for name in ("小明", "李梅", "建国"))


def test_a_long_list_is_broken_into_passages_nobody_has_to_bear_longer_than_a_minute_and_a_half(village):
    households = [register(village.here, f"GA{n:04d}", f"刘{'明亮春秋'[n % 4]}") for n in range(10, 90)]
    lines = [
        NewLine(f"tests.favour:{n}", h.pk, 50, "参加村庄清洁行动", date(2026, 2, 20))
        for n, h in enumerate(households, 1)
    ]
    found = read_out(village, village.publish(lines=lines))
    assert len(found) > 3
    assert all(p.seconds <= LONGEST_SECONDS for p in found)
    assert sum(p.text.count("参加村庄清洁行动") for p in found) == 80
    assert all("善行" in p.text or "Favours" in p.text for p in found)  # each says again what it is


def test_nothing_is_read_out_after_the_end_or_by_a_villager(village):
    publication = village.publish()
    assert read_out(village, publication, AFTER_END) == []
    for actor in (village.villager(village.households[0]), village.villager(village.outsider)):
        assert attempt(spoken, actor=actor, publication_id=publication.pk, at=NOON) is NotFound
