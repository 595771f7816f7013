"""The pages do what the services promise, for the volunteer, the office and whoever holds a certificate."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.identity.models import User
from xinzhi.scenes.volunteering.codes import code_of
from xinzhi.scenes.volunteering.models import Activity, Certificate, Hours, SignUp
from xinzhi.scenes.volunteering.tests.conftest import END, INSURANCE, START


def browser(actor) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(
        User.objects.get(pk=actor.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def test_from_the_plan_over_sign_up_and_code_to_a_certificate(place):
    clerk, council, volunteer = (browser(a) for a in (place.clerk, place.council, place.volunteers[0]))
    form = {
        "village": place.village.pk, "title": "清理河道", "place": "文化礼堂", "starts": "2026-11-23T14:00",
        "ends": "2026-11-23T17:00", "places": "2", "roles": "引导，清扫", "insurance": INSURANCE, "request_key": str(uuid4()),
    }  # fmt: skip
    assert clerk.post("/volunteering/plan/", form).status_code == 302
    assert clerk.post("/volunteering/plan/", form).status_code == 302  # a double click
    activity = Activity.objects.get()
    assert (activity.roles, activity.starts_at, activity.ends_at) == (["引导", "清扫"], START, END)
    run = f"/volunteering/run/{activity.pk}/"
    assert clerk.post(f"{run}move/", {"action": "open"}).status_code == 302
    assert "清理河道" in volunteer.get("/volunteering/mine/").content.decode()
    page = volunteer.get(f"/volunteering/activities/{activity.pk}/").content.decode()
    assert INSURANCE in page
    sent = {"person": place.person(), "role": "清扫"}
    assert volunteer.post(f"/volunteering/activities/{activity.pk}/sign-up/", sent).status_code == 302

    with clock.fixed(START):
        assert "data:image/svg" in clerk.get(f"{run}code/").content.decode()
        token, _until = code_of(activity, at=START)
        assert volunteer.get(f"/volunteering/in/{token}/").status_code == 200
        sent = {"person": place.person(), "way": "in"}
        assert volunteer.post(f"/volunteering/in/{token}/", sent).status_code == 302
    with clock.fixed(END):
        expired = volunteer.get(f"/volunteering/in/{token}/")
        assert expired.status_code == 409 and "14:10" in expired.content.decode()
        token, _until = code_of(activity, at=END)
        answer = volunteer.post(f"/volunteering/in/{token}/", sent | {"way": "out"}, follow=True)
        assert "3" in answer.content.decode()
        hours = Hours.objects.get()
        for somebody in (clerk, council):
            assert somebody.post(f"{run}confirm/", {"hours": hours.pk}).status_code == 302
        hours.refresh_from_db()
        assert (hours.state, hours.hours_tenths) == ("confirmed", 30)
        page = volunteer.get("/volunteering/hours/").content.decode()
        assert re.search(r'data-testid="hours">3<', page)
        sent = {"person": place.person(), "until": "2026-11-23", "request_key": str(uuid4())}
        paper = volunteer.post("/volunteering/certificates/", sent, follow=True).content.decode()
    issued = Certificate.objects.get()
    assert f"{issued.code[:4]}-{issued.code[4:8]}-{issued.code[8:]}" in paper

    public = Client(headers={"accept-language": "zh-hans"}).get(
        "/volunteering/verify/", {"code": issued.code}
    )
    said = public.content.decode()
    assert public.status_code == 200 and "大里村" in said and "2026-11-23" in said
    for personal in ("李试样", "试样", "DL0001", "清理河道"):
        assert personal not in said
    assert Client().get("/volunteering/verify/", {"code": "AAAABBBBCCCC"}).status_code == 404
    assert Client().get("/volunteering/verify/", {"code": "龖%"}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("starts", "morgen"),
        ("ends", "2026-11-23"),
        ("places", "viele"),
        ("places", ""),
        ("title", ""),
        ("insurance", ""),
    ],
)
def test_a_refused_plan_keeps_what_was_typed(place, field, value):
    clerk = browser(place.clerk)
    form = {
        "village": place.village.pk, "title": "清理河道", "place": "文化礼堂", "starts": "2026-11-23T14:00",
        "ends": "2026-11-23T17:00", "places": "2", "roles": "", "insurance": INSURANCE,
    }  # fmt: skip
    answer = clerk.post("/volunteering/plan/", form | {field: value})
    assert answer.status_code == 422
    assert 'class="field-error"' in answer.content.decode() and "文化礼堂" in answer.content.decode()
    assert not Activity.objects.exists()


def test_office_and_volunteer_put_a_record_right_or_read_it(place):
    hours = place.confirmed()
    clerk, volunteer = browser(place.clerk), browser(place.volunteers[0])
    page = f"/volunteering/hours/{hours.pk}/"
    with clock.fixed(END):
        assert volunteer.get(page).status_code == 200
        assert clerk.get(page).status_code == 200
        assert browser(place.volunteers[1]).get(page).status_code == 404
        sent = {"came": "2026-11-23T14:00", "left": "2026-11-23T18:00", "reason_code": "time_wrong"}
        assert clerk.post(f"{page}correct/", sent).status_code == 422
        assert clerk.post(f"{page}correct/", sent | {"left": "2026-11-23T15:00"}).status_code == 302
        hours.refresh_from_db()
        assert (hours.state, hours.hours_tenths) == ("recorded", 10)
        assert clerk.post(f"{page}withdraw/", {"reason_code": "not_there"}).status_code == 302
        assert volunteer.post(f"{page}withdraw/", {"reason_code": "not_there"}).status_code == 403


def test_inbox_shows_and_confirms_hours(place):
    hours = place.served()
    clerk = browser(place.clerk)
    with clock.fixed(END):
        assert "清理河道" in clerk.get("/workflow/inbox/").content.decode()
        answer = clerk.post(
            f"/workflow/volunteering.hours/{hours.pk}/confirm_first/", {"request_key": str(uuid4())}
        )
        assert answer.status_code < 400
    hours.refresh_from_db()
    assert hours.state == "once"


def test_pages_ask_the_database_a_constant_number_of_times(place, django_assert_max_num_queries):
    activity = place.plan(places=50)
    for number in range(3):
        place.sign_up(activity, number)
    clerk = browser(place.clerk)
    clerk.get(f"/volunteering/run/{activity.pk}/")
    with django_assert_max_num_queries(22):
        clerk.get(f"/volunteering/run/{activity.pk}/")
    assert SignUp.objects.count() == 3


def test_the_household_sees_who_looked_and_takes_its_hours_along(place):
    from xinzhi.scenes.volunteering import holdings

    hours = place.confirmed()
    (row,) = holdings.hours(actor=place.volunteers[0], household_id=place.households[0].pk, at=END)
    assert 3.0 in row.values() and hours.activity.title in row.values()
