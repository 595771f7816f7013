"""A channel is connected wholly or not at all, and everybody is told which."""

from __future__ import annotations

import json

import pytest
from django.test import Client, override_settings

from xinzhi.kernel.channels import configuration
from xinzhi.kernel.channels.sandbox import sandbox
from xinzhi.kernel.channels.tests.provider import settings_for

WHOLE = settings_for("https://gateway.example.cn")


def flaws() -> list[str]:
    return [f"{flaw.msg} {flaw.hint}" for flaw in configuration.check_channels()]


@override_settings(CHANNELS={}, DEMO=False)
def test_without_settings_every_channel_is_off_and_codes_go_to_the_sandbox():
    assert set(configuration.states().values()) == {"off"}
    assert configuration.sms_for_codes() is sandbox
    assert flaws() == []


@override_settings(CHANNELS={}, DEMO=True)
def test_in_the_demo_short_messages_go_to_the_sandbox():
    assert configuration.states() == {"dingtalk": "off", "sms": "sandbox", "wechat": "off"}


@override_settings(CHANNELS=WHOLE)
def test_with_all_its_settings_a_channel_is_on():
    assert set(configuration.states().values()) == {"on"}
    assert configuration.sms_for_codes() is configuration.channel("sms")  # one port for codes and notices
    assert configuration.channel("fax") is None


@pytest.mark.parametrize("left_out", sorted({n for names in configuration.NEEDED.values() for n in names}))
def test_a_channel_connected_by_half_stops_the_start_and_names_what_is_missing(left_out):
    with override_settings(CHANNELS={k: v for k, v in WHOLE.items() if k != left_out}):
        [flaw] = flaws()
    assert left_out in flaw and not any(secret in flaw for secret in ("sms-secret", "wechat-secret"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XINZHI_SMS_TEMPLATES", "SMS_123"),
        ("XINZHI_SMS_TEMPLATES", "[1]"),
        ("XINZHI_SMS_TEMPLATES", '{"a.b": 1}'),
        ("XINZHI_WECHAT_TEMPLATES", '{"a.b": "TM1"}'),
        ("XINZHI_WECHAT_TEMPLATES", '{"a.b": {"id": "TM1", "data": []}}'),
        ("XINZHI_WECHAT_KIND", "letter"),
        ("XINZHI_DINGTALK_AGENT_ID", "１２"),
        ("XINZHI_SMS_ENDPOINT", "http://gateway.example.cn"),
        ("XINZHI_WECHAT_ENDPOINT", "file:///etc/passwd"),
    ],
)
def test_a_setting_that_cannot_be_is_named_by_the_check(name, value):
    with override_settings(CHANNELS=WHOLE | {name: value}):
        [flaw] = flaws()
    assert name in flaw


@pytest.mark.django_db
@override_settings(CHANNELS={}, DEMO=False)
def test_the_health_page_says_which_channels_are_off():
    answer = Client().get("/readyz")
    assert json.loads(answer.content)["channels"] == {"dingtalk": "off", "sms": "off", "wechat": "off"}
