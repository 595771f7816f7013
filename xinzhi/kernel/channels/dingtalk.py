"""Work notifications of DingTalk (钉钉工作通知), asyncsend_v2, for people of the county's own organisation.

https://open.dingtalk.com/document/orgapp/asynchronous-sending-of-enterprise-session-messages
https://help.dingtalk.io/open/development/asynchronous-sending-of-enterprise-session-messages

The same text reaches the same person once a day, so that a second try of ours is dropped by DingTalk itself. What is
accepted may still be dropped later (500 a day for a person): the receipt says that it was accepted, not that it arrived.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from xinzhi.kernel.channels import http
from xinzhi.kernel.channels.port import Failure, Letter, Permanent, Temporary
from xinzhi.kernel.channels.tokens import Token

ENDPOINT = "https://oapi.dingtalk.com"
#: The content of a text message; the whole of `msg` may have 2048 bytes.
MOST_BYTES = 1800
STALE = frozenset({40014, 42001})
#: He has this very text of today already.
HAS_IT = frozenset({143106, 143206})
_MEANINGS: dict[int, tuple[str, bool]] = {
    -1: ("provider_trouble", True),
    33012: ("address_invalid", False),
    40003: ("address_invalid", False),
    60121: ("address_invalid", False),
    34016: ("content_refused", False),
    1430002: ("content_refused", False),
    40008: ("content_refused", False),
    **dict.fromkeys(
        (90002, 90018, 143103, 143104, 143105, 143203, 143204, 143205, 1430003), ("rate_limited", True)
    ),
    **dict.fromkeys((33001, 40001, 40015, 40089, 60011, 60020, 52010), ("account_refused", False)),
    **dict.fromkeys(STALE, ("account_refused", True)),
}


@dataclass(slots=True)
class DingTalk:
    app_key: str
    app_secret: str = field(repr=False)
    agent_id: int
    endpoint: str = ENDPOINT
    timeout: float = http.TIMEOUT_SECONDS
    token: Token = field(init=False, repr=False)

    code: Literal["dingtalk"] = "dingtalk"
    is_sandbox: bool = False
    is_idempotent: bool = True

    def __post_init__(self) -> None:
        self.token = Token(self._fetch)

    def send(self, *, to: str, letter: Letter, key: str, at: datetime) -> str:  # noqa: ARG002  DingTalk compares texts
        """One text to one userid; returns task_id."""
        content = letter.text.encode()[:MOST_BYTES].decode(errors="ignore")
        if not content:
            raise Permanent("content_refused")
        body = {
            "agent_id": self.agent_id,
            "userid_list": to,
            "msg": {"msgtype": "text", "text": {"content": content}},
        }
        token = self.token.get(at)
        answer = self._post(token, body)
        if _code(answer) in STALE:
            answer = self._post(self.token.get(at, but=token), body)
        code = _code(answer)
        if code in HAS_IT:
            return "same-text-today"
        if code != 0:
            raise failure_of(code)
        return str(answer.get("task_id", ""))

    def _post(self, token: str, body: dict[str, Any]) -> dict[str, Any]:
        _status, answer = http.call(
            "POST", self.endpoint, "/topapi/message/corpconversation/asyncsend_v2",
            query={"access_token": token}, body=body, timeout=self.timeout,
        )  # fmt: skip
        if "errcode" not in answer:
            raise Temporary("malformed", unsure=True)
        return answer

    def _fetch(self) -> tuple[str, int]:
        try:
            _status, answer = http.call(
                "GET", self.endpoint, "/gettoken",
                query={"appkey": self.app_key, "appsecret": self.app_secret}, timeout=self.timeout,
            )  # fmt: skip
        except Temporary as trouble:
            raise Temporary(trouble.code, trouble.provider_code) from None  # no message is out yet
        if "access_token" not in answer or _code(answer) != 0:
            raise failure_of(_code(answer))
        return str(answer["access_token"]), int(answer.get("expires_in", 0))


def _code(answer: dict[str, Any]) -> int:
    """The errcode; under the general 88 the real one stands in sub_code."""
    found = answer.get("errcode", 0)
    if found == 88:
        found = answer.get("sub_code", found)
    try:
        return int(found)
    except (TypeError, ValueError):
        return -1


def failure_of(errcode: int) -> Failure:
    """What an errcode means for us; an unknown one is worth another try."""
    code, again = _MEANINGS.get(errcode, ("provider_trouble", True))
    return Temporary(code, errcode) if again else Permanent(code, errcode)
