"""The port to short messages. A sender is a class with `send`; settings name it by SMS_SENDER.

A real sender must return quickly (hand the message to its own queue) and must never log number or text.
"""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import TooMany

PER_DAY = 10
GAP = timedelta(minutes=1)


class SmsRefused(TooMany):
    code = "identity.sms_refused"
    sentence = _("The message service takes one message a minute and ten a day for a number. Please wait.")


class Sender(Protocol):
    #: A sandbox delivers nothing: in the demo its codes are shown on the page.
    is_sandbox: bool

    def send(self, *, phone: str, text: str, at: datetime) -> None:
        """Send one message. Raises SmsRefused when the service refuses."""


class SandboxSender:
    """Delivers nothing and keeps the rules of real services: one message a minute, ten a day for a number."""

    is_sandbox = True

    def __init__(self) -> None:
        self._lock = Lock()
        self._sent: dict[str, deque[datetime]] = defaultdict(deque)
        #: What was sent last to a number; for tests.
        self.last: dict[str, str] = {}

    def send(self, *, phone: str, text: str, at: datetime) -> None:
        with self._lock:
            times = self._sent[phone]
            while times and times[0] <= at - timedelta(days=1):
                times.popleft()
            if len(times) >= PER_DAY or (times and at - times[-1] < GAP):
                raise SmsRefused()
            times.append(at)
            self.last[phone] = text

    def forget(self) -> None:
        """Start anew; for tests."""
        with self._lock:
            self._sent.clear()
            self.last.clear()


sandbox = SandboxSender()


def sender() -> Sender:
    """The sender in use: the sandbox, unless settings.SMS_SENDER names another object."""
    name = getattr(settings, "SMS_SENDER", "")
    found: Sender = import_string(name) if name else sandbox
    return found
