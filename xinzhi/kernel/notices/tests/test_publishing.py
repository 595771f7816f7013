"""A list has a number, a clock and lines without persons."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation.clock import SHANGHAI
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.notices.errors import (
    AlreadyListed,
    DaysOutOfRange,
    LooksPersonal,
    NothingToPublish,
    UnknownKind,
    WithdrawalReasonUnknown,
)
from xinzhi.kernel.notices.models import Publication, PublicationLine
from xinzhi.kernel.notices.services import NewLine, publication_by_key, withdraw_publication
from xinzhi.kernel.notices.tests.village import AFTER_END, NOON, attempt

pytestmark = pytest.mark.django_db


def test_a_list_is_numbered_in_its_village_and_year(village):
    first, second = village.publish(), village.publish(lines=village.lines(first=11))
    neighbour = village.publish(
        actor=village.officer(900_009, place=village.elsewhere), village_id=village.elsewhere.pk,
        lines=[NewLine("tests.favour:31", village.outsider.pk, 10, "Swept")],
    )  # fmt: skip
    next_year = village.publish(
        at=datetime(2027, 1, 1, 0, 30, tzinfo=SHANGHAI), lines=village.lines(first=21)
    )
    numbers = [(p.year, p.month, p.sequence) for p in (first, second, neighbour, next_year)]
    assert numbers == [(2026, 3, 1), (2026, 3, 2), (2026, 3, 1), (2027, 1, 1)]
    assert first.number == "2026-03 No. 1"


def test_the_day_of_posting_is_not_counted(village):
    publication = village.publish(days=7)
    assert publication.ends_at == AFTER_END
    assert list(publication.lines.values_list("ends_at", flat=True).distinct()) == [AFTER_END]


@pytest.mark.parametrize(
    ("days", "refusal"), [(2, DaysOutOfRange), (3, None), (15, None), (16, DaysOutOfRange)]
)
def test_a_list_is_out_for_as_long_as_its_kind_allows(village, days, refusal):
    assert attempt(village.publish, days=days) is refusal


def test_the_same_request_returns_the_first_list(village):
    request = uuid4()
    first = village.publish(request_key=request)
    assert village.publish(request_key=request) == first == publication_by_key(request)
    assert (Publication.objects.count(), PublicationLine.objects.count()) == (1, 3)
    assert Record.objects.filter(action="notices.open_publication").count() == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"kind": "tests.unknown"}, UnknownKind),
        ({"lines": []}, NothingToPublish),
        ({"village_id": 10**9}, NotFound),
    ],
)
def test_what_cannot_be_published(village, change, refusal):
    assert attempt(village.publish, **change) is refusal
    assert not Publication.objects.exists()


def test_only_who_may_publishes(village):
    assert attempt(village.publish, actor=village.council) is Forbidden
    assert attempt(village.publish, actor=village.officer(5, place=village.elsewhere)) is Forbidden
    assert attempt(village.publish, actor=village.villager(village.households[0])) is Forbidden


def test_a_case_stands_in_one_open_list_at_a_time(village):
    village.publish()
    assert attempt(village.publish) is AlreadyListed
    doubled = [*village.lines(first=40), *village.lines(first=42)]
    assert attempt(village.publish, lines=doubled) is AlreadyListed


@pytest.mark.parametrize(
    "label",
    [
        "Thanks to 330523198501011234",
        "Thanks to 33052319850101123X",
        "Thanks to 330523850101123",
        "Call 13800138000",
        "Call １３８００１３８０００",
        "Call 138-0013-8000",
        "Call 138 0013 8000",
        "Call 1\u200b3800138000",
        "Call +86 13800138000",
        "Card 6222 0212 3456 7894",
        "Card 6222021234567894",
        "卡号6222021234567894。",
        "٠١٢٣٤٥٦٧٨٩٠١٢٣٤",
    ],
)
def test_a_label_with_a_personal_number_is_refused_and_not_repeated(village, label):
    with pytest.raises(LooksPersonal) as refusal:
        village.publish(lines=village.lines(label=label))
    assert "13800138000" not in str(refusal.value)
    assert attempt(village.publish, title=label) is LooksPersonal


@pytest.mark.parametrize(
    "label",
    [
        "Swept the lane", "2026-02-01 2026-02-28 waste sorting", "Rule 3.2.11 · 美丽庭院 92 分", "志愿服务 4 小时（2026年2月）",
        "Box 110, lane 12, house 7", "Room 1-2-3-4-5-6",
    ],
)  # fmt: skip
def test_an_honest_label_passes(village, label):
    assert attempt(village.publish, lines=village.lines(label=label)) is None


def test_the_database_refuses_long_numbers_in_labels_too(village):
    publication = village.publish()
    with pytest.raises(IntegrityError, match="line_label_without_long_numbers"), transaction.atomic():
        publication.lines.update(label="13800138000")


def test_a_list_can_be_taken_down_with_a_reason(village, scene):
    publication = village.publish()
    taken = {"publication_id": publication.pk, "at": NOON + timedelta(hours=1)}
    assert (
        attempt(withdraw_publication, actor=village.clerk, reason_code="", **taken) is WithdrawalReasonUnknown
    )
    assert attempt(withdraw_publication, actor=village.council, reason_code="mistake", **taken) is NotFound
    for _twice in range(2):
        withdraw_publication(actor=village.clerk, reason_code="mistake", **taken)
    assert scene.told == [("withdrawn", 3)]
    assert set(publication.lines.values_list("state", flat=True)) == {"removed"}
    assert attempt(village.publish, at=NOON + timedelta(hours=2)) is None  # its cases can be published again


def test_lines_keep_the_day_and_the_place_of_what_they_tell(village):
    line = village.publish().lines.get(position=2)
    assert (line.subject_type, line.subject_id, line.happened_on) == ("tests.favour", 2, date(2026, 2, 21))
    assert (line.village_id, line.household_id) == (village.here.pk, village.households[1].pk)
