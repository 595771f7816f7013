"""A short-message service that delivers nothing and keeps the rules of the real one."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Collection
from datetime import datetime, timedelta
from threading import Lock
from typing import Literal

from xinzhi.kernel.channels.port import Letter, Permanent, Temporary

PER_DAY = 10
GAP = timedelta(minutes=1)
_MOBILE = re.compile(r"1[3-9][0-9]{9}\Z")


class Sandbox:
    """Eleven-digit numbers, a signature, known templates; of one template one message a minute and ten a day for a number.

    `templates` are those filed; None takes every code that has the form of one.
    """

    code: Literal["sms"] = "sms"
    is_sandbox = True
    is_idempotent = False

    def __init__(self, *, sign_name: str = "信治", templates: Collection[str] | None = None) -> None:
        self.sign_name = sign_name
        self.templates = templates
        self._lock = Lock()
        self._sent: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)
        #: What was sent last to a number; for the demo and for tests.
        self.last: dict[str, Letter] = {}
        self.count = 0

    def send(self, *, to: str, letter: Letter, key: str, at: datetime) -> str:  # noqa: ARG002
        if not self.sign_name:
            raise Permanent("sender_refused", "isv.SMS_SIGNATURE_ILLEGAL")
        if not _MOBILE.match(to):
            raise Permanent("address_invalid", "isv.MOBILE_NUMBER_ILLEGAL")
        if not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", letter.template) or (
            self.templates is not None and letter.template not in self.templates
        ):
            raise Permanent("template_refused", "isv.SMS_TEMPLATE_ILLEGAL")
        with self._lock:
            times = self._sent[to, letter.template]
            while times and times[0] <= at - timedelta(days=1):
                times.popleft()
            if len(times) >= PER_DAY or (times and at - times[-1] < GAP):
                raise Temporary("rate_limited", "isv.BUSINESS_LIMIT_CONTROL")
            times.append(at)
            self.last[to] = letter
            self.count += 1
            return f"sandbox-{self.count}"

    def forget(self) -> None:
        """Start anew; for tests."""
        with self._lock:
            self._sent.clear()
            self.last.clear()
            self.count = 0


sandbox = Sandbox()
