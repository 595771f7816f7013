"""Households over HTTP: scoped like the pages, masked, every view and reveal on record."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.identity.services import issue_api_key
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import services
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.testing.canaries import canaries_in_text

from .conftest import CLERK_MAY, NOON

NAME, PHONE, ID = "金丝雀", "13987650001", "330220194505010230"
API = "/api/v1/residents"


def client_of(region: Region, scopes: frozenset[str] = CLERK_MAY) -> Client:
    _key, raw = issue_api_key(
        actor=SYSTEM,
        name="test",
        scopes=sorted(scopes | {"audit.looks.read"}),
        region_id=region.pk,
        expires_at=clock.now() + timedelta(days=1),
        at=clock.now(),
    )
    return Client(headers={"Authorization": f"Bearer {raw}"})


@pytest.fixture
def household(clerk: Actor, village: Region) -> Household:
    return services.register_household(
        actor=clerk,
        village_id=village.pk,
        household_no="H1",
        members=[services.NewMember(name=NAME, id_number=ID, phone=PHONE)],
        source="clerk",
        at=NOON,
    )


def test_a_list_shows_masked_names_only(household: Household, village: Region) -> None:
    answer = client_of(village).get(f"{API}/households", {"village_id": village.pk})
    assert answer.status_code == 200
    assert [item["head_name"] for item in answer.json()["items"]] == ["金*雀"]
    assert canaries_in_text(json.dumps(answer.json(), ensure_ascii=False), [NAME, PHONE, ID]) == []


def test_a_household_is_shown_with_masked_values_and_the_view_is_on_record_once(
    household: Household, village: Region
) -> None:
    answer = client_of(village).get(f"{API}/households/{household.pk}").json()
    [person] = answer["people"]
    assert (person["name"], person["phone"], person["id_number"]) == (NAME, "139****0001", "****")
    [row] = Record.objects.filter(action="audit.view")
    assert (row.household_id, row.page, "name" in row.fields) == (
        household.pk,
        "api.residents.household",
        True,
    )


def test_a_value_is_revealed_for_a_purpose_and_the_household_can_see_it(
    household: Household, village: Region
) -> None:
    client = client_of(village)
    person_id = client.get(f"{API}/households/{household.pk}").json()["head_person_id"]
    body = {"field": "phone", "purpose": "contact"}
    answer = client.post(f"{API}/persons/{person_id}/reveal", body, content_type="application/json")
    assert answer.json()["value"] == PHONE
    looks = client.get("/api/v1/audit/looks", {"household_id": household.pk}).json()["items"]
    assert [(look["action"], look["purpose"]) for look in looks][:2] == [
        ("residents.reveal", "contact"),
        ("audit.view", ""),
    ]
    assert canaries_in_text(json.dumps(looks, ensure_ascii=False), [NAME, PHONE, ID]) == []


def test_strangers_and_other_villages_get_nothing(
    household: Household, village: Region, other_village: Region
) -> None:
    routes = [
        ("get", f"{API}/households/{household.pk}", {}),
        ("post", f"{API}/persons/1/reveal", {"field": "name", "purpose": "contact"}),
        ("get", f"/api/v1/audit/looks?household_id={household.pk}", {}),
    ]
    for client, status in ((Client(), 401), (client_of(other_village), 404)):
        for method, url, body in routes:
            sent = {"data": body, "content_type": "application/json"} if method == "post" else {}
            assert getattr(client, method)(url, **sent).status_code == status, (status, url)
    assert client_of(other_village).get(f"{API}/households").json()["items"] == []
    assert not Record.objects.filter(action__in=("audit.view", "residents.reveal")).exists()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/households/0", 422),
        (f"/households/{2**63}", 422),
        ("/households?limit=0", 422),
        ("/households?cursor=%00", 422),
        ("/households?cursor=WzEsIlx1MDAwMCJd", 422),
        ("/households?q=%00%00", 422),
        ("/households?q=" + "x" * 61, 422),
        ("/households/999999", 404),
    ],
)
def test_nonsense_gets_an_answer_not_a_crash(
    household: Household, village: Region, path: str, status: int
) -> None:
    assert client_of(village).get(API + path).status_code == status


def test_a_roster_goes_in_over_http_once(village: Region) -> None:
    client = client_of(village)
    file = Path(__file__).with_name("roster_example.xlsx")
    counts = []
    for dry_run in ("true", "false", "false"):
        with file.open("rb") as stream:
            answer = client.post(f"{API}/villages/{village.pk}/roster?dry_run={dry_run}", {"file": stream})
        assert answer.status_code == 200, answer.content
        counts.append((answer.json()["persons_created"], Household.objects.count()))
    assert counts == [(12, 0), (12, 3), (0, 3)]
