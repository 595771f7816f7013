"""The port: what a sender takes, what it gives back, and how it fails.

A sender never logs and never repeats an address or a text: its failures carry codes only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Code = Literal["sms", "wechat", "dingtalk"]
#: In the order in which a person is tried: what costs nothing first.
CODES: tuple[Code, ...] = ("wechat", "dingtalk", "sms")
LABELS: dict[str, Promise] = {
    "sms": _("text message"),
    "wechat": _("WeChat"),
    "dingtalk": _("DingTalk"),
}

#: Why something did not arrive, in words for the office; the provider's own code stands beside them.
REASONS: dict[str, Promise] = {
    "address_invalid": _("The number or account does not exist. Ask for the right one and correct the register."),
    "blocked": _("The person has blocked messages or no longer follows the account."),
    "sender_refused": _("The provider refuses our signature. The administrator has it filed again."),
    "template_refused": _("The provider does not know the template. The administrator has it filed."),
    "content_refused": _("The provider refuses the words or the values in them."),
    "account_refused": _("The provider refuses our account. The administrator checks its key and rights."),
    "no_credit": _("The account with the provider has run out of money."),
    "rate_limited": _("Too many at once for the provider, or too many for this number today."),
    "provider_trouble": _("The provider had a fault."),
    "timeout": _("The provider did not answer in time; it may have arrived."),
    "unreachable": _("The provider could not be reached from here."),
    "malformed": _("The provider answered something that makes no sense; it may have arrived."),
    "interrupted": _("Sending was interrupted twice; it may have arrived."),
    "channel_off": _("This channel is not connected."),
    "looks_personal": _("A value looks like an identity, phone or card number, so it was not sent."),
    "no_address": _("Nobody in the household has a number or account that can be reached."),
}  # fmt: skip

_PLAIN = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be said: a template's code with its values, and the same as a sentence for channels of free text."""

    template: str
    params: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


class Failure(Exception):
    """It was not accepted. `code` is one of REASONS, `provider_code` what the provider called it."""

    def __init__(self, code: str, provider_code: object = "") -> None:
        self.code = code
        self.provider_code = _PLAIN.sub("", str(provider_code))[:64]
        super().__init__(code)


class Permanent(Failure):
    """Trying again would change nothing."""


class Temporary(Failure):
    """Worth another try. `unsure`: the provider may have accepted it before the answer was lost."""

    def __init__(self, code: str, provider_code: object = "", *, unsure: bool = False) -> None:
        super().__init__(code, provider_code)
        self.unsure = unsure


class Channel(Protocol):
    @property
    def code(self) -> Code: ...

    @property
    def is_sandbox(self) -> bool:
        """Whether nothing is delivered."""

    @property
    def is_idempotent(self) -> bool:
        """Whether the provider itself drops a second message with the same key."""

    def send(self, *, to: str, letter: Letter, key: str, at: datetime) -> str:
        """Hand one message over; returns the provider's receipt. Raises Temporary or Permanent.

        `key` stays the same for every try of one message.
        """


def reason_in_words(code: str) -> str:
    """Why something did not arrive, as a sentence."""
    return str(REASONS.get(code, REASONS["provider_trouble"]))
