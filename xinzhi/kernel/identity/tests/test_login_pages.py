from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as conf
from django.contrib.sessions.models import Session
from django.test import Client

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.identity import services
from xinzhi.kernel.identity.tests.conftest import MOTHER, NOON, SON, World, household, staff
from xinzhi.kernel.identity.tests.test_codes import sent_to


def log_in(client: Client, phone: str, target: str = "") -> object:
    client.post("/login/", {"step": "phone", "phone": phone, "next": target})
    return client.post("/login/", {"step": "code", "phone": phone, "code": sent_to(phone), "next": target})


def test_a_villager_logs_in_and_goes_where_he_wanted(world: World) -> None:
    client = Client()
    answer = log_in(client, MOTHER, "/me/who-may-act/?a=b")
    assert (answer.status_code, answer.url) == (302, "/me/who-may-act/?a=b")  # type: ignore[attr-defined]
    assert client.get("/me/who-may-act/").status_code == 200
    assert client.get("/login/").status_code == 302


def test_a_page_after_the_session_ended_leads_back_to_itself(world: World) -> None:
    client = Client()
    answer = client.get("/me/who-may-act/")
    assert answer.url == "/login/?next=%2Fme%2Fwho-may-act%2F"  # type: ignore[attr-defined]
    page = client.get(answer.url).content.decode()  # type: ignore[attr-defined]
    assert 'name="next" value="/me/who-may-act/"' in page


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example",
     "\\\\evil.example", "/login/?next=/", "/logout/", "evil", " //evil.example", "/\t/evil.example", "/\x00"],
)  # fmt: skip
def test_next_never_leaves_this_house(world: World, target: str) -> None:
    answer = log_in(Client(), MOTHER, target)
    assert answer.url == "/"  # type: ignore[attr-defined]


def test_next_to_our_own_host_header_is_refused_too(world: World) -> None:
    client = Client(headers={"host": "evil.example"})
    assert log_in(client, MOTHER, "http://evil.example/x").url == "/"  # type: ignore[attr-defined]


def test_forms_need_the_csrf_token(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    for path in ("/login/", "/login/staff/", "/login/who/", "/logout/", "/me/act-for/", "/keys/"):
        assert client.post(path, {"step": "phone", "phone": MOTHER}).status_code == 403


def test_every_form_on_a_login_page_carries_the_token(world: World) -> None:
    client = Client()
    pages = [
        client.get("/login/"),
        client.get("/login/staff/"),
        client.post("/login/", {"step": "phone", "phone": MOTHER}),
    ]
    for page in pages:
        text = page.content.decode()
        assert text.count('method="post"') == text.count("csrfmiddlewaretoken") >= 1
        assert "style=" not in text and "onclick" not in text


def test_the_session_id_changes_at_login_and_ends_at_logout(world: World) -> None:
    client = Client()
    client.get("/login/")
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    log_in(client, MOTHER)
    assert client.session.session_key != before
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").status_code == 302
    assert client.get("/me/who-may-act/").status_code == 302


def test_sessions_of_villagers_last_longer_than_those_of_staff(world: World) -> None:
    staff("clerk", "village_clerk", world.village)
    phone, desk = Client(), Client()
    log_in(phone, MOTHER)
    desk.post("/login/staff/", {"username": "clerk", "password": "long-enough-7"})
    assert phone.session.get_expiry_age() > 20 * 24 * 3600
    assert desk.session.get_expiry_age() <= 10 * 3600


def test_the_session_table_holds_no_number(world: World) -> None:
    log_in(Client(), MOTHER)
    for session in Session.objects.all():
        assert MOTHER not in str(session.get_decoded())


def test_people_who_share_a_number_say_who_they_are(world: World) -> None:
    shared = household(world.village, "9", "陈老伯", SON)
    client = Client()
    answer = log_in(client, SON)
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert "陈小明" in page and "陈老伯" in page
    assert client.get("/me/who-may-act/").status_code == 302  # not in yet
    not_offered = client.post("/login/who/", {"person": world.mother_person})
    assert not_offered.status_code == 200 and "_auth_user_id" not in client.session
    from xinzhi.kernel.residents.queries import members

    person = members(shared.pk)[0].person_id
    assert client.post("/login/who/", {"person": person, "next": "/x"}).status_code == 302
    assert client.session["_auth_user_id"]


def test_who_one_is_can_be_said_for_five_minutes_only(world: World) -> None:
    household(world.village, "9", "陈老伯", SON)
    client = Client()
    log_in(client, SON)
    with clock.fixed(NOON + timedelta(minutes=6)):
        assert client.post("/login/who/", {"person": world.son_person}).status_code == 422
    assert Client().post("/login/who/", {"person": world.son_person}).status_code == 422


def test_staff_log_in_by_password_and_guessing_is_stopped(world: World) -> None:
    staff("clerk", "village_clerk", world.village)
    client = Client()
    for _ in range(conf.AXES_FAILURE_LIMIT - 1):
        answer = client.post("/login/staff/", {"username": "clerk", "password": "wrong"})
        assert (answer.status_code, "clerk" in answer.content.decode()) == (422, True)
    assert client.post("/login/staff/", {"username": "clerk", "password": "wrong"}).status_code == 429
    assert client.post("/login/staff/", {"username": "clerk", "password": "long-enough-7"}).status_code == 429
    # somebody else at another desk is not locked out with him
    other = Client(REMOTE_ADDR="10.9.9.9")
    assert other.post("/login/staff/", {"username": "clerk", "password": "long-enough-7"}).status_code == 302


def test_odd_input_at_the_staff_login_is_refused_calmly(world: World) -> None:
    for name in ("", "\x00", "x" * 500, "<script>alert(1)</script>"):
        answer = Client().post("/login/staff/", {"username": name, "password": "p\x00"})
        assert answer.status_code == 422
        assert "<script>alert" not in answer.content.decode()


def test_a_closed_login_cannot_log_in_and_its_session_is_worth_nothing(world: World) -> None:
    user = staff("clerk", "village_clerk", world.village)
    client = Client()
    client.post("/login/staff/", {"username": "clerk", "password": "long-enough-7"})
    assert client.get("/me/who-may-act/").status_code == 200
    services.deactivate_user(actor=SYSTEM, user_id=user.pk)
    assert client.get("/me/who-may-act/").status_code == 302
    again = Client().post("/login/staff/", {"username": "clerk", "password": "long-enough-7"})
    assert again.status_code == 422
