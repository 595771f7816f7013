"""Ten thousand rows take as many statements as ten, and each refused one has its reason."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.workflow.errors import FourEyes, OwnHousehold, StateHasMoved, TooManyAtOnce
from xinzhi.kernel.workflow.models import Note, Step, Task
from xinzhi.kernel.workflow.services import advance, advance_many, start, start_many
from xinzhi.kernel.workflow.tests.cases import (
    FAVOUR,
    MONDAY,
    Favour,
    OddFavour,
    attempt,
    favour,
    key,
    officer,
    villager,
)

pytestmark = pytest.mark.django_db


def many(count, **values):
    cases = [favour(**values) for _ in range(count)]
    return [c.pk for c in start_many(cases, lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)]


def test_each_refused_row_names_its_own_reason_and_the_others_move(places):
    good = many(3)
    elsewhere = many(1, village=3)
    own = many(1, household=55)
    odd = many(1, checked_by="odd")
    entered = start(favour(), lifecycle=FAVOUR, actor=officer(11), at=MONDAY, action="entered").pk
    gone = start(favour(), lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)
    advance(gone, "check", actor=officer(12), at=MONDAY)
    clerk = officer(11, household_ids=(55,))
    ids = [*good, *elsewhere, *own, *odd, entered, gone.pk, 10**9]
    moved = advance_many(FAVOUR, ids, "check", actor=clerk, at=MONDAY)
    assert moved.advanced == good
    assert {pk: type(r) for pk, r in moved.refused.items()} == {
        elsewhere[0]: NotFound,
        own[0]: OwnHousehold,
        odd[0]: OddFavour,
        entered: FourEyes,
        gone.pk: StateHasMoved,
        10**9: NotFound,
    }
    assert "checked" in str(moved.refused[gone.pk])
    assert set(Favour.objects.filter(state="checked").values_list("pk", flat=True)) == {*good, gone.pk}


def test_without_row_refusals_nothing_moves(places):
    ids = [*many(2), *many(1, checked_by="odd")]
    refusal = attempt(
        advance_many, FAVOUR, ids, "check", actor=officer(11), at=MONDAY, per_row_refusals=False
    )
    assert refusal is OddFavour
    assert Favour.objects.filter(state="claimed").count() == 3


def test_a_stranger_learns_nothing_from_many(places):
    ids = many(2)
    moved = advance_many(FAVOUR, ids, "check", actor=officer(11, permissions=frozenset()), at=MONDAY)
    assert {type(r) for r in moved.refused.values()} == {Forbidden}


def statements(act):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        act()
    return len([q for q in seen.captured_queries if "SAVEPOINT" not in q["sql"]])


@pytest.mark.parametrize("note", ["", "seen at the bridge"])
def test_the_number_of_statements_does_not_grow(places, note):
    few, lots = many(3), many(10_000)
    both = {}
    for name, ids in (("few", few), ("lots", lots)):
        both[name] = statements(
            lambda ids=ids: advance_many(
                FAVOUR, ids, "check", actor=officer(11), at=MONDAY, note=note, request_key=key()
            )
        )
    assert both["lots"] == both["few"] <= 15
    assert Favour.objects.filter(state="checked").count() == 10_003
    assert Task.objects.filter(state="checked", permission="favour.confirm").count() == 10_003
    assert Step.objects.filter(action="check").count() == 10_003
    assert Note.objects.count() == (10_003 if note else 0)
    audited = (
        Record.objects.filter(action="tests.favour.check").order_by("count").values_list("count", "region_id")
    )
    assert list(audited) == [(3, 1), (10_000, 1)]


def test_the_same_bulk_request_again_moves_nothing_twice(places):
    ids, request = many(4), key()
    first = advance_many(FAVOUR, ids, "check", actor=officer(11), at=MONDAY, request_key=request)
    again = advance_many(FAVOUR, ids, "check", actor=officer(11), at=MONDAY, request_key=request)
    assert (first.advanced, again.advanced, again.refused) == (ids, ids, {})
    assert Step.objects.filter(action="check").count() == 4


def test_different_owners_go_to_different_inboxes(places):
    ids = [*many(2), *many(2, checked_by="council")]
    advance_many(FAVOUR, ids, "check", actor=officer(11), at=MONDAY)
    owners = Task.objects.order_by("subject_id").values_list("permission", flat=True)
    assert list(owners) == ["favour.confirm"] * 2 + ["favour.confirm_as_council"] * 2


def test_too_many_at_once_is_a_sentence():
    assert attempt(advance_many, FAVOUR, range(50_001), "check", actor=SYSTEM, at=MONDAY) is TooManyAtOnce


def test_nothing_asked_moves_nothing(places):
    moved = advance_many(FAVOUR, [], "check", actor=officer(11), at=MONDAY)
    assert (moved.advanced, moved.refused) == ([], {})
