"""Places are never oversold, who waits moves up, and everybody hears when it does not take place."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import Invalid, NotFound
from xinzhi.kernel.notices.models import Message
from xinzhi.kernel.workflow.errors import StateHasMoved
from xinzhi.kernel.workflow.models import Task
from xinzhi.scenes.volunteering.models import Activity, SignUp
from xinzhi.scenes.volunteering.queries import activities as queries
from xinzhi.scenes.volunteering.services import activities, signing
from xinzhi.scenes.volunteering.services.activities import move_activity
from xinzhi.scenes.volunteering.tests.conftest import END, NOON, START, make_help


def test_a_draft_is_the_offices_own_until_it_is_opened(place):
    planned = place.plan(open_it=False)
    assert queries.activities_of_village(place.village.pk, at=NOON) == []
    with pytest.raises(NotFound):
        queries.activity_for(actor=place.volunteers[0], activity_id=planned.pk)
    with pytest.raises(NotFound):
        place.sign_up(planned)
    move_activity(actor=place.clerk, activity_id=planned.pk, action="open", request_key=uuid4(), at=NOON)

    assert queries.activity_for(actor=place.volunteers[0], activity_id=planned.pk).state == "open"
    assert Task.objects.get(lifecycle="volunteering.activity").due_at == START + timedelta(hours=24)
    with pytest.raises(NotFound):
        queries.activity_for(actor=place.other_clerk, activity_id=planned.pk)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"title": " "}, activities.TextNeeded),
        ({"insurance": ""}, activities.TextNeeded),
        ({"places": 0}, activities.PlacesOutOfRange),
        ({"places": 501}, activities.PlacesOutOfRange),
        ({"ends_at": START}, activities.TimesDoNotFit),
        ({"ends_at": START + timedelta(hours=13)}, activities.TimesDoNotFit),
        ({"starts_at": NOON - timedelta(minutes=1)}, activities.TimesDoNotFit),
        ({"roles": ["引导", "引导"]}, activities.RolesDoNotFit),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(place, changes, refusal):
    with pytest.raises(refusal) as found:
        place.plan(**changes)
    assert isinstance(found.value, Invalid) and found.value.field
    assert not Activity.objects.exists()


def test_the_same_request_plans_once(place):
    key = uuid4()
    first, second = (place.plan(request_key=key, open_it=False) for _each in range(2))
    assert first.pk == second.pk
    with pytest.raises(NotFound):
        place.plan(request_key=key, actor=place.other_clerk, village_id=place.other_village.pk, open_it=False)


def test_the_third_of_two_places_waits_and_moves_up_when_one_signs_off(place):
    activity = place.plan()
    first, second, third = (place.sign_up(activity, n) for n in range(3))
    assert [s.status for s in (first, second, third)] == ["taken", "taken", "waiting"]
    assert queries.place_in_line(third) == 1
    assert place.sign_up(activity, 0).pk == first.pk  # a second time it is the same place

    signing.sign_off(actor=place.volunteers[0], sign_up_id=first.pk, at=NOON)
    signing.sign_off(actor=place.volunteers[0], sign_up_id=first.pk, at=NOON)  # again changes nothing

    third.refresh_from_db()
    activity.refresh_from_db()
    assert (third.status, activity.taken) == ("taken", 2)
    assert set(Message.objects.values_list("template", "person_id")) == {
        ("volunteering.place_free", place.person(2))
    }
    signing.sign_off(actor=place.volunteers[1], sign_up_id=second.pk, at=NOON)
    activity.refresh_from_db()
    assert activity.taken == 1
    assert place.sign_up(activity, 0).status == "taken"  # who signed off may come back


def test_nobody_signs_up_for_another_household_or_its_member(place):
    activity = place.plan()
    with pytest.raises(NotFound):
        place.sign_up(activity, 0, household_id=place.households[1].pk)
    with pytest.raises(signing.PersonNotOfHousehold):
        place.sign_up(activity, 0, person_id=place.person(1))
    with pytest.raises(signing.RoleUnknown):
        place.sign_up(activity, 0, role="指挥")
    signed = place.sign_up(activity, 0, role="清扫")
    with pytest.raises(NotFound):
        signing.sign_off(actor=place.volunteers[1], sign_up_id=signed.pk, at=NOON)
    by_card = place.sign_up(activity, 1, actor=place.clerk.via("card"))
    assert (signed.role, by_card.channel) == ("清扫", "card")


def test_after_the_end_nobody_signs_up(place):
    activity = place.plan()
    with pytest.raises(signing.NotOpen):
        place.sign_up(activity, at=END)


def test_called_off_everybody_signed_up_hears_of_it_once(place):
    activity = place.plan()
    place.sign_up(activity, 0)
    off = place.sign_up(activity, 1)
    signing.sign_off(actor=place.volunteers[1], sign_up_id=off.pk, at=NOON)
    key = uuid4()
    for _again in range(2):
        move_activity(
            actor=place.clerk, activity_id=activity.pk, action="call_off", reason_code="weather", request_key=key, at=NOON
        )  # fmt: skip

    assert list(Message.objects.values_list("template", "person_id")) == [
        ("volunteering.called_off", place.person(0))
    ]
    with pytest.raises(StateHasMoved):
        move_activity(
            actor=place.clerk, activity_id=activity.pk, action="begin", request_key=uuid4(), at=NOON
        )
    with pytest.raises(signing.NotOpen):
        place.sign_up(activity, 2)


def test_an_activity_is_not_finished_before_it_begins(place):
    activity = place.plan()
    with pytest.raises(activities.NotYet):
        move_activity(
            actor=place.clerk, activity_id=activity.pk, action="finish", request_key=uuid4(), at=NOON
        )


@pytest.mark.django_db(transaction=True)
def test_two_at_once_for_the_last_place_and_one_waits(settings, tmp_path):
    settings.STATE_DIR, settings.EVIDENCE_DIR = tmp_path, tmp_path / "evidence"
    with clock.fixed(NOON):
        place = make_help()
        activity = place.plan(places=1)
    begin, found = threading.Barrier(3), []

    def run(number: int) -> None:
        try:
            begin.wait(timeout=20)
            found.append(place.sign_up(activity, number).status)
        except Exception as surprise:  # said below
            found.append(surprise)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(map(str, found)) == ["taken", "waiting", "waiting"]
    activity.refresh_from_db()
    assert (activity.taken, SignUp.objects.filter(status="taken").count()) == (1, 1)
