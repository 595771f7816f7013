"""One-time codes: hard to guess, used once, and silent about who is registered."""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.channels.sandbox import sandbox
from xinzhi.kernel.identity import digests, services
from xinzhi.kernel.identity import one_time_codes as codes
from xinzhi.kernel.identity.models import OneTimeCode, User
from xinzhi.kernel.identity.tests.conftest import MOTHER, NOON, World

UNKNOWN = "13900009999"


def sent_to(phone: str) -> str:
    return sandbox.last[phone].params["code"]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_logs_in_once(world: World) -> None:
    services.request_code(phone=f" +86 {MOTHER[:3]}-{MOTHER[3:]}", at=NOON)
    user = services.verify_code(phone=MOTHER, code=sent_to(MOTHER), at=NOON)
    assert (user.person_id, user.has_usable_password()) == (world.mother_person, False)
    with pytest.raises(codes.CodeWrong):
        services.verify_code(phone=MOTHER, code=sent_to(MOTHER), at=NOON)
    assert User.objects.count() == 1


def test_the_same_person_gets_the_same_login(world: World) -> None:
    first = services.login_of_person(world.mother_person, at=NOON)
    assert services.login_of_person(world.mother_person, at=NOON) == first


def test_a_closed_login_stays_closed(world: World) -> None:
    user = services.login_of_person(world.mother_person, at=NOON)
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(codes.CodeWrong):
        services.login_of_person(world.mother_person, at=NOON)


def test_five_wrong_tries_spoil_the_code(world: World) -> None:
    services.request_code(phone=MOTHER, at=NOON)
    code = sent_to(MOTHER)
    for _ in range(codes.MAX_TRIES):
        with pytest.raises(codes.CodeWrong):
            services.verify_code(phone=MOTHER, code=wrong(code), at=NOON)
    with pytest.raises(codes.CodeWrong):
        services.verify_code(phone=MOTHER, code=code, at=NOON)


def test_the_fifth_try_may_be_right(world: World) -> None:
    services.request_code(phone=MOTHER, at=NOON)
    code = sent_to(MOTHER)
    for _ in range(codes.MAX_TRIES - 1):
        with pytest.raises(codes.CodeWrong):
            services.verify_code(phone=MOTHER, code=wrong(code), at=NOON)
    assert services.verify_code(phone=MOTHER, code=code, at=NOON).person_id == world.mother_person


@pytest.mark.parametrize(("seconds", "is_valid"), [(299, True), (300, False)])
def test_a_code_lives_five_minutes(world: World, seconds: int, is_valid: bool) -> None:
    services.request_code(phone=MOTHER, at=NOON)
    later = NOON + timedelta(seconds=seconds)
    if is_valid:
        assert services.verify_code(phone=MOTHER, code=sent_to(MOTHER), at=later)
    else:
        with pytest.raises(codes.CodeWrong):
            services.verify_code(phone=MOTHER, code=sent_to(MOTHER), at=later)


def test_only_the_last_code_counts(world: World) -> None:
    services.request_code(phone=MOTHER, at=NOON)
    first = sent_to(MOTHER)
    later = NOON + timedelta(minutes=2)
    services.request_code(phone=MOTHER, at=later)
    if first != sent_to(MOTHER):
        with pytest.raises(codes.CodeWrong):
            services.verify_code(phone=MOTHER, code=first, at=later)
    assert services.verify_code(phone=MOTHER, code=sent_to(MOTHER), at=later)


def test_a_code_of_another_number_does_not_count(world: World) -> None:
    services.request_code(phone=MOTHER, at=NOON)
    services.request_code(phone=UNKNOWN, at=NOON)
    with pytest.raises(codes.CodeWrong):
        services.verify_code(phone=UNKNOWN, code=sent_to(MOTHER), at=NOON)


def test_one_code_a_minute_and_ten_a_day(world: World) -> None:
    at = NOON
    for number in range(codes.PER_DAY):
        services.request_code(phone=MOTHER, ip=f"10.0.0.{number}", at=at)
        with pytest.raises(codes.CodeTooSoon) as refusal:
            services.request_code(phone=MOTHER, ip=f"10.0.0.{number}", at=at + timedelta(seconds=59))
        assert refusal.value.context["seconds"] == 1
        at += timedelta(minutes=1)
    with pytest.raises(codes.TooManyCodes):
        services.request_code(phone=MOTHER, at=at)
    assert services.request_code(phone=MOTHER, at=NOON + timedelta(days=1, minutes=1))


def test_an_address_asks_for_a_limited_number_of_codes(world: World) -> None:
    most = codes.PER_ADDRESS[0][1]
    for number in range(most):
        services.request_code(phone=f"139{number:08d}", ip="10.0.0.1", at=NOON)
    with pytest.raises(codes.TooManyCodes):
        services.request_code(phone=MOTHER, ip="10.0.0.1", at=NOON)
    assert services.request_code(phone=MOTHER, ip="10.0.0.2", at=NOON)


def test_the_answer_is_the_same_for_any_number(world: World) -> None:
    """Status, page and limits of a registered number and of an unknown one do not differ."""
    pages = []
    for phone in (MOTHER, UNKNOWN):
        client = Client()
        asked = client.post("/login/", {"step": "phone", "phone": phone})
        refused = client.post("/login/", {"step": "code", "phone": phone, "code": "x"})
        again = client.post("/login/", {"step": "phone", "phone": phone})
        pages.append([(r.status_code, plain(r.content.decode(), phone)) for r in (asked, refused, again)])
    assert pages[0] == pages[1]
    assert set(sandbox.last) == {MOTHER}  # but nothing was sent to the unknown one


def plain(page: str, phone: str) -> str:
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    return page.replace(phone, "PHONE").replace(f"{phone[:3]}****{phone[-4:]}", "MASKED")


def test_a_sender_that_fails_does_not_change_the_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_kwargs: object) -> None:
        raise RuntimeError("gateway down")

    monkeypatch.setattr(sandbox, "send", broken)
    assert services.request_code(phone=MOTHER, at=NOON).shown is None


def test_nothing_secret_is_logged_or_kept(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client = Client()
        client.post("/login/", {"step": "phone", "phone": MOTHER})
        code = sent_to(MOTHER)
        client.post("/login/", {"step": "code", "phone": MOTHER, "code": wrong(code)})
        answer = client.post("/login/", {"step": "code", "phone": MOTHER, "code": code})
    assert answer.status_code == 302
    logged = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("django.db"))
    assert MOTHER not in logged and code not in logged
    row = OneTimeCode.objects.get()
    kept = " ".join(str(getattr(row, f.name)) for f in OneTimeCode._meta.fields)
    assert MOTHER not in kept and not re.search(rf"\b{code}\b", kept)


@pytest.mark.parametrize(
    ("demo", "phone", "is_shown"),
    [(True, "13800001111", True), (True, "13812341111", False), (False, "13800001111", False)],
)
def test_codes_are_shown_in_the_demo_only(
    world: World, settings: object, demo: bool, phone: str, is_shown: bool
) -> None:
    settings.DEMO = demo  # type: ignore[attr-defined]
    assert (services.request_code(phone=phone, at=NOON).shown is not None) is is_shown
    page = Client().post("/login/", {"step": "phone", "phone": phone[:-1] + "2"}).content.decode()
    assert ("demo-code" in page) is is_shown


@pytest.mark.parametrize("phone", ["", "1381234567", "138123456789", "23812345678", "<script>", "\x00" * 11])
def test_a_wrong_number_gets_a_sentence(world: World, phone: str) -> None:
    with pytest.raises(codes.PhoneNotUnderstood) as refusal:
        services.request_code(phone=phone, at=NOON)
    assert "13800000000" in refusal.value.message
    assert Client().post("/login/", {"step": "phone", "phone": phone}).status_code == 422


@given(st.text(max_size=20))
def test_a_number_is_eleven_digits_or_refused(written: str) -> None:
    with contextlib.suppress(codes.PhoneNotUnderstood):
        assert re.fullmatch(r"1[3-9][0-9]{9}", codes.normal_phone(written))


@pytest.fixture
def slow_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between reading and writing, where a race would happen."""
    limits, keyed = codes._within_limits, digests.keyed

    def slow_limits(*arguments: object) -> None:
        limits(*arguments)  # type: ignore[arg-type]
        time.sleep(0.15)

    def slow_keyed(purpose: str, *parts: str) -> str:
        if purpose == "login-code":
            time.sleep(0.15)
        return keyed(purpose, *parts)

    monkeypatch.setattr(codes, "_within_limits", slow_limits)
    monkeypatch.setattr(digests, "keyed", slow_keyed)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_one_code_at_once_one_wins(world: World, slow_checks: None) -> None:
    services.request_code(phone=MOTHER, at=NOON)
    code, barrier, outcomes = sent_to(MOTHER), threading.Barrier(4), []

    def enter() -> None:
        try:
            barrier.wait()
            services.check_code(phone=MOTHER, code=code, at=NOON)
            outcomes.append("in")
        except codes.CodeWrong:
            outcomes.append("refused")
        finally:
            connection.close()

    run_all([threading.Thread(target=enter) for _ in range(4)])
    assert sorted(outcomes) == ["in", "refused", "refused", "refused"]


@pytest.mark.django_db(transaction=True)
def test_guessing_in_parallel_has_no_more_tries(world: World, slow_checks: None) -> None:
    services.request_code(phone=MOTHER, at=NOON)
    bad, barrier = wrong(sent_to(MOTHER)), threading.Barrier(8)

    def guess() -> None:
        try:
            barrier.wait()
            services.check_code(phone=MOTHER, code=bad, at=NOON)
        except codes.CodeWrong:
            pass
        finally:
            connection.close()

    run_all([threading.Thread(target=guess) for _ in range(8)])
    assert OneTimeCode.objects.get().attempts == codes.MAX_TRIES
    with pytest.raises(codes.CodeWrong):
        services.check_code(phone=MOTHER, code=sent_to(MOTHER), at=NOON)


@pytest.mark.django_db(transaction=True)
def test_asking_twice_at_once_sends_one_code(world: World, slow_checks: None) -> None:
    barrier, outcomes = threading.Barrier(3), []

    def ask() -> None:
        try:
            barrier.wait()
            services.request_code(phone=MOTHER, at=NOON)
            outcomes.append("sent")
        except codes.CodeTooSoon:
            outcomes.append("too soon")
        finally:
            connection.close()

    run_all([threading.Thread(target=ask) for _ in range(3)])
    assert sorted(outcomes) == ["sent", "too soon", "too soon"]


def run_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
