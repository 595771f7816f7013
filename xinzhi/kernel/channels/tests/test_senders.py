"""The clients say to a provider what its documentation wants, and understand what it answers."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.channels import aliyun, background, configuration, dingtalk, wechat
from xinzhi.kernel.channels.port import REASONS, Failure, Letter, Permanent, Temporary
from xinzhi.kernel.channels.sandbox import PER_DAY, Sandbox
from xinzhi.kernel.channels.tests.provider import PAYLOADS, Provider, recorded, settings_for

NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
TO = {"sms": "13900000001", "wechat": "oAbCdEfGhIjKlMnOpQrStUvWxYz0", "dingtalk": "zhangsan"}
LETTER = Letter(
    "governance_points.points_expire",
    {"points": "12.5", "day": "2026-12-31"},
    "您家有 12.5 分将于 12月31日到期。",
)
KEY = "0123456789abcdef0123456789abcdef"


def send(code: str, letter: Letter = LETTER, at: datetime = NOON) -> str:
    """The receipt, or the failure as text: temporary rate_limited isv.BUSINESS_LIMIT_CONTROL."""
    sender = configuration.channel(code)
    assert sender is not None
    try:
        return sender.send(to=TO[code], letter=letter, key=KEY, at=at)
    except Failure as failure:
        unsure = " unsure" if getattr(failure, "unsure", False) else ""
        kind = "temporary" if isinstance(failure, Temporary) else "permanent"
        return f"{kind} {failure.code} {failure.provider_code}{unsure}".strip()


def test_the_signature_is_the_one_of_the_providers_worked_example():
    # https://help.aliyun.com/document_detail/2593177.html: RunInstances with the key YourAccessKeySecret
    headers = aliyun.headers(
        action="RunInstances", version="2014-05-26", host="ecs.cn-shanghai.aliyuncs.com",
        query={"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"},
        at=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC), nonce="3156853299f313e23d1673dc12e1703d",
        key_id="YourAccessKeyId", secret="YourAccessKeySecret",
    )  # fmt: skip
    assert headers["Authorization"].endswith(
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


@pytest.mark.parametrize(
    ("code", "exchanges", "outcome"),
    [
        ("sms", ["aliyun_ok"], "9006197469364984^0"),
        ("sms", ["aliyun_number"], "permanent address_invalid isv.MOBILE_NUMBER_ILLEGAL"),
        ("sms", ["aliyun_signature"], "permanent sender_refused isv.SMS_SIGNATURE_ILLEGAL"),
        ("sms", ["aliyun_rate"], "temporary rate_limited isv.BUSINESS_LIMIT_CONTROL"),
        ("sms", ["aliyun_no_credit"], "temporary no_credit isv.AMOUNT_NOT_ENOUGH"),
        ("sms", ["aliyun_wrong_key"], "permanent account_refused SignatureDoesNotMatch"),
        ("sms", ["aliyun_500"], "temporary provider_trouble 500"),
        ("sms", ["aliyun_broken"], "temporary malformed 200 unsure"),
        ("wechat", ["wechat_token", "wechat_ok"], "200228332"),
        ("wechat", ["wechat_token", "wechat_expired", "wechat_second_token", "wechat_ok_second"], "200228333"),
        ("wechat", ["wechat_token", "wechat_not_latest", "wechat_second_token", "wechat_ok_second"], "200228333"),
        (
            "wechat",
            ["wechat_token", "wechat_not_latest", "wechat_second_token", "wechat_not_latest_again"],
            "temporary account_refused 40001",
        ),
        ("wechat", ["wechat_wrong_secret"], "permanent account_refused 40001"),
        ("wechat", ["wechat_token", "wechat_unfollowed"], "permanent blocked 43004"),
        ("wechat", ["wechat_token", "wechat_refused"], "permanent blocked 43101"),
        ("wechat", ["wechat_token", "wechat_quota"], "temporary rate_limited 45009"),
        ("dingtalk", ["dingtalk_token", "dingtalk_ok"], "256271667526"),
        ("dingtalk", ["dingtalk_token", "dingtalk_stale", "dingtalk_second_token", "dingtalk_ok_second"], "256271667527"),
        ("dingtalk", ["dingtalk_token", "dingtalk_unknown"], "permanent address_invalid 33012"),
        ("dingtalk", ["dingtalk_token", "dingtalk_same"], "same-text-today"),
        ("dingtalk", ["dingtalk_token", "dingtalk_rate"], "temporary rate_limited 143103"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)  # fmt: skip
def test_each_answer_of_a_provider_is_understood(provider: Provider, code, exchanges, outcome):
    provider.expect(*exchanges)

    assert send(code) == outcome
    assert provider.seen == exchanges  # and nothing else was asked


def test_a_provider_that_is_silent_leaves_it_open_whether_it_took_the_message(provider: Provider):
    provider.expect("aliyun_silence")
    sender = configuration.channel("sms")
    assert isinstance(sender, aliyun.AliyunSms)
    hasty = aliyun.AliyunSms(
        access_key_id=sender.access_key_id, access_key_secret=sender.access_key_secret, sign_name="信治",
        templates=sender.templates, endpoint=sender.endpoint, timeout=0.3,
    )  # fmt: skip
    with pytest.raises(Temporary) as raised:
        hasty.send(to=TO["sms"], letter=LETTER, key=KEY, at=NOON)
    assert (raised.value.code, raised.value.unsure) == ("timeout", True)


def test_a_provider_nobody_answers_at_surely_took_nothing():
    with override_settings(CHANNELS=settings_for("http://127.0.0.1:9")):
        assert send("sms") == "temporary unreachable"


def test_the_key_of_a_message_goes_along_with_every_try(provider: Provider):
    provider.expect("aliyun_rate", "aliyun_ok", "wechat_token", "wechat_ok")
    send("sms")
    send("sms")
    send("wechat")
    assert [key for key in provider.keys if key] == [KEY, KEY, KEY]


def test_a_token_is_fetched_once_however_many_ask_at_the_same_moment(provider: Provider):
    provider.always = {
        "/cgi-bin/stable_token": "wechat_token",
        "/cgi-bin/message/template/send": "wechat_ok",
    }
    receipts: list[str] = []
    threads = [threading.Thread(target=lambda: receipts.append(send("wechat"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert receipts == ["200228332"] * 8
    assert provider.seen.count("wechat_token") == 1


def test_a_token_is_renewed_before_it_expires_on_its_way(provider: Provider):
    provider.expect("wechat_token", "wechat_ok", "wechat_second_token", "wechat_ok_second")
    send("wechat")
    assert send("wechat", at=NOON + timedelta(seconds=7200 - 299)) == "200228333"


def test_a_number_that_cannot_be_a_mobile_phone_is_not_even_sent(provider: Provider):
    sender = configuration.channel("sms")
    assert sender is not None
    with pytest.raises(Permanent):
        sender.send(to="057212345678", letter=LETTER, key=KEY, at=NOON)
    assert provider.seen == []


def test_a_template_the_provider_was_never_told_of_is_not_even_sent(provider: Provider):
    for code in ("sms", "wechat"):
        assert send(code, Letter("notices.unknown", {})) == "permanent template_refused"
    assert send("wechat", Letter(LETTER.template, {"points": "1"})) == "permanent content_refused"
    assert provider.seen == []


@given(st.text(max_size=60))
def test_whatever_a_provider_calls_its_failure_it_gets_one_of_our_reasons(code):
    for failure in (aliyun.failure_of(code), aliyun.failure_of(f"isv.{code}"), wechat.failure_of(code)):
        assert failure.code in REASONS
        assert failure.provider_code.isascii() and len(failure.provider_code) <= 64


@given(st.integers(-10, 2_000_000))
def test_every_number_of_wechat_and_dingtalk_means_something(number):
    assert wechat.failure_of(number).code in REASONS
    assert dingtalk.failure_of(number).code in REASONS


def test_every_payload_says_where_its_shape_comes_from():
    names = sorted(path.stem for path in PAYLOADS.glob("*.json"))
    assert len(names) > 20
    assert [n for n in names if not recorded(n)["source"].startswith("https://")] == []


def test_no_secret_address_or_text_is_logged_or_shown(provider: Provider, caplog):
    provider.expect("aliyun_number")
    with caplog.at_level(logging.DEBUG):
        sender = configuration.channel("sms")
        assert sender is not None
        background._send(sender, TO["sms"], LETTER, KEY, NOON)
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "address_invalid" in said
    said += repr(sender) + repr(configuration.channel("wechat")) + repr(configuration.channel("dingtalk"))
    for hidden in (TO["sms"], "12月31日", "sms-secret", "wechat-secret", "dingtalk-secret"):
        assert hidden not in said


def test_the_sandbox_keeps_the_rules_of_the_real_service():
    sender, at = Sandbox(templates={"identity.login_code", "notices.other"}), NOON
    code = Letter("identity.login_code", {"code": "123456"})
    for _ in range(PER_DAY):
        sender.send(to=TO["sms"], letter=code, key="", at=at)
        with pytest.raises(Temporary, match="rate_limited"):
            sender.send(to=TO["sms"], letter=code, key="", at=at + timedelta(seconds=59))
        at += timedelta(minutes=1)
    with pytest.raises(Temporary, match="rate_limited"):
        sender.send(to=TO["sms"], letter=code, key="", at=at)
    sender.send(to=TO["sms"], letter=Letter("notices.other"), key="", at=at)  # counted by template
    sender.send(to="13900009999", letter=code, key="", at=at)
    for to, letter, reason in (
        ("1390000", code, "address_invalid"),
        (TO["sms"], Letter("notices.not_filed"), "template_refused"),
    ):
        with pytest.raises(Permanent, match=reason):
            sender.send(to=to, letter=letter, key="", at=at)
    with pytest.raises(Permanent, match="sender_refused"):
        Sandbox(sign_name="").send(to=TO["sms"], letter=code, key="", at=at)
