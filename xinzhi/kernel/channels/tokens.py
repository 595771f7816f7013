"""Access tokens: kept until shortly before they expire, fetched once however many ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

#: A token is given up this long before its end, so that it does not expire on its way.
MARGIN = timedelta(minutes=5)


class Token:
    """One application's token in this process. `fetch` returns it with the seconds it lives.

    Every process keeps its own. That is right for WeChat's stable_token and DingTalk's gettoken, which give the same
    token to everybody who asks while it lives; WeChat's older cgi-bin/token would take it from the others.
    """

    def __init__(self, fetch: Callable[[], tuple[str, int]]) -> None:
        self._fetch = fetch
        self._lock = Lock()
        self._value = ""
        self._until: datetime | None = None

    def get(self, at: datetime, *, but: str = "") -> str:
        """The token; a new one when there is none, it is about to expire, or it is the one in `but`, which was refused.

        Raises what `fetch` raises; then nothing is kept.
        """
        with self._lock:
            if not self._value or self._value == but or self._until is None or at >= self._until:
                self._value = ""
                value, seconds = self._fetch()
                self._until = at + max(timedelta(seconds=seconds) - MARGIN, timedelta(seconds=30))
                self._value = value
            return self._value
