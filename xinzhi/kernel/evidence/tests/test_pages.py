from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.evidence import services
from xinzhi.kernel.evidence.models import Evidence
from xinzhi.kernel.evidence.tests import samples
from xinzhi.kernel.evidence.tests.conftest import NOON, PREFIX, Access, ActingClient
from xinzhi.kernel.foundation.actors import NOBODY, Actor
from xinzhi.kernel.foundation.errors import DomainError
from xinzhi.kernel.residents.models import Household

THING = f"{PREFIX}1"
API = "/api/v1/evidence"


def status(call: Callable[..., Any], *arguments: Any) -> int:
    """The status of an answer; a refusal counts as its own status, whichever layer turns it into a page."""
    try:
        return int(call(*arguments).status_code)
    except DomainError as refusal:
        return refusal.status


@pytest.fixture
def client_of(acting_client: ActingClient) -> Callable[[Actor], ActingClient]:
    def acting(actor: Actor) -> ActingClient:
        acting_client.actor = actor
        acting_client.cookies["sessionid"] = "x"
        return acting_client

    return acting


def upload(data: bytes, name: str = "张三.php") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="text/html")


def display(evidence: Evidence, size: str = "display") -> str:
    return reverse("evidence:display", args=[evidence.pk, size])


def test_a_photo_is_uploaded_for_a_form_and_shown(
    client_of: Callable[[Actor], ActingClient], villager: Actor, household: Household
) -> None:
    client = client_of(villager)
    form = {
        "file": upload(samples.PHOTOS["image/heic"]),
        "household": household.pk,
        "request_key": str(uuid4()),
    }
    answer = client.post(reverse("evidence:upload"), form)
    kept = json.loads(answer.content)
    assert (answer.status_code, kept["kind"], kept["media_type"]) == (201, "photo", "image/heic")
    shown = client.get(kept["thumb_url"])
    assert (shown.status_code, shown["Content-Type"], shown.content[:2]) == (200, "image/jpeg", b"\xff\xd8")


def test_an_htmx_upload_gets_a_fragment_with_its_id(
    client_of: Callable[[Actor], ActingClient], villager: Actor, household: Household
) -> None:
    for data, word in (
        (samples.wav(), "<audio"),
        (samples.PHOTOS["image/png"], "<img"),
        (samples.pdf(), "<span"),
    ):
        answer = client_of(villager).post(
            reverse("evidence:upload"),
            {"file": upload(data), "household": household.pk},
            headers={"HX-Request": "true"},
        )
        page = answer.content.decode()
        newest = Evidence.objects.latest("uploaded_at")
        assert answer.status_code == 201 and word in page and "style=" not in page and "onclick" not in page
        assert Evidence.objects.filter(pk__in=[newest.pk]).exists() and 'name="evidence"' in page


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"household": "x"},
        {"household": "9" * 30},
        {"household": "-1"},
        {"village": "٣"},
        {"request_key": "1"},
        {"household": ""},
    ],
)
def test_a_form_that_cannot_be_right_is_refused_in_words(
    client_of: Callable[[Actor], ActingClient], villager: Actor, form: dict[str, str]
) -> None:
    client = client_of(villager)
    assert status(client.post, reverse("evidence:upload"), {"file": upload(samples.wav()), **form}) == 422
    assert status(client.post, reverse("evidence:upload"), form) == 422


def test_a_script_is_told_a_refusal_and_never_sent_elsewhere(
    client_of: Callable[[Actor], ActingClient], villager: Actor, household: Household
) -> None:
    answer = client_of(villager).post(
        reverse("evidence:upload"),
        {"file": upload(b"<svg/>"), "household": household.pk},
        headers={"Referer": "http://testserver/governance_points/claim/"},
    )
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["code"] == "evidence.type_refused" and answer.json()["detail"]


@pytest.mark.parametrize(
    ("data", "disposition"),
    [
        (samples.PHOTOS["image/jpeg"], "inline"),
        (samples.VOICES["audio/webm"], "inline"),
        (samples.pdf(), "attachment"),
    ],
)
def test_files_are_handed_out_so_that_they_can_never_run(
    client_of: Callable[[Actor], ActingClient],
    villager: Actor,
    household: Household,
    data: bytes,
    disposition: str,
) -> None:
    evidence = services.store(
        actor=villager, data=data, filename='"; x.html', household_id=household.pk, at=NOON
    )
    answer = client_of(villager).get(display(evidence))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert (
        "sandbox" in answer["Content-Security-Policy"]
        and "default-src 'none'" in answer["Content-Security-Policy"]
    )
    assert answer["Cache-Control"].startswith("private")
    assert answer["Content-Disposition"].startswith(f'{disposition}; filename="{evidence.pk}.')
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("header", "code", "span"),
    [
        ("bytes=0-9", 206, (0, 10)),
        ("bytes=10-", 206, (10, None)),
        ("bytes=-7", 206, (-7, None)),
        ("bytes=5-99999999", 206, (5, None)),
        ("bytes=99999999-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=9-2", 200, (0, None)),
        ("bytes=0-1,4-5", 200, (0, None)),
        ("bytes=-", 200, (0, None)),
        ("items=1-2", 200, (0, None)),
        ("bytes=" + "9" * 40 + "-", 200, (0, None)),
    ],
)
def test_a_voice_note_is_played_from_any_point(
    client_of: Callable[[Actor], ActingClient],
    villager: Actor,
    household: Household,
    header: str,
    code: int,
    span: tuple[int, int | None] | None,
) -> None:
    data = samples.VOICES["audio/ogg"]
    evidence = services.store(actor=villager, data=data, household_id=household.pk, at=NOON)
    answer = client_of(villager).get(display(evidence), headers={"Range": header})
    assert answer.status_code == code
    if span is not None:
        expected = data[slice(*span)]
        assert (answer.content, int(answer["Content-Length"])) == (expected, len(expected))


def test_what_is_not_visible_and_what_is_not_there_are_the_same_answer(
    client_of: Callable[[Actor], ActingClient],
    villager: Actor,
    clerk: Actor,
    household: Household,
    access: Access,
) -> None:
    evidence = services.store(actor=villager, data=samples.wav(), household_id=household.pk, at=NOON)
    services.attach(ids=[evidence.pk], subject=THING, actor=villager, at=NOON)
    missing = Evidence(pk=uuid4())
    for actor in (NOBODY, villager, clerk):
        client = client_of(actor)
        for target in (evidence, missing):
            original = reverse("evidence:original", args=[target.pk])
            discard = reverse("evidence:discard", args=[target.pk])
            assert status(client.get, display(target)) == 404
            assert status(client.post, original, {"purpose": "verify"}) == 404
            if actor is not villager:
                assert status(client.post, discard) == 404
    access.allow(THING, clerk)
    assert status(client_of(clerk).get, display(evidence)) == 200
    assert status(client_of(villager).get, display(evidence)) == 404


def test_the_original_is_saved_as_a_file_and_recorded(
    client_of: Callable[[Actor], ActingClient],
    clerk: Actor,
    villager: Actor,
    household: Household,
    access: Access,
) -> None:
    data = samples.PHOTOS["image/jpeg"]
    evidence = services.store(actor=villager, data=data, household_id=household.pk, at=NOON)
    services.attach(ids=[evidence.pk], subject=THING, actor=villager, at=NOON)
    access.allow(THING, clerk)
    client, address = client_of(clerk), reverse("evidence:original", args=[evidence.pk])
    assert client.get(address).status_code in (404, 405)
    answer = client.post(address, {"purpose": "objection"})
    assert (answer.content, answer["Cache-Control"]) == (data, "private, no-store")
    assert answer["Content-Disposition"].startswith("attachment")
    assert Record.objects.get(action="evidence.original.open").purpose == "objection"


def test_what_a_page_can_do_the_api_can_do(
    client_of: Callable[[Actor], ActingClient],
    villager: Actor,
    clerk: Actor,
    household: Household,
    access: Access,
) -> None:
    client, key = client_of(villager), str(uuid4())
    form = {"household_id": household.pk, "request_key": key}
    first = client.post(API, {"file": upload(samples.PHOTOS["image/webp"]), **form})
    again = client.post(API, {"file": upload(samples.PHOTOS["image/webp"]), **form})
    assert (first.status_code, again.status_code) == (201, 201)
    body = first.json()
    assert body["id"] == again.json()["id"] and body["media_type"] == "image/webp"
    assert not {"sha256", "salt", "perceptual_hash", "latitude", "position", "origin"} & set(body)
    services.attach(ids=[UUID(body["id"])], subject=THING, actor=villager, at=NOON)
    assert client.get(API, {"subject": THING}).json() == []
    access.allow(THING, villager, clerk)
    assert [e["id"] for e in client.get(API, {"subject": THING}).json()] == [body["id"]]
    assert client.get(f"{API}/{body['id']}").json()["subject"] == THING
    assert client.get(f"{API}/{body['id']}/file", {"size": "thumb"}).content[:2] == b"\xff\xd8"
    assert client.get(f"{API}/{body['id']}/similar").json() == []
    original = client_of(clerk).post(
        f"{API}/{body['id']}/original",
        data=json.dumps({"purpose": "verify"}),
        content_type="application/json",
    )
    assert original.content == samples.PHOTOS["image/webp"]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"request_key": "x"},
        {"household_id": "0", "request_key": "KEY"},
        {"household_id": "9" * 25, "request_key": "KEY"},
    ],
)
def test_the_api_refuses_nonsense_without_keeping_anything(
    client_of: Callable[[Actor], ActingClient], villager: Actor, form: dict[str, str]
) -> None:
    form = {k: v.replace("KEY", str(uuid4())) for k, v in form.items()}
    client = client_of(villager)
    assert status(client.post, API, {"file": upload(samples.wav()), **form}) == 422
    assert not Evidence.objects.exists()


def test_strangers_get_nothing_from_the_api(client_of: Callable[[Actor], ActingClient], db: None) -> None:
    client = client_of(NOBODY)
    for address in (
        f"{API}?subject=a:1",
        f"{API}/{uuid4()}",
        f"{API}/{uuid4()}/file",
        f"{API}/{uuid4()}/similar",
    ):
        assert status(client.get, address) == 401
    assert status(client.post, API, {"file": upload(samples.wav())}) == 401
