"""Nothing dies silently: the level above hears of it, once each, in order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from xinzhi.kernel.workflow.models import Task
from xinzhi.kernel.workflow.queries import inbox
from xinzhi.kernel.workflow.services import advance, escalate_overdue, start, start_many
from xinzhi.kernel.workflow.tests.cases import FAVOUR, MONDAY, favour, officer, villager

pytestmark = pytest.mark.django_db
TOWNSHIP = officer(31, village=9, permissions=frozenset({"workflow.overdue.township"}))
COUNTY = officer(32, village=0, permissions=frozenset({"workflow.overdue.county"}))
LATE = MONDAY + timedelta(days=4)


@pytest.fixture
def claimed(places):
    return start(favour(), lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)


def levels():
    return list(Task.objects.order_by("level").values_list("level", "permission"))


def test_in_time_nobody_is_told(claimed):
    assert escalate_overdue(at=MONDAY + timedelta(days=3)) == 0
    assert levels() == [(0, "favour.check")]


def test_the_levels_are_told_one_after_the_other_and_once(claimed):
    assert escalate_overdue(at=LATE) == 1
    assert escalate_overdue(at=LATE) == 0
    assert [i.subject_id for i in inbox(TOWNSHIP, at=LATE).items] == [claimed.pk]
    assert inbox(COUNTY, at=LATE).items == []
    much_later = LATE + timedelta(days=20)
    assert escalate_overdue(at=much_later) == 1
    assert escalate_overdue(at=much_later) == 0
    assert levels() == [
        (0, "favour.check"), (1, "workflow.overdue.township"), (2, "workflow.overdue.county"),
    ]  # fmt: skip
    item = inbox(COUNTY, at=much_later).items[0]
    assert (item.is_overdue, item.level, item.barred) == (True, 2, "")


def test_the_work_stays_with_its_owner_and_is_shown_as_overdue(claimed):
    escalate_overdue(at=LATE)
    item = inbox(officer(11), at=LATE).items[0]
    assert (item.level, item.is_overdue) == (0, True)


def test_a_step_ends_what_was_told(claimed):
    escalate_overdue(at=LATE)
    advance(claimed, "check", actor=officer(11), at=LATE)
    assert levels() == [(0, "favour.confirm")]
    assert Task.objects.get().overdue_since is None


def test_a_sweep_takes_many_in_chunks(places):
    start_many([favour() for _ in range(25)], lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)
    assert escalate_overdue(at=LATE, limit=10) == 25
    assert Task.objects.filter(level=1).count() == 25
