"""Two people at the same moment, on two connections: one wins, the other reads what happened."""

from __future__ import annotations

import threading

import pytest
from django.db import close_old_connections, connection, transaction

from xinzhi.kernel.workflow.errors import StateHasMoved
from xinzhi.kernel.workflow.models import Step, Task
from xinzhi.kernel.workflow.services import advance, advance_many, escalate_overdue, start, start_many
from xinzhi.kernel.workflow.tests.cases import FAVOUR, MONDAY, Favour, favour, key, officer, villager

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run each act in its own thread and connection, released together; returns result or refusal of each."""
    barrier, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            barrier.wait(timeout=10)
            outcomes[place] = act()
        except Exception as refusal:
            outcomes[place] = refusal
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=(i, act)) for i, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


def fresh(pk):
    return Favour.objects.get(pk=pk)


@pytest.fixture
def claimed(committed_places):
    return start(favour(), lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)


def test_two_clerks_at_the_same_moment(claimed):
    outcomes = at_once(
        lambda: advance(fresh(claimed.pk), "check", actor=officer(11), at=MONDAY),
        lambda: advance(fresh(claimed.pk), "refuse", actor=officer(12), at=MONDAY, reason_code="twice"),
    )
    won = [o for o in outcomes if isinstance(o, Step)]
    lost = [o for o in outcomes if isinstance(o, StateHasMoved)]
    # refusing is also possible after the check: then both went through, one after the other
    if len(won) == 2:
        assert [s.action for s in sorted(won, key=lambda s: s.pk)] == ["check", "refuse"]
    else:
        assert (len(won), len(lost)) == (1, 1)
        assert str(FAVOUR.word_for(won[0].action)) in str(lost[0])
    assert Step.objects.exclude(action="claimed").count() == len(won)


def test_twelve_clerks_check_and_one_does(claimed):
    outcomes = at_once(
        *(
            lambda n=n: advance(
                fresh(claimed.pk), "check", actor=officer(100 + n), at=MONDAY, request_key=key()
            )
            for n in range(12)
        )
    )
    assert sorted(type(o).__name__ for o in outcomes) == ["StateHasMoved"] * 11 + ["Step"]
    assert Task.objects.count() == 1


def test_a_double_click_is_one_step(claimed):
    request = key()
    outcomes = at_once(
        *(
            lambda: advance(fresh(claimed.pk), "check", actor=officer(11), at=MONDAY, request_key=request)
            for _ in range(6)
        )
    )
    assert {o.pk for o in outcomes} == {Step.objects.get(action="check").pk}


def test_bulk_acts_that_overlap_never_deadlock_and_move_each_row_once(committed_places):
    ids = [
        c.pk
        for c in start_many(
            [favour() for _ in range(200)], lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY
        )
    ]
    halves = [ids[:150], list(reversed(ids[50:])), ids[::2], list(reversed(ids))]
    outcomes = at_once(
        *(
            lambda half=half, n=n: advance_many(FAVOUR, half, "check", actor=officer(100 + n), at=MONDAY)
            for n, half in enumerate(halves)
        )
    )
    moved = [pk for outcome in outcomes for pk in outcome.advanced]
    assert sorted(moved) == ids
    assert Step.objects.filter(action="check").count() == 200


def test_two_sweeps_at_once_tell_each_level_once(committed_places):
    from datetime import timedelta

    start_many([favour() for _ in range(60)], lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)
    late = MONDAY + timedelta(days=5)
    outcomes = at_once(*(lambda: escalate_overdue(at=late, limit=7) for _ in range(4)))
    assert sum(outcomes) == 60
    assert Task.objects.filter(level=1).count() == 60


def test_what_rolls_back_leaves_nothing(claimed):
    with pytest.raises(RuntimeError), transaction.atomic():
        advance(claimed, "check", actor=officer(11), at=MONDAY, note="never")
        raise RuntimeError
    assert fresh(claimed.pk).state == "claimed"
    assert (Step.objects.count(), Task.objects.get().state) == (1, "claimed")
