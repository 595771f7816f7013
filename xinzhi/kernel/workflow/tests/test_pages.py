"""The inbox in a browser and over HTTP: what is shown, pressed, refused and never found."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
from django.urls import reverse

from xinzhi.kernel.assembly import registry as assembly
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.identity.models import RoleGrant, User
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.workflow import ports
from xinzhi.kernel.workflow.lifecycle import Presented
from xinzhi.kernel.workflow.models import Step
from xinzhi.kernel.workflow.services import advance, start
from xinzhi.kernel.workflow.tests.cases import ALL, FAVOUR, MONDAY, favour, villager

pytestmark = pytest.mark.django_db
INBOX = "/workflow/inbox/"


@pytest.fixture(autouse=True)
def monday(monkeypatch):
    """Clerks hold the permissions of the small scene; the clock stands."""
    held = {"village_clerk": ALL, "council_member": frozenset({"favour.confirm"})}
    monkeypatch.setattr(assembly, "permissions_of", lambda role: held.get(role, frozenset()))
    with clock.fixed(MONDAY):
        yield


@pytest.fixture
def claimed(places):
    return begin()


def begin(**values):
    return start(favour(**values), lifecycle=FAVOUR, actor=villager(21, 7), at=MONDAY)


def as_clerk(client, village=1, role="village_clerk"):
    user = User.objects.create(username=f"{role}{village}")
    region = Region.objects.get(pk=village)
    RoleGrant.objects.create(user=user, role=role, region=region, active_from="2000-01-01", granted_at=MONDAY)
    client.force_login(user)
    return client


def case_path(case):
    return reverse("workflow:case", args=[FAVOUR.name, case.pk])


def press(client, case, action, **values):
    path = reverse("workflow:decide", args=[FAVOUR.name, case.pk, action])
    return client.post(path, {"request_key": str(uuid4())} | values)


def test_the_page_shows_what_waits_with_its_deadline(client, claimed):
    ports.register(
        FAVOUR.name,
        ports.Port(present_many=lambda ids, *, actor: {pk: Presented("<b>Broom</b>", "Li") for pk in ids}),
    )
    begin(village=3)
    page = as_clerk(client).get(INBOX).content.decode()
    assert page.count("data-item") == 1
    assert "&lt;b&gt;Broom" in page
    assert "<b>Broom" not in page
    assert case_path(claimed) in page


def test_a_stranger_is_sent_to_the_login(client, claimed):
    for path in (INBOX, case_path(claimed)):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer.url.startswith("/login/")
    assert press(client, claimed, "check").status_code == 302
    assert Step.objects.count() == 1


@pytest.mark.parametrize(("village", "status"), [(1, 200), (9, 200), (2, 404), (3, 404)])
def test_a_case_is_found_only_where_the_reader_works(client, claimed, village, status):
    as_clerk(client, village)
    assert client.get(case_path(claimed)).status_code == status
    assert client.get(f"/api/v1/workflow/{FAVOUR.name}/{claimed.pk}/timeline").status_code == status
    assert press(client, claimed, "check").status_code == (302 if status == 200 else 404)


@pytest.mark.parametrize(
    "path",
    ["/workflow/no.such/1/", "/workflow/tests.favour/9223372036854775808/", "/workflow/tests.favour/0/"],
)
def test_what_is_not_there_is_not_found(client, claimed, path):
    assert as_clerk(client).get(path).status_code == 404


def test_a_button_says_what_changed_and_goes_back_to_the_list(client, claimed):
    as_clerk(client)
    answer = press(client, claimed, "check", back=f"{INBOX}?overdue=1")
    assert (answer.status_code, answer.url) == (302, f"{INBOX}?overdue=1")
    assert "checked. Now: waiting for the second check." in client.get(INBOX).content.decode()


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/logout/", "javascript:alert(1)"]
)
def test_going_back_never_leads_elsewhere(client, claimed, back):
    assert press(as_clerk(client), claimed, "check", back=back).url == INBOX


def test_a_refusal_keeps_what_was_typed(client, claimed):
    answer = press(as_clerk(client), claimed, "refuse", note="the photo is of last year")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "the photo is of last year" in page
    assert 'role="alert"' in page


def test_who_comes_late_reads_what_happened(client, claimed):
    as_clerk(client)
    advance(claimed, "check", actor=SYSTEM, at=MONDAY)
    answer = press(client, claimed, "check")
    assert answer.status_code == 409
    assert "is no longer possible" in answer.content.decode()


def test_a_step_without_a_button_cannot_be_pressed(client, claimed):
    assert press(as_clerk(client), claimed, "withdraw").status_code == 422
    assert Step.objects.count() == 1


def test_the_scenes_own_service_is_called(client, claimed):
    asked = []

    def check(act):
        asked.append((act.subject_id, act.action, act.note))
        return advance(claimed, "check", actor=act.actor, at=act.at, request_key=act.request_key)

    ports.register(FAVOUR.name, ports.Port(acts={"check": check}))
    press(as_clerk(client), claimed, "check", note="well swept")
    assert asked == [(claimed.pk, "check", "well swept")]


def test_the_bulk_bar_moves_what_it_may_and_says_what_not(client, claimed):
    other, moved, elsewhere = begin(), begin(), begin(village=3)
    as_clerk(client)
    advance(moved, "check", actor=SYSTEM, at=MONDAY)
    chosen = [f"tests.favour:{c.pk}" for c in (claimed, other, moved, elsewhere)]
    answer = client.post(
        "/workflow/inbox/many/", {"act": "tests.favour/check", "case": [*chosen, "junk", "tests.favour:x"]}
    )
    page = client.get(answer.url).content.decode()
    assert "2 cases done." in page
    assert "1 case not: “Check” is no longer possible" in page
    assert "1 case not: This was not found" in page
    assert Step.objects.filter(action="check").count() == 3


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"act": "tests.favour/check"},
        {"act": "x", "case": ["tests.favour:1"]},
        {"act": "no.such/x", "case": ["no.such:1"]},
    ],
)
def test_a_bulk_form_with_nonsense_is_a_sentence(client, claimed, sent):
    as_clerk(client)
    answer = client.post("/workflow/inbox/many/", sent)
    assert answer.status_code == 302
    assert Step.objects.count() == 1


def test_beside_the_list_comes_only_the_case(client, claimed):
    as_clerk(client)
    beside = client.get(case_path(claimed), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in beside.lower()
    assert 'data-kind="approve"' in beside


def post_json(client, path, **body):
    return client.post(path, json.dumps(body), content_type="application/json")


def test_the_same_over_http(client, claimed):
    as_clerk(client)
    listed = client.get("/api/v1/workflow/inbox").json()
    assert [item["subject_id"] for item in listed["items"]] == [claimed.pk]
    path, request = f"/api/v1/workflow/{FAVOUR.name}/{claimed.pk}/check", str(uuid4())
    first = post_json(client, path, request_key=request)
    again = post_json(client, path, request_key=request)
    assert (first.status_code, first.json()) == (200, again.json())
    assert post_json(client, path, request_key=str(uuid4())).status_code == 409
    assert post_json(client, path).status_code == 422
    told = client.get(f"/api/v1/workflow/{FAVOUR.name}/{claimed.pk}/timeline").json()
    assert [entry["action"] for entry in told] == ["claimed", "check"]


def test_many_over_http_name_each_refusal(client, claimed):
    as_clerk(client)
    elsewhere = begin(village=3)
    answer = post_json(
        client,
        f"/api/v1/workflow/{FAVOUR.name}/many/check",
        ids=[claimed.pk, elsewhere.pk, 0],
        request_key=str(uuid4()),
    ).json()
    assert answer["advanced"] == [claimed.pk]
    assert [(r["id"], r["code"]) for r in answer["refused"]] == [(elsewhere.pk, "not_found")]


@pytest.mark.parametrize(
    "query",
    ["cursor=%00", "village=99999999999999999999", "lifecycle=%3Cscript%3E", "village=abc", "overdue=maybe"],
)
def test_nonsense_in_the_address_is_no_server_error(client, claimed, query):
    assert as_clerk(client).get(f"{INBOX}?{query}").status_code in (200, 422)


def test_the_page_has_no_inline_script_style_or_handler(client, claimed):
    as_clerk(client)
    for path in (INBOX, case_path(claimed)):
        page = client.get(path).content.decode()
        assert re.findall(r"<[^>]+\s(?:style|on[a-z]+|hx-on[^=]*)=", page) == []
        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", page) == []
