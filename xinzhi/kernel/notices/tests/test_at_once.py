"""Several at the same moment, on connections of their own."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from xinzhi.kernel.notices.models import Objection, Publication, PublicationLine
from xinzhi.kernel.notices.services import NewLine, close_lines_of, decide_objection, object_to_line
from xinzhi.kernel.notices.tests.village import AFTER_END, NOON
from xinzhi.kernel.workflow.errors import StateHasMoved
from xinzhi.kernel.workflow.tests.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_lists_opened_at_once_get_different_numbers(committed_village):
    village = committed_village
    outcomes = at_once(
        *(lambda n=n: village.publish(lines=village.lines(first=100 * n)) for n in range(1, 7))
    )
    assert sorted(p.sequence for p in outcomes) == [1, 2, 3, 4, 5, 6]


def test_the_same_list_clicked_six_times_is_one(committed_village):
    request = uuid4()
    outcomes = at_once(*(lambda: committed_village.publish(request_key=request) for _ in range(6)))
    assert {p.pk for p in outcomes} == {Publication.objects.get().pk}


def test_two_workers_close_a_list_and_each_line_counts_once(committed_village, scene):
    village = committed_village
    lines = [NewLine(f"tests.favour:{n}", village.households[n % 3].pk, 10, "Swept") for n in range(1, 201)]
    publication = village.publish(lines=lines)
    outcomes = at_once(
        *(lambda: close_lines_of(publication_id=publication.pk, at=AFTER_END, chunk=7) for _ in range(4))
    )
    assert sum(outcomes) == 200
    assert sorted(subject for _what, subject in scene.told) == list(range(1, 201))
    assert set(PublicationLine.objects.values_list("state", flat=True)) == {"confirmed"}
    assert Publication.objects.get().state == "closed"


def test_an_objection_and_the_end_at_the_same_moment(committed_village, scene):
    village = committed_village
    publication = village.publish()
    line = publication.lines.get(position=1)
    filed, _closed = at_once(
        lambda: object_to_line(
            actor=village.villager(village.households[1]), line_id=line.pk, grounds_code="other", request_key=uuid4(),
            at=AFTER_END - timedelta(seconds=1),
        ),
        lambda: close_lines_of(publication_id=publication.pk, at=AFTER_END),
    )  # fmt: skip
    line.refresh_from_db()
    if isinstance(filed, Objection):
        assert line.state == "objected"
        assert ("effective", 1) not in scene.told
    else:
        assert line.state == "confirmed"
        assert scene.told.count(("effective", 1)) == 1


def test_two_who_answer_at_once(committed_village, scene):
    village = committed_village
    line = village.publish().lines.get(position=1)
    objection = object_to_line(
        actor=village.villager(village.households[1]),
        line_id=line.pk,
        grounds_code="other",
        request_key=uuid4(),
        at=NOON,
    )
    council, clerk = village.council, village.clerk
    outcomes = at_once(
        lambda: decide_objection(
            actor=council, objection_id=objection.pk, outcome="upheld", reason_code="other", at=NOON
        ),
        lambda: decide_objection(
            actor=clerk, objection_id=objection.pk, outcome="dismissed", reason_code="no_ground", at=NOON
        ),
    )
    assert sorted(type(o).__name__ for o in outcomes) == ["Objection", "StateHasMoved"]
    assert [o for o in outcomes if isinstance(o, StateHasMoved)]
    line.refresh_from_db()
    told = {what for what, _subject in scene.told}
    assert (line.state, told) in (("removed", {"objected", "removed"}), ("listed", {"objected", "restored"}))
