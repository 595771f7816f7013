"""A case moves only as declared, by whom it may, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.foundation.clock import start_of_day
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.workflow.errors import (
    FourEyes,
    NoteTooLong,
    OwnHousehold,
    ReasonNeeded,
    ReasonUnknown,
    RequestKeyReused,
    StateHasMoved,
    UnknownAction,
)
from xinzhi.kernel.workflow.models import Note, Step, Task
from xinzhi.kernel.workflow.services import advance, erase_notes, start
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

CLERK, SECOND = officer(11), officer(12)
pytestmark = pytest.mark.django_db


@pytest.fixture
def claimed(places):
    return start(favour(), lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)


def test_a_new_case_has_a_state_a_step_a_task_and_an_audit_row(claimed):
    task, step = Task.objects.get(), Step.objects.get()
    assert (claimed.state, claimed.state_since) == ("claimed", MONDAY)
    assert (task.permission, task.village_id, task.household_id, task.barred_keys) == (
        "favour.check",
        1,
        7,
        ["person:21"],
    )
    # three working days after Monday are over when Friday begins
    assert task.due_at == start_of_day(date(2026, 3, 6))
    assert (step.action, step.from_state, step.to_state, step.person_key) == (
        "claimed",
        "",
        "claimed",
        "person:21",
    )
    assert Record.objects.filter(action="tests.favour.claimed", household_id=7).count() == 1


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (CLERK, None),
        (officer(11, village=9), None),
        (officer(11, village=2), NotFound),
        (officer(11, permissions=frozenset()), Forbidden),
        (villager(22, 8), Forbidden),
        (officer(21), FourEyes),
        (officer(11, household_ids=(7,)), OwnHousehold),
        (officer(11, proxy_for_household_id=7), OwnHousehold),
        (SYSTEM, None),
    ],
)
def test_who_may_check(claimed, actor, refusal):
    before = Step.objects.count(), Record.objects.count()
    assert attempt(advance, claimed, "check", actor=actor, at=MONDAY) is refusal
    claimed.refresh_from_db()
    if refusal is None:
        assert claimed.state == "checked"
        assert (Step.objects.count(), Record.objects.count()) == (before[0] + 1, before[1] + 1)
    else:
        assert claimed.state == "claimed"
        assert (Step.objects.count(), Record.objects.count()) == before


def test_somebody_of_the_household_is_found_by_its_membership(claimed):
    from xinzhi.kernel.residents.models import Household, Membership, Person

    day = date(2020, 1, 1)
    household = Household.objects.create(village_id=1, household_no="7", source="test", active_from=day)
    person = Person.objects.create(source="test", recorded_at=MONDAY)
    Membership.objects.create(
        household=household, person=person, relation_code="02", source="test", active_from=day
    )
    case = start(
        favour(household=household.pk), lifecycle=FAVOUR, actor=villager(21, household.pk), at=MONDAY
    )
    assert attempt(advance, case, "check", actor=officer(person.pk), at=MONDAY) is OwnHousehold


def test_a_member_who_left_may_decide(claimed):
    from xinzhi.kernel.residents.models import Household, Membership, Person

    household = Household.objects.create(
        village_id=1, household_no="7", source="test", active_from=date(2020, 1, 1)
    )
    person = Person.objects.create(source="test", recorded_at=MONDAY)
    Membership.objects.create(
        household=household, person=person, relation_code="02", source="test",
        active_from=date(2020, 1, 1), active_to=date(2025, 1, 1),
    )  # fmt: skip
    case = start(
        favour(household=household.pk), lifecycle=FAVOUR, actor=villager(21, household.pk), at=MONDAY
    )
    assert attempt(advance, case, "check", actor=officer(person.pk), at=MONDAY) is None


def test_each_permission_of_a_table_opens_only_its_own_rows(places):
    by_council = start(favour(checked_by="council"), lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)
    unknown = start(favour(checked_by="nobody"), lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)
    for case in (by_council, unknown):
        advance(case, "check", actor=CLERK, at=MONDAY)
    clerk = officer(13, permissions=frozenset({"favour.confirm"}))
    council = officer(14, permissions=frozenset({"favour.confirm_as_council"}))
    assert attempt(advance, by_council, "confirm", actor=clerk, at=MONDAY) is Forbidden
    assert attempt(advance, unknown, "confirm", actor=council, at=MONDAY) is Forbidden
    assert attempt(advance, by_council, "confirm", actor=council, at=MONDAY) is None


def test_the_next_task_replaces_the_last_and_the_end_leaves_none(claimed):
    advance(claimed, "check", actor=CLERK, at=MONDAY + timedelta(days=10))
    task = Task.objects.get()
    assert (task.state, task.permission, task.barred_keys) == ("checked", "favour.confirm", ["person:11"])
    assert task.due_at == start_of_day(date(2026, 3, 18))
    assert Step.objects.latest("id").was_due_at == start_of_day(date(2026, 3, 6))
    advance(claimed, "confirm", actor=SECOND, at=MONDAY, due_at=MONDAY + timedelta(days=7))
    assert Task.objects.get().due_at == MONDAY + timedelta(days=7)
    assert Task.objects.get().waiting
    advance(claimed, "finish", actor=SYSTEM, at=MONDAY)
    assert not Task.objects.exists()
    advance(claimed, "reopen", actor=CLERK, at=MONDAY, note="a new photo turned up")
    assert Task.objects.get().state == "claimed"


def test_four_eyes_names_what_the_person_did(claimed):
    advance(claimed, "check", actor=CLERK, at=MONDAY)
    with pytest.raises(FourEyes, match="checked"):
        advance(claimed, "confirm", actor=CLERK, at=MONDAY)


def test_the_same_person_behind_another_login_is_still_the_same(claimed):
    advance(claimed, "check", actor=CLERK, at=MONDAY)
    other_login = replace(CLERK, user_id=999, channel="api")
    assert attempt(advance, claimed, "confirm", actor=other_login, at=MONDAY) is FourEyes


def test_what_has_moved_is_told_with_what_happened(claimed):
    advance(claimed, "refuse", actor=CLERK, at=MONDAY, reason_code="twice")
    with pytest.raises(StateHasMoved) as told:
        advance(claimed, "check", actor=SECOND, at=MONDAY)
    assert str(told.value) == (
        "“Check” is no longer possible: “refused” on 03-02 09:00 brought this to “refused”. "
        "Reload the page to see what can be done now."
    )


def test_a_guard_refuses_with_its_own_sentence(places):
    odd = start(favour(checked_by="odd"), lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)
    assert attempt(advance, odd, "check", actor=CLERK, at=MONDAY) is OddFavour


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({}, ReasonNeeded),
        ({"note": "only words"}, ReasonNeeded),
        ({"reason_code": "weather"}, ReasonUnknown),
        ({"reason_code": "twice", "note": "x" * 2001}, NoteTooLong),
        ({"reason_code": "twice", "note": "see photo 3"}, None),
    ],
)
def test_a_return_needs_one_of_its_reasons(claimed, values, refusal):
    assert attempt(advance, claimed, "refuse", actor=CLERK, at=MONDAY, **values) is refusal


def test_an_unknown_action_is_a_sentence(claimed):
    with pytest.raises(UnknownAction, match="“fly” is not a step of Favour"):
        advance(claimed, "fly", actor=CLERK, at=MONDAY)


def test_the_same_request_returns_the_first_step(claimed):
    request = key()
    first = advance(claimed, "check", actor=CLERK, at=MONDAY, request_key=request)
    again = advance(claimed, "check", actor=CLERK, at=MONDAY + timedelta(hours=1), request_key=request)
    assert again == first
    assert (Step.objects.count(), Record.objects.count()) == (2, 2)


def test_a_request_key_serves_one_step_of_one_person(claimed):
    request = key()
    advance(claimed, "check", actor=CLERK, at=MONDAY, request_key=request)
    assert (
        attempt(advance, claimed, "confirm", actor=SECOND, at=MONDAY, request_key=request) is RequestKeyReused
    )
    assert (
        attempt(advance, claimed, "check", actor=SECOND, at=MONDAY, request_key=request) is RequestKeyReused
    )


def test_a_refused_step_leaves_the_caller_in_its_old_state(claimed):
    attempt(advance, claimed, "check", actor=officer(21), at=MONDAY)
    assert claimed.state == "claimed"


def test_notes_can_be_erased_and_the_steps_stay(claimed):
    advance(
        claimed, "refuse", actor=CLERK, at=MONDAY, reason_code="twice", note="Zhang San claimed it last week"
    )
    assert erase_notes(actor=SYSTEM, household_id=7, at=MONDAY) == 1
    assert erase_notes(actor=SYSTEM, household_id=7, at=MONDAY) == 0
    assert Note.objects.get().text == ""
    assert Step.objects.count() == 2


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_a_step(claimed, change):
    steps = Step.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        steps.update(action="forged") if change == "update" else steps._raw_delete("default")


def test_a_case_that_is_gone_is_not_found(claimed):
    Favour.objects.all().delete()
    ghost = Favour(pk=claimed.pk, state="claimed", state_since=MONDAY, village_id=1)
    assert attempt(advance, ghost, "check", actor=CLERK, at=MONDAY) is NotFound
