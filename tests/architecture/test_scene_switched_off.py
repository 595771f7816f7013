"""The largest scene, off in one village: every page and API call says so there, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from xinzhi.config.api import api
from xinzhi.kernel.assembly import registry
from xinzhi.kernel.assembly.errors import SwitchedOff
from xinzhi.kernel.assembly.services import switch_scene
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents
from xinzhi.scenes.governance_points.services import charter, claims, publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, RULES, TODAY, Place, make_place

SCENE = "governance_points"


@dataclass
class House:
    place: Place

    def switch(self, region: Region, on: bool) -> None:
        switch_scene(actor=SYSTEM, slug=SCENE, region_id=region.pk, enabled=on, at=NOON)


@pytest.fixture
def house(db: None) -> Iterator[House]:
    registry.forget()
    with clock.fixed(NOON):
        yield House(make_place())


def client_of(actor: Actor) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(
        User.objects.get(pk=actor.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def someone_of(place: Place) -> Actor:
    """A villager of the other village."""
    head = residents.head_ids([place.stranger.pk])[place.stranger.pk]
    return actor_of(identity.login_of_person(head, at=NOON), "phone")


#: Every route of the scene with something in the place of its arguments; the switch is asked before them.
PAGES = [
    f"/{SCENE}/" + re.sub(r"<str:\w+>", "C01", re.sub(r"<int:\w+>", "1", str(pattern.pattern)))
    for pattern in next(p for p in get_resolver().url_patterns if getattr(p, "namespace", "") == SCENE).url_patterns
]  # fmt: skip
CALLS = [
    (
        method,
        re.sub(r"\{\w+\}", "1", path),
        "multipart" in str(said.get("requestBody", "")),
    )
    for path, methods in api.get_openapi_schema()["paths"].items()
    if path.startswith("/api/v1/governance-points/")
    for method, said in methods.items()
]
#: What any of the calls needs, so that it is turned away for the switch and nothing else.
SENT = {
    "village_id": 1, "household_id": 1, "deed_ids": [1], "rule_code": "C01", "done_on": "2026-11-23",
    "reason_code": "entry_wrong", "month": "2026-11-01", "resolution": "1", "active_from": "2026-11-23",
    "description": "清走就好", "meets_at": "2026-11-23T19:00:00", "place": "村委会", "present_user_ids": [1], "votes": [],
    "evidence_ids": [], "name": "月报", "region_id": 1, "year": 2026, "amount_fen": 100_000, "fen_per_point": 100,
    "basis": "村民代表会议决议", "source_code": "collective", "decided_on": "2026-11-23",
    "rows": [], "wanted_from": "2027-01-01", "revision": 1, "keys": [], "notice_on": "2026-11-10", "held_on": "2026-11-23",
    "entitled": 10, "present": 8, "votes_for": 8,
}  # fmt: skip


def call(client: Client, method: str, path: str, is_form: bool) -> HttpResponse:
    headers = {"Idempotency-Key": str(uuid4())}
    if method == "get":
        return client.get(path, {"village_id": 1, "month": "2026-11-01"}, headers=headers)
    if method == "delete":
        return client.delete(path, headers=headers)
    files = {name: SimpleUploadedFile("sheet.csv", "编号,积分\n".encode()) for name in ("sheet", "workbook")}
    data = {**SENT, **files} if is_form else SENT
    kind = {} if is_form else {"content_type": "application/json"}
    return getattr(client, method)(path, data, headers=headers, **kind)


def test_the_routes_are_those_of_the_scene():
    assert len(PAGES) > 20 and len(CALLS) > 10
    assert not [page for page in PAGES if "<" in page] and not [
        path for _m, path, _form in CALLS if "{" in path
    ]


@pytest.mark.parametrize("who", ["villager", "clerk", "inspector"])
def test_people_of_the_village_read_a_sentence_on_every_page_and_call(house, who):
    house.switch(house.place.village, False)
    client = client_of(getattr(house.place, who))

    pages = {page: client.get(page) for page in PAGES}
    calls = {f"{method} {path}": call(client, method, path, form) for method, path, form in CALLS}

    open_pages = {
        page: answer.status_code for page, answer in pages.items() if answer.status_code not in (405, 409)
    }
    assert open_pages == {}, "these pages do not ask for the switch"
    said = [answer.content.decode() for answer in pages.values() if answer.status_code == 409]
    assert said and all(
        "is switched off in your area. The county office can switch it on." in text for text in said
    )
    answers = {name: (a.status_code, a.json()["code"]) for name, a in calls.items()}
    wrong = {name: said for name, said in answers.items() if said != (409, "assembly.switched_off")}
    assert wrong == {}


def test_neighbours_and_the_township_notice_nothing(house):
    before = {}
    people = {
        "other clerk": house.place.other_clerk,
        "other villager": someone_of(house.place),
        "township": house.place.township,
    }
    for name, actor in people.items():
        before[name] = [client_of(actor).get(page).status_code for page in PAGES]
    house.switch(house.place.village, False)

    after = {
        name: [client_of(actor).get(page).status_code for page in PAGES] for name, actor in people.items()
    }

    assert after == before
    assert all(409 not in statuses and 200 in statuses for statuses in after.values())


def test_the_menu_loses_its_entries_and_gets_them_back(house):
    place = house.place

    def entries(actor: Actor) -> set[str]:
        found = {i.url_name for a in ("villager", "workbench") for i in registry.menu_for(actor, a)}
        return {name for name in found if name.startswith(f"{SCENE}:")}

    menus = {
        "villager": entries(place.villager),
        "clerk": entries(place.clerk),
        "other": entries(place.other_clerk),
    }
    assert all(menus.values())
    house.switch(place.village, False)
    assert (entries(place.villager), entries(place.clerk), entries(place.other_clerk)) == (
        set(),
        set(),
        menus["other"],
    )
    page = client_of(place.clerk).get("/notices/", follow=True).content.decode()
    assert f'href="{reverse("governance_points:desk-deeds")}"' not in page

    house.switch(place.village, True)
    assert {
        "villager": entries(place.villager),
        "clerk": entries(place.clerk),
        "other": entries(place.other_clerk),
    } == menus
    page = client_of(place.clerk).get("/notices/", follow=True).content.decode()
    assert f'href="{reverse("governance_points:desk-deeds")}"' in page


def test_nothing_new_begins_there_whoever_asks(house):
    """A township officer has other villages where it is on, so his pages open; the service asks for the village."""
    place = house.place
    deed = place.claim("F01")
    house.switch(place.village, False)
    acts = {
        "claim": lambda: place.claim(),
        "preview": lambda: claims.preview_deed(
            actor=place.villager, household_id=place.household.pk, rule_code="C01", done_on=TODAY,
            quantity_tenths=None, grade="", at=NOON,
        ),
        "publish": lambda: publishing.publish_deeds(
            actor=place.clerk, village_id=place.village.pk, request_key=uuid4(), at=NOON
        ),
        "charter": lambda: charter.adopt_charter(
            actor=place.township, village_id=place.village.pk, charter_rules=RULES, resolution="决议2号",
            active_from=TODAY, at=NOON,
        ),
        "verify": lambda: verification.verify_deed(actor=place.council, deed_id=deed.pk, at=NOON),
    }  # fmt: skip
    for name, act in acts.items():
        with pytest.raises(SwitchedOff):
            act()
            pytest.fail(f"{name} went on in a village where the scene is off")
    deed.refresh_from_db()
    assert deed.state == "submitted"

    house.switch(place.village, True)
    assert verification.verify_deed(actor=place.council, deed_id=deed.pk, at=NOON).state == "verified"


def test_what_was_published_before_still_counts(house):
    """A village that switches off breaks no promise: a list that is out ends, and its deeds are posted."""
    place = house.place
    deed = place.claim("F01")
    verification.verify_deed(actor=place.council, deed_id=deed.pk, at=NOON)
    publishing.publish_deeds(actor=place.clerk, village_id=place.village.pk, request_key=uuid4(), at=NOON)
    house.switch(place.village, False)

    place.let_publication_end()

    deed.refresh_from_db()
    assert deed.state == "posted" and place.balance() == deed.points_tenths
