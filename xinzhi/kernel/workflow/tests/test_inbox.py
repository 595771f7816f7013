"""One inbox: mine, soonest first, quick, and honest about what I cannot decide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from xinzhi.kernel.foundation.actors import NOBODY, SYSTEM, Actor, Grant
from xinzhi.kernel.foundation.paging import CursorNotUnderstood
from xinzhi.kernel.workflow import ports
from xinzhi.kernel.workflow.deadlines import last_day
from xinzhi.kernel.workflow.lifecycle import Presented
from xinzhi.kernel.workflow.models import Task
from xinzhi.kernel.workflow.queries.inbox import InboxFilters, inbox, statement
from xinzhi.kernel.workflow.services import advance, start, start_many
from xinzhi.kernel.workflow.tests.cases import FAVOUR, MONDAY, favour, officer, villager

pytestmark = pytest.mark.django_db
CLERK = officer(11)


def begin(at=MONDAY, actor=None, action="", **values):
    return start(favour(**values), lifecycle=FAVOUR, actor=actor or villager(21, 7), at=at, action=action)


def subjects(actor, **filters):
    cursor, found = filters.pop("cursor", None), []
    page = inbox(actor, at=MONDAY, cursor=cursor, filters=InboxFilters(**filters))
    found += [item.subject_id for item in page.items]
    return found


def test_it_holds_what_the_actor_owns_where_he_owns_it(places):
    here, neighbour, elsewhere = begin(), begin(village=2), begin(village=3)
    assert subjects(CLERK) == [here.pk]
    assert subjects(officer(11, village=9)) == [here.pk, neighbour.pk]
    assert subjects(officer(11, village=0)) == [here.pk, neighbour.pk, elsewhere.pk]
    assert subjects(SYSTEM) == [here.pk, neighbour.pk, elsewhere.pk]
    assert subjects(officer(11, permissions=frozenset({"favour.confirm"}))) == []
    assert subjects(villager(21, 7)) == []
    assert subjects(NOBODY) == []


def test_it_is_ordered_by_deadline_and_pages_without_gap_or_repeat(places):
    later = begin(at=MONDAY + timedelta(days=3))
    same = [begin() for _ in range(5)]
    seen, cursor = [], None
    for _turn in range(10):
        page = inbox(CLERK, at=MONDAY, cursor=cursor, limit=2)
        seen += [i.subject_id for i in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [*(s.pk for s in same), later.pk]


def test_a_task_held_by_role_and_household_comes_once(places):
    begin()
    both = Actor(
        user_id=1, person_id=5, household_ids=(7,), own_permissions=frozenset({"favour.check"}),
        grants=(Grant("clerk", 1, "9/1/", frozenset({"favour.check"})),),
    )  # fmt: skip
    assert len(inbox(both, at=MONDAY).items) == 1


def test_what_i_cannot_decide_is_marked_and_can_be_left_out(places):
    mine = begin(actor=CLERK, action="entered")
    own = begin(household=55)
    free = begin()
    clerk = officer(11, household_ids=(55,))
    items = {i.subject_id: i for i in inbox(clerk, at=MONDAY).items}
    assert "A second person is needed" in items[mine.pk].barred
    assert "own household" in items[own.pk].barred
    assert items[free.pk].barred == ""
    assert subjects(clerk, actionable=True) == [free.pk]


def test_what_a_clock_does_stays_out_until_it_is_overdue(places):
    from xinzhi.kernel.workflow.services import escalate_overdue

    case = begin()
    advance(case, "check", actor=CLERK, at=MONDAY)
    advance(case, "confirm", actor=officer(12), at=MONDAY)
    assert subjects(CLERK) == []
    escalate_overdue(at=MONDAY + timedelta(days=9))
    assert subjects(CLERK) == [case.pk]


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({"lifecycle": "tests.favour"}, ["old", "here", "there"]),
        ({"lifecycle": "tests.other"}, []),
        ({"village_id": 2}, ["there"]),
        ({"village_id": 3}, []),
        ({"overdue": True}, ["old"]),
        ({"overdue": True, "village_id": 2}, []),
    ],
)
def test_filters_narrow_within_what_is_mine(places, filters, wanted):
    cases = {"old": begin(at=MONDAY - timedelta(days=20)), "here": begin(), "there": begin(village=2)}
    begin(village=3)
    assert subjects(officer(11, village=9), **filters) == [cases[name].pk for name in wanted]


def test_scenes_name_their_cases_all_at_once(places):
    asked = []

    def present_many(ids, *, actor):
        asked.append(list(ids))
        return {pk: Presented(title=f"Favour {pk}", warning="look twice") for pk in ids[:1]}

    ports.register(FAVOUR.name, ports.Port(present_many=present_many))
    first, second = begin(), begin()
    items = inbox(CLERK, at=MONDAY).items
    assert asked == [[first.pk, second.pk]]
    assert [i.title for i in items] == [f"Favour {first.pk}", f"Favour no. {second.pk}"]


@pytest.mark.parametrize(
    "cursor", ["x", "WzFd", "WyJub25zZW5zZSIsMV0", "WyIyMDI2LTAxLTAxIiwiYSJd", "W251bGwsbnVsbF0"]
)
def test_a_forged_cursor_is_a_sentence(places, cursor):
    begin()
    with pytest.raises(CursorNotUnderstood):
        inbox(CLERK, at=MONDAY, cursor=cursor)


def bulk_tasks(count, first=1):
    """Open tasks spread over two villages, written straight into the table."""
    with connection.cursor() as db:
        db.execute(
            """INSERT INTO workflow_task (lifecycle, subject_id, level, state, village_id, household_id, permission,
                   opened_at, due_at, waiting, overdue_since, barred_keys, recuses)
               SELECT 'tests.favour', g, 0, 'claimed', 1 + g %% 2, g %% 1900, 'favour.check', now(),
                      %s::timestamptz + (g || ' seconds')::interval, false, NULL, '{}', true
               FROM generate_series(%s, %s) g""",
            [MONDAY, first, first + count - 1],
        )
        db.execute("ANALYZE workflow_task")


def queries_for(actor):
    with CaptureQueriesContext(connection) as seen:
        page = inbox(actor, at=MONDAY, limit=50)
    assert len(page.items) == 50
    return len(seen)


def test_the_number_of_queries_does_not_grow_with_the_inbox(places):
    start_many([favour() for _ in range(60)], lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)
    before = queries_for(CLERK)
    bulk_tasks(2000, first=10_000_000)
    assert queries_for(CLERK) == before <= 8


@pytest.mark.parametrize("village", [1, 9, 0])
def test_the_inbox_reads_index_ranges_only_at_100_000_tasks(places, village):
    bulk_tasks(100_000)
    sql, values = statement(
        officer(11, village=village), at=MONDAY, cursor=None, limit=50, filters=InboxFilters()
    )
    with connection.cursor() as db:
        db.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", values)
        plan = db.fetchone()[0][0]["Plan"]
    nodes = list(walk(plan))
    assert not [n for n in nodes if n["Node Type"] == "Seq Scan"]
    assert max(n["Actual Rows"] * n["Actual Loops"] for n in nodes if "Relation Name" in n) <= 51 * 2 * 3
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 1500


def test_a_county_with_hundreds_of_villages_reads_one_range_for_each_permission(places):
    from xinzhi.kernel.regions.models import Region

    rows = [
        Region(
            id=i, level="village", name=f"V{i}", parent_id=9, scope_path=f"9/{i}/", active_from="2000-01-01"
        )
        for i in range(100, 300)
    ]
    Region.objects.bulk_create(rows)
    bulk_tasks(20_000)
    Task.objects.filter(subject_id__lte=50).update(village_id=150)
    officer_of_county = officer(11, village=9)
    assert queries_for(officer_of_county) <= 8
    page = inbox(officer_of_county, at=MONDAY, limit=60)
    assert {i.village_id for i in page.items[:50]} == {150}
    assert [i.subject_id for i in page.items] == list(range(1, 61))


def walk(node):
    yield node
    for child in node.get("Plans", []):
        yield from walk(child)


def test_the_last_day_is_the_one_people_say(places):
    """Three working days after Monday: Thursday is the last, though the clock ends as Friday begins."""
    begin()
    assert str(inbox(CLERK, at=MONDAY).items[0].last_day) == "2026-03-05"
    assert last_day(MONDAY) is None
