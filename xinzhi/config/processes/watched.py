"""One process that is started again whenever it ends, or runs and nobody is there."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable

from xinzhi.config.processes.children import Child

LONGEST_PAUSE_SECONDS = 15
#: A process that ran this long was well; its next failure counts as the first.
WELL_AFTER_SECONDS = 20
#: A process that runs but takes no connection this long is started again; the next time it is given more.
SILENT_SECONDS = 15
PROBE_EVERY_SECONDS = 2


class Watched:
    """A child that is started again when it ends or takes no connections, each time after a longer pause."""

    def __init__(
        self, child: Child, *, say: Callable[[str], None], takes_connections: Callable[[], bool] | None = None
    ) -> None:
        self.child = child
        self.say = say
        self.takes_connections = takes_connections
        self.heard_at = self.next_probe = 0.0
        self.failures = self.silences = 0
        self.started_at = 0.0
        self.starts_at: float | None = None

    def start(self) -> None:
        self.starts_at = None
        self.started_at = self.heard_at = time.monotonic()
        self.child.start()

    def look(self) -> None:
        now = time.monotonic()
        if self.starts_at is not None:
            if now >= self.starts_at:
                self.start()
            return
        if (code := self.child.exit_code) is None:
            if not self._is_silent(now):
                return
            self.silences += 1
            # A server's parent can outlive its worker without knowing: from outside, nobody is there.
            self.say(f"{self.child.name} takes no connections for {now - self.heard_at:.0f} s.")
            self.child.kill_group()
            code = self.child.wait()
        self.child.kill_group()
        self.failures = 1 if now - self.started_at > WELL_AFTER_SECONDS else self.failures + 1
        pause = min(2 ** (self.failures - 1) - 1, LONGEST_PAUSE_SECONDS)
        self.starts_at = now + pause
        self.say(f"{self.child.name} {how_ended(code)}; it starts again{f' in {pause} s' if pause else ''}.")
        if self.failures > 1:
            for line in self.child.said(3):
                self.say(f"  {line}")

    def _is_silent(self, now: float) -> bool:
        if self.takes_connections is None or now < self.next_probe:
            return False
        self.next_probe = now + PROBE_EVERY_SECONDS
        if self.takes_connections():
            self.heard_at, self.silences = now, 0
        return now - self.heard_at > SILENT_SECONDS * (1 + self.silences)


def how_ended(code: int) -> str:
    if code >= 0:
        return f"ended (exit code {code})"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def reachable(host: str) -> str:
    """The address under which this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def takes_connections(host: str, port: int) -> bool:
    """Whether somebody listens. A busy server does too: whether it is quick is not the question."""
    try:
        socket.create_connection((reachable(host), port), timeout=2).close()
    except TimeoutError:
        return True
    except OSError:
        return False
    return True
