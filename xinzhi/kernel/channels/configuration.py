"""Which channels are connected: read from settings.CHANNELS, which holds what the environment says.

A channel without its settings is off. One with half of them stops the start and says which is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

from xinzhi.kernel.channels import aliyun, dingtalk, wechat
from xinzhi.kernel.channels.port import CODES, Channel, Code
from xinzhi.kernel.channels.sandbox import sandbox

State = Literal["on", "sandbox", "off"]
#: What a channel cannot do without; all or none of them are given.
NEEDED: dict[Code, tuple[str, ...]] = {
    "sms": (
        "XINZHI_SMS_ACCESS_KEY_ID",
        "XINZHI_SMS_ACCESS_KEY_SECRET",
        "XINZHI_SMS_SIGN_NAME",
        "XINZHI_SMS_TEMPLATES",
    ),
    "wechat": ("XINZHI_WECHAT_APP_ID", "XINZHI_WECHAT_APP_SECRET", "XINZHI_WECHAT_TEMPLATES"),
    "dingtalk": ("XINZHI_DINGTALK_APP_KEY", "XINZHI_DINGTALK_APP_SECRET", "XINZHI_DINGTALK_AGENT_ID"),
}


class Misconfigured(ValueError):
    """One setting is not what it has to be; says which, never its value."""


def channel(code: str) -> Channel | None:
    """The sender behind a code; None when it is off. Short messages fall back to the sandbox in the demo only."""
    if code not in NEEDED:
        return None
    made = _made(code, tuple(sorted(settings.CHANNELS.items())))
    if made is None and code == "sms" and getattr(settings, "DEMO", False):
        return sandbox
    return made


def sms_for_codes() -> Channel:
    """The sender of one-time codes: the connected one, or the sandbox, with which nobody gets a code."""
    return channel("sms") or sandbox


def states() -> dict[str, State]:
    """Each channel's state, for health, checks and pages."""
    found: dict[str, State] = {}
    for code in sorted(CODES):
        sender = channel(code)
        found[code] = "off" if sender is None else "sandbox" if sender.is_sandbox else "on"
    return found


def missing(code: Code) -> list[str]:
    """Names of the settings a channel still lacks."""
    return [name for name in NEEDED[code] if not settings.CHANNELS.get(name)]


@lru_cache(maxsize=16)
def _made(code: Code, given: tuple[tuple[str, str], ...]) -> Channel | None:
    """One object for each set of settings: it holds the token."""
    values = dict(given)
    if not all(values.get(name) for name in NEEDED[code]):
        return None
    return _MAKERS[code](values)


def _sms(values: Mapping[str, str]) -> Channel:
    templates = _json(values, "XINZHI_SMS_TEMPLATES")
    if not all(isinstance(v, str) for v in templates.values()):
        raise Misconfigured("XINZHI_SMS_TEMPLATES maps our template codes to codes such as SMS_123456789.")
    return aliyun.AliyunSms(
        access_key_id=values["XINZHI_SMS_ACCESS_KEY_ID"],
        access_key_secret=values["XINZHI_SMS_ACCESS_KEY_SECRET"],
        sign_name=values["XINZHI_SMS_SIGN_NAME"],
        templates=templates,
        endpoint=_endpoint(values, "XINZHI_SMS_ENDPOINT", aliyun.ENDPOINT),
    )


def _wechat(values: Mapping[str, str]) -> Channel:
    kind = values.get("XINZHI_WECHAT_KIND") or "template"
    if kind not in wechat.PATHS:
        raise Misconfigured("XINZHI_WECHAT_KIND is template or subscribe.")
    try:
        templates = {
            code: wechat.Template(str(entry["id"]), {str(k): str(v) for k, v in entry["data"].items()})
            for code, entry in _json(values, "XINZHI_WECHAT_TEMPLATES").items()
        }
    except (KeyError, TypeError, AttributeError):
        raise Misconfigured(
            'XINZHI_WECHAT_TEMPLATES maps our template codes to {"id": "…", "data": {"day": "time2"}}.'
        ) from None
    return wechat.WeChat(
        app_id=values["XINZHI_WECHAT_APP_ID"],
        app_secret=values["XINZHI_WECHAT_APP_SECRET"],
        templates=templates,
        kind=kind,  # type: ignore[arg-type]
        endpoint=_endpoint(values, "XINZHI_WECHAT_ENDPOINT", wechat.ENDPOINT),
    )


def _dingtalk(values: Mapping[str, str]) -> Channel:
    agent = values["XINZHI_DINGTALK_AGENT_ID"]
    if not (agent.isascii() and agent.isdigit()):
        raise Misconfigured("XINZHI_DINGTALK_AGENT_ID is a number.")
    return dingtalk.DingTalk(
        app_key=values["XINZHI_DINGTALK_APP_KEY"],
        app_secret=values["XINZHI_DINGTALK_APP_SECRET"],
        agent_id=int(agent),
        endpoint=_endpoint(values, "XINZHI_DINGTALK_ENDPOINT", dingtalk.ENDPOINT),
    )


_MAKERS: dict[Code, Callable[[Mapping[str, str]], Channel]] = {
    "sms": _sms,
    "wechat": _wechat,
    "dingtalk": _dingtalk,
}


def _json(values: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        found = json.loads(values[name])
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Misconfigured(f"{name} is a JSON object.")
    return found


def _endpoint(values: Mapping[str, str], name: str, otherwise: str) -> str:
    """Https, except on this very machine, where a gateway of one's own may listen."""
    address = values.get(name) or otherwise
    parts = urlsplit(address)
    if parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    ):
        return address
    raise Misconfigured(f"{name} begins with https://.")


def check_channels(app_configs: Any = None, **_options: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The system check: a channel is connected wholly or not at all."""
    return list(_flaws())


def _flaws() -> Iterator[Error]:
    for code in CODES:
        absent = missing(code)
        if absent and len(absent) < len(NEEDED[code]):
            yield Error(
                f"The channel '{code}' is connected by half: {', '.join(absent)} missing.",
                hint="Give all of them or none. docs/howto/connect-sms-wechat-dingtalk.md says where they come from.",
                id="channels.E001",
            )
            continue
        try:
            channel(code)
        except Misconfigured as flaw:
            yield Error(
                str(flaw), hint="docs/howto/connect-sms-wechat-dingtalk.md shows each.", id="channels.E002"
            )
