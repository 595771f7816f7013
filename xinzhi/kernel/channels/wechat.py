"""Messages of a WeChat service account (服务号): template messages (模板消息) or subscription notices (订阅通知).

https://developers.weixin.qq.com/doc/service/api/notify/template/api_sendtemplatemessage
https://developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken

A template message bears client_msg_id: of one openid and one id, WeChat delivers one message within ten minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from xinzhi.kernel.channels import http
from xinzhi.kernel.channels.port import Failure, Letter, Permanent, Temporary
from xinzhi.kernel.channels.tokens import Token

ENDPOINT = "https://api.weixin.qq.com"
PATHS = {"template": "/cgi-bin/message/template/send", "subscribe": "/cgi-bin/message/subscribe/bizsend"}
#: The token was refused: fetch another one and try once more.
STALE = frozenset({40001, 40014, 42001})
_MEANINGS: dict[int, tuple[str, bool]] = {
    -1: ("provider_trouble", True),
    40003: ("address_invalid", False),
    43004: ("blocked", False),  # no longer follows the account
    43101: ("blocked", False),  # refuses, or has used up what he allowed
    40037: ("template_refused", False),
    47001: ("content_refused", False),
    47003: ("content_refused", False),
    45009: ("rate_limited", True),
    45011: ("rate_limited", True),
    48001: ("account_refused", False),
    40013: ("account_refused", False),
    40125: ("account_refused", False),
    40164: ("account_refused", False),  # our address is not on the list
    **dict.fromkeys(STALE, ("account_refused", True)),
}


@dataclass(frozen=True, slots=True)
class Template:
    """The account's template, and which of our values goes under which of its keywords."""

    id: str
    data: Mapping[str, str]


@dataclass(slots=True)
class WeChat:
    app_id: str
    app_secret: str = field(repr=False)
    templates: Mapping[str, Template]
    kind: Literal["template", "subscribe"] = "template"
    endpoint: str = ENDPOINT
    timeout: float = http.TIMEOUT_SECONDS
    token: Token = field(init=False, repr=False)

    code: Literal["wechat"] = "wechat"
    is_sandbox: bool = False

    def __post_init__(self) -> None:
        self.token = Token(self._fetch)

    @property
    def is_idempotent(self) -> bool:
        return self.kind == "template"

    def send(self, *, to: str, letter: Letter, key: str, at: datetime) -> str:
        """One message to an openid; returns msgid."""
        template = self.templates.get(letter.template)
        if template is None:
            raise Permanent("template_refused")
        missing = [name for name in template.data if name not in letter.params]
        if missing:
            raise Permanent("content_refused")
        body: dict[str, Any] = {
            "touser": to,
            "template_id": template.id,
            "data": {keyword: {"value": letter.params[name]} for name, keyword in template.data.items()},
        }
        if self.kind == "template":
            body["client_msg_id"] = key
        token = self.token.get(at)
        answer = self._post(token, body)
        if answer.get("errcode") in STALE:
            answer = self._post(self.token.get(at, but=token), body)
        if answer.get("errcode", 0) != 0:
            raise failure_of(answer["errcode"])
        return str(answer.get("msgid", ""))

    def _post(self, token: str, body: dict[str, Any]) -> dict[str, Any]:
        _status, answer = http.call(
            "POST", self.endpoint, PATHS[self.kind], query={"access_token": token}, body=body, timeout=self.timeout,
        )  # fmt: skip
        if "errcode" not in answer:
            raise Temporary("malformed", unsure=True)
        return answer

    def _fetch(self) -> tuple[str, int]:
        """Never with force_refresh: that is for leaked tokens, twenty times a day."""
        body = {"grant_type": "client_credential", "appid": self.app_id, "secret": self.app_secret}
        try:
            _status, answer = http.call(
                "POST", self.endpoint, "/cgi-bin/stable_token", body=body, timeout=self.timeout
            )
        except Temporary as trouble:
            raise Temporary(trouble.code, trouble.provider_code) from None  # no message is out yet
        if "access_token" not in answer:
            raise failure_of(answer.get("errcode", -1), fetching=True)
        return str(answer["access_token"]), int(answer.get("expires_in", 0))


def failure_of(errcode: object, *, fetching: bool = False) -> Failure:
    """What an errcode means for us. While a token is fetched 40001 means a wrong secret."""
    if fetching and errcode == 40001:
        return Permanent("account_refused", errcode)
    code, again = (
        _MEANINGS.get(errcode, ("provider_trouble", True))
        if isinstance(errcode, int)
        else ("malformed", True)
    )
    return Temporary(code, errcode) if again else Permanent(code, errcode)
