"""The page and the API do the same thing; strangers and neighbours get nothing."""

from __future__ import annotations

from uuid import uuid4

from django.test import Client

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.scenes._example.models import Entry

PAGE = "/example/"
API = "/api/v1/example/entries"


def form(clerk, **changed):
    today = clock.today().isoformat()
    return {"village": clerk.village.pk, "title": "路灯", "noted_on": today, "request_key": uuid4()} | changed


def test_clerk_notes_something_and_finds_it_on_the_page(clerk):
    answer = clerk.client.post(PAGE, form(clerk, title="<b>路灯</b>"), follow=True)

    assert answer.status_code == 200
    assert "&lt;b&gt;路灯&lt;/b&gt;" in answer.content.decode()
    assert "<b>路灯</b>" not in answer.content.decode()


def test_double_click_notes_once(clerk):
    sent = form(clerk)
    clerk.client.post(PAGE, sent)
    clerk.client.post(PAGE, sent)

    assert Entry.objects.count() == 1


def test_refused_form_keeps_what_was_typed_and_says_why(clerk):
    answer = clerk.client.post(PAGE, form(clerk, noted_on="yesterday"))

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "路灯" in text and "yesterday" in text
    assert Entry.objects.count() == 0


def test_neighbour_sees_nothing_of_it(clerk, neighbour):
    clerk.client.post(PAGE, form(clerk, title="只在大里"))

    assert "只在大里" in clerk.client.get(PAGE).content.decode()
    assert "只在大里" not in neighbour.client.get(PAGE).content.decode()
    assert neighbour.client.get(API).json()["items"] == []


def test_stranger_is_sent_to_the_login(db):
    assert Client().get(PAGE).status_code in (302, 401, 403)
    assert Client().get(API).status_code == 401


def test_page_rests_where_the_scene_is_switched_off(clerk):
    assembly.switch_scene(
        actor=SYSTEM, slug="example", region_id=clerk.village.pk, enabled=False, at=clock.now()
    )

    assert clerk.client.get(PAGE).status_code == 409
    assert clerk.client.get(API).status_code == 409
