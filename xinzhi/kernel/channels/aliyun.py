"""Short messages by Aliyun (阿里云短信服务), API SendSms of 2017-05-25, signed with ACS3-HMAC-SHA256.

https://help.aliyun.com/document_detail/55284.html  SendSms: fields, and that it is *not* idempotent
https://help.aliyun.com/document_detail/101346.html  error codes
https://help.aliyun.com/document_detail/2593177.html  the signature (V3), with the worked example our test repeats
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote, urlsplit

from xinzhi.kernel.channels import http
from xinzhi.kernel.channels.port import Failure, Letter, Permanent, Temporary

ENDPOINT = "https://dysmsapi.aliyuncs.com"
VERSION = "2017-05-25"
_MOBILE = re.compile(r"1[3-9][0-9]{9}\Z")
_NOTHING = hashlib.sha256(b"").hexdigest()

#: The provider's code, or how it begins: our reason and whether another try may help. Longest match first.
_MEANINGS: dict[str, tuple[str, bool]] = {
    "isv.MOBILE_NUMBER_ILLEGAL": ("address_invalid", False),
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": ("address_invalid", False),
    "isv.SMS_SIGN": ("sender_refused", False),
    "isv.SIGN_": ("sender_refused", False),
    "isv.SMS_TEMPLATE_ILLEGAL": ("template_refused", False),
    "isv.SMS_CONTENT_ILLEGAL": ("content_refused", False),
    "isv.TEMPLATE_": ("content_refused", False),
    "isv.INVALID_": ("content_refused", False),
    "isv.PARAM_": ("content_refused", False),
    "isv.BLACK_KEY_CONTROL_LIMIT": ("content_refused", False),
    "isv.BUSINESS_LIMIT_CONTROL": ("rate_limited", True),
    "isv.DAY_LIMIT_CONTROL": ("rate_limited", True),
    "isv.MONTH_LIMIT_CONTROL": ("rate_limited", True),
    "Throttling": ("rate_limited", True),
    "isv.AMOUNT_NOT_ENOUGH": ("no_credit", True),
    "isv.OUT_OF_SERVICE": ("no_credit", True),
    "isv.": ("account_refused", False),
    "isp.RAM_PERMISSION_DENY": ("account_refused", False),
    "InvalidAccessKeyId": ("account_refused", False),
    "SignatureDoesNotMatch": ("account_refused", False),
    "IncompleteSignature": ("account_refused", False),
    "Forbidden": ("account_refused", False),
}


@dataclass(frozen=True, slots=True)
class AliyunSms:
    access_key_id: str
    access_key_secret: str = field(repr=False)
    sign_name: str
    templates: Mapping[str, str]
    endpoint: str = ENDPOINT
    timeout: float = http.TIMEOUT_SECONDS

    code: Literal["sms"] = "sms"
    is_sandbox: bool = False
    is_idempotent: bool = False

    def send(self, *, to: str, letter: Letter, key: str, at: datetime) -> str:
        """SendSms to one number; returns BizId. `key` goes along as OutId, by which reports can be matched."""
        if not _MOBILE.match(to):
            raise Permanent("address_invalid")
        template = self.templates.get(letter.template)
        if template is None:
            raise Permanent("template_refused")
        query = {
            "PhoneNumbers": to,
            "SignName": self.sign_name,
            "TemplateCode": template,
            "TemplateParam": json.dumps(
                dict(letter.params), ensure_ascii=False, sort_keys=True
            ),  # values are strings
            "OutId": key,
        }
        host = urlsplit(self.endpoint).netloc
        signed = headers(
            action="SendSms", version=VERSION, host=host, query=query, at=at, nonce=secrets.token_hex(16),
            key_id=self.access_key_id, secret=self.access_key_secret,
        )  # fmt: skip
        _status, answer = http.call(
            "POST", self.endpoint, "/", query=query, headers=signed, timeout=self.timeout
        )
        if answer.get("Code") != "OK":
            raise failure_of(str(answer.get("Code", "")))
        return str(answer.get("BizId", ""))


def failure_of(provider_code: str) -> Failure:
    """What a code of the provider means for us; an unknown one is worth another try."""
    for beginning in sorted(_MEANINGS, key=len, reverse=True):
        if provider_code.startswith(beginning):
            code, again = _MEANINGS[beginning]
            return Temporary(code, provider_code) if again else Permanent(code, provider_code)
    return Temporary("provider_trouble", provider_code)


def headers(
    *, action: str, version: str, host: str, query: Mapping[str, str], at: datetime, nonce: str, key_id: str, secret: str
) -> dict[str, str]:  # fmt: skip
    """The headers of a signed POST without a body."""
    signed = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": _NOTHING,
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(signed))
    canonical = "\n".join(
        (
            "POST",
            "/",
            "&".join(f"{_quoted(name)}={_quoted(query[name])}" for name in sorted(query)),
            "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed)),
            names,
            _NOTHING,
        )
    )
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(secret.encode(), text.encode(), "sha256").hex()
    signed["Authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"
    )
    return signed


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
