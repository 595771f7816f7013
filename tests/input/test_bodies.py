"""Bodies that are no form: cut off, of another kind, too much of it, or without the token of the page."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.input.files import JPEG
from tests.input.forms import FORMS, YESTERDAY
from tests.input.pages import assert_said_clearly, is_sentence, screen_of, sentences_of
from tests.input.world import log_in, nothing_changes
from xinzhi.scenes.governance_points.models import Deed

MULTIPART = "multipart/form-data; boundary=x"
URLENCODED = "application/x-www-form-urlencoded"
#: (content type, body, status): what is sent to every form of the pages.
BODIES = {
    "nothing": (URLENCODED, b"", None),
    "JSON": ("application/json", b'{"done_on": "2026-11-20"}', None),
    "JSON called a form": (URLENCODED, b'{"done_on": "2026-11-20"}', None),
    "not UTF-8": (URLENCODED, b"done_on=%FF%FE&note=\xff\xfe&household_no=%80", None),
    "another encoding": (f"{URLENCODED}; charset=gbk", b"note=%B2%E2%CA%D4", None),
    "an unknown encoding": (f"{URLENCODED}; charset=klingon", b"note=1", None),
    "a multipart body without its boundary": ("multipart/form-data", b"--x\r\n", 400),
    "a multipart body cut off": (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nabc', None),
    "a multipart body of another boundary": (MULTIPART, b"--y\r\n\r\nabc\r\n--y--", None),
    "a part without a name": (MULTIPART, b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n", None),
    "a part that is not what its encoding says": (
        MULTIPART,
        b'--x\r\nContent-Disposition: form-data; name="note"\r\nContent-Transfer-Encoding: base64\r\n\r\n*\r\n--x--\r\n',
        None,
    ),
    "more text than is read": (URLENCODED, b"note=" + b"a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1), 413),
    "more fields than are read": (URLENCODED, b"&".join([b"code=1"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)), 413),
    "more files than are read": (
        MULTIPART,
        b"".join(b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a"\r\n\r\na\r\n' for _ in range(102)) + b"--x--\r\n",
        413,
    ),
}  # fmt: skip
LOGIN = {"login": ("", "/login/"), "login of staff": ("", "/login/staff/"), "who": ("", "/login/who/")}
UPLOADS = {
    "score sheet": ("clerk", "/governance_points/desk/sheet/"),
    "charter": ("clerk", "/governance_points/desk/charter/import/"),
    "roster": ("clerk", "/residents/roster/"),
    "photo": ("villager", "/evidence/"),
    "bulk bar": ("clerk", "/workflow/inbox/many/"),
    "language": ("villager", "/prefs/language/"),
    "large text": ("villager", "/prefs/elder/"),
}


def places(world):
    forms = {name: (form.who, form.path(world)) for name, form in FORMS.items()}
    return forms | LOGIN | UPLOADS


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("place", [*FORMS, *LOGIN, *UPLOADS])
def test_a_body_that_is_no_such_form_changes_nothing_and_is_answered_in_words(world, at_screen, place, body):
    who, path = places(world)[place]
    kind, data, status = BODIES[body]
    screen = at_screen(who)
    with nothing_changes():
        answer = screen.post(path, data, content_type=kind)
    if status is not None:
        assert answer.status_code == status
    if answer.status_code in (302, 303):  # preferences and the bulk bar lead back
        assert answer.headers["Location"].startswith("/")
    else:
        assert_said_clearly(answer)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_without_the_token_of_its_page_is_refused_in_words(world, at_screen, name):
    form = FORMS[name]
    screen, path, good = at_screen(form.who), form.path(world), form.good(world)
    with nothing_changes():
        answer = Client.post(screen, path, good)
    assert answer.status_code == 403
    assert_said_clearly(answer, "您填写的内容还在")


@pytest.mark.parametrize("name", [*FORMS, *LOGIN, *UPLOADS])
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_another_method_is_refused_in_words(world, at_screen, name, method):
    who, path = places(world)[name]
    screen = at_screen(who)
    screen.cookies["csrftoken"] = "c" * 32
    with nothing_changes():
        answer = getattr(screen, method)(path, b"", HTTP_X_CSRFTOKEN="c" * 32)
    assert answer.status_code == 405
    assert_said_clearly(answer)


def test_a_session_that_ended_sends_to_the_login_and_back_to_the_form(world, at_screen):
    form = FORMS["claim on the phone"]
    screen = at_screen(form.who)
    screen.cookies["sessionid"] = "a session that is long gone"
    path, good = form.path(world), form.good(world)
    with nothing_changes():
        answer = screen.post(path, good)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login/?next=%2Fgovernance_points%2Fclaim%2FD02%2F"


A_KEY = "6d0c5a3e-6f43-4a1f-9e0e-2f6f6f7f9a02"


def ascii_start(text: str) -> str:
    return ascii(text)[:12]


class TestTheSameRequestAgain:
    """A repeated request key: the first answer, whatever else the second holds; nothing twice."""

    def claim(self, world, screen, key, **changes):
        typed = {"done_on": YESTERDAY, "quantity": "1", "request_key": key}
        return screen.post("/governance_points/claim/D02/", typed | changes)

    def test_a_claim_sent_twice_counts_once(self, world, at_screen):
        key, screen, before = str(uuid4()), at_screen("villager"), Deed.objects.count()
        answers = [self.claim(world, screen, key).status_code for _ in range(3)]
        assert (answers, Deed.objects.count()) == ([302] * 3, before + 1)

    def test_a_claim_with_the_key_of_another_deed_never_changes_that_deed(self, world, at_screen):
        key, screen = str(uuid4()), at_screen("villager")
        self.claim(world, screen, key)
        with nothing_changes():
            self.claim(world, screen, key, quantity="2", done_on="2026-11-19")

    def test_a_neighbour_with_my_key_gets_nothing_of_mine(self, world, at_screen):
        key = str(uuid4())
        self.claim(world, at_screen("villager"), key)
        neighbours = at_screen("neighbours")
        with nothing_changes():
            answer = self.claim(world, neighbours, key)
        assert_said_clearly(answer)

    @pytest.mark.parametrize(
        "key", ["", "x", "0", "9" * 5000, "\u200b", A_KEY.upper(), "{" + A_KEY + "}"], ids=ascii_start
    )
    def test_a_key_that_is_none_does_no_harm(self, world, at_screen, key):
        before = Deed.objects.count()
        assert self.claim(world, at_screen("villager"), key).status_code == 302
        assert Deed.objects.count() == before + 1

    def test_over_http_another_body_with_the_same_key_changes_nothing(self, world):
        screen, key = log_in(world.clerk), str(uuid4())
        body = {"household_id": world.household.pk, "rule_code": "D02", "done_on": YESTERDAY, "quantity": "1"}
        send = {"content_type": "application/json", "HTTP_IDEMPOTENCY_KEY": key}
        first = screen.post("/api/v1/governance-points/deeds", json.dumps(body), **send)
        assert first.status_code == 201
        with nothing_changes():
            again = screen.post(
                "/api/v1/governance-points/deeds", json.dumps(body | {"quantity": "2"}), **send
            )
        assert again.status_code in (201, 409)
        assert again.status_code == 409 or again.json()["id"] == first.json()["id"]

    def test_the_same_photo_sent_again_is_one_photo(self, world, at_screen):
        screen, key = at_screen("villager"), str(uuid4())
        ids = {
            screen.post(
                "/evidence/",
                {
                    "file": SimpleUploadedFile("a.jpg", JPEG),
                    "household": world.household.pk,
                    "request_key": key,
                },
            ).json()["id"]
            for _ in range(2)
        }
        assert len(ids) == 1


def test_an_address_of_the_api_that_is_none_is_a_problem_document(world, at_screen):
    for path in ("/api/v1/nothing", "/api/v1/governance-points/deeds/first", "/api/v2/"):
        answer = at_screen("clerk").get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
        assert is_sentence(sentences_of(answer)[0])


def test_subjects_of_files_that_are_no_numbers_show_nothing(world, at_screen):
    for number in ("²", "٣", "9" * 80, str(2**63), "-1", "", "1 OR 1=1", "1\u200b"):
        answer = at_screen("clerk").get("/api/v1/evidence", {"subject": f"governance_points.deed:{number}"})
        assert answer.status_code in (200, 404, 422), number
        assert answer.status_code != 200 or answer.json() == []


def test_no_refusal_shows_what_happened_inside(world, at_screen):
    """No class names, no SQL, no paths of the house."""
    answer = at_screen("clerk").post("/governance_points/desk/enter/", {"household_no": "'"})
    said = " ".join(screen_of(answer).alerts)
    assert not any(word in said for word in ("Error", "SELECT", "xinzhi", "Traceback", "None"))
