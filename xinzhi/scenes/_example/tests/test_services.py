"""Noting something moves the row, the audit and the fact together, or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.assembly.errors import SwitchedOff
from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.events.models import PublishedEvent
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.foundation.errors import DomainError, Forbidden
from xinzhi.scenes._example import queries
from xinzhi.scenes._example.models import Entry
from xinzhi.scenes._example.services import DayInFuture, RequestKeyUsed, TitleNeeded, note_entry

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def counts() -> tuple[int, int, int]:
    noted = PublishedEvent.objects.filter(name="example.entry_noted.v1").count()
    return Entry.objects.count(), Record.objects.filter(action="example.entry.note").count(), noted


@pytest.mark.parametrize(
    ("title", "noted_on", "refusal"),
    [
        ("路灯已修好", TODAY, None),
        ("  路灯  已修好 ", date(2020, 2, 29), None),
        ("", TODAY, TitleNeeded),
        ("   ", TODAY, TitleNeeded),
        ("长" * 81, TODAY, TitleNeeded),
        ("路灯已修好", date(2026, 3, 3), DayInFuture),
    ],
)
def test_noting_needs_words_and_a_day_that_has_been(clerk, title, noted_on, refusal):
    outcome = None
    try:
        note_entry(
            actor=clerk.actor,
            request_key=uuid4(),
            village_id=clerk.village.pk,
            title=title,
            noted_on=noted_on,
            at=NOON,
        )
    except DomainError as refused:
        outcome = type(refused)

    assert outcome is refusal
    assert counts() == ((1, 1, 1) if refusal is None else (0, 0, 0))


def test_same_request_key_again_returns_the_first_entry(clerk):
    key = uuid4()
    said = {"actor": clerk.actor, "request_key": key, "village_id": clerk.village.pk, "at": NOON}
    first = note_entry(**said, title="路灯", noted_on=TODAY)
    again = note_entry(**said, title="路灯", noted_on=TODAY)

    assert (again.pk, counts()) == (first.pk, (1, 1, 1))


def test_request_key_of_another_village_is_refused(clerk, neighbour):
    key = uuid4()
    note_entry(
        actor=clerk.actor, request_key=key, village_id=clerk.village.pk, title="路灯", noted_on=TODAY, at=NOON
    )
    with pytest.raises(RequestKeyUsed):
        note_entry(
            actor=neighbour.actor,
            request_key=key,
            village_id=neighbour.village.pk,
            title="路灯",
            noted_on=TODAY,
            at=NOON,
        )
    assert counts() == (1, 1, 1)


def test_nobody_notes_in_or_reads_of_another_village(clerk, neighbour):
    with pytest.raises(Forbidden):
        note_entry(
            actor=neighbour.actor,
            request_key=uuid4(),
            village_id=clerk.village.pk,
            title="路灯",
            noted_on=TODAY,
            at=NOON,
        )
    note_entry(
        actor=clerk.actor,
        request_key=uuid4(),
        village_id=clerk.village.pk,
        title="路灯",
        noted_on=TODAY,
        at=NOON,
    )

    assert len(queries.entries(actor=clerk.actor).items) == 1
    assert len(queries.entries(actor=neighbour.actor).items) == 0


def test_nothing_is_noted_where_the_scene_is_switched_off(clerk):
    assembly.switch_scene(actor=SYSTEM, slug="example", region_id=clerk.village.pk, enabled=False, at=NOON)
    with pytest.raises(SwitchedOff):
        note_entry(
            actor=clerk.actor,
            request_key=uuid4(),
            village_id=clerk.village.pk,
            title="路灯",
            noted_on=TODAY,
            at=NOON,
        )


def test_register_is_paged_without_gap_or_double(clerk):
    for number in range(5):
        note_entry(
            actor=clerk.actor,
            request_key=uuid4(),
            village_id=clerk.village.pk,
            title=f"第{number}条",
            noted_on=TODAY,
            at=NOON,
        )
    seen, cursor = [], None
    while True:
        page = queries.entries(actor=clerk.actor, cursor=cursor, limit=2)
        seen += [entry.title for entry in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == ["第4条", "第3条", "第2条", "第1条", "第0条"]
