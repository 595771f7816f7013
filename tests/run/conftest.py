from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from xinzhi.config.processes.children import MARK
from xinzhi.config.processes.supervisor import ROOT

T = TypeVar("T")
OURS = (
    "DATABASE_URL",
    "PORT",
    "HOST",
    "HTTPS",
    "XINZHI_DEMO",
    "DJANGO_SETTINGS_MODULE",
    "XINZHI_STATE_DIR",
    MARK,
)


def clean_environment(**more: str) -> dict[str, str]:
    """The environment of a newcomer, not that of this test run."""
    return {key: value for key, value in os.environ.items() if key not in OURS} | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class House:
    """`make run`, without the installing, in a state directory of its own."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.port = free_port()
        self.lines: list[str] = []
        self._incoming: queue.Queue[str] = queue.Queue()
        self.process: subprocess.Popen[str] | None = None

    def environment(self, **more: str) -> dict[str, str]:
        return (
            clean_environment(
                XINZHI_STATE_DIR=str(self.state),
                PORT=str(self.port),
                XINZHI_DEMO="0",
                WEB_WORKERS="1",
                DJANGO_SETTINGS_MODULE="tests.run.small_settings",
            )
            | more
        )

    def start(self, *, until: str = "Ctrl-C stops", within: float = 60, **environment: str) -> House:
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "xinzhi.config.processes"],
            cwd=ROOT,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        self.wait_for_line(until, within)
        return self

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._incoming.put(line)

    def wait_for_line(self, text: str, within: float = 30) -> str:
        deadline = time.monotonic() + within
        while True:
            try:
                line = self._incoming.get(timeout=0.1)
            except queue.Empty:
                assert self.process is not None
                if time.monotonic() > deadline or (
                    self.process.poll() is not None and self._incoming.empty()
                ):
                    pytest.fail(
                        f"“{text}” was not said. What was said:\n{''.join(self.lines)}", pytrace=False
                    )
                continue
            self.lines.append(line)
            if text in line:
                return line

    def refusal(self, **environment: str) -> str:
        """What it says when it does not start: one sentence, exit code 1, no traceback."""
        done = subprocess.run(
            [sys.executable, "-m", "xinzhi.config.processes"],
            cwd=ROOT, env=self.environment(**environment), capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        [sentence] = done.stderr.strip().splitlines()
        return sentence

    def get(self, path: str = "/scheme", scheme: str = "http") -> str:
        context = ssl._create_unverified_context() if scheme == "https" else None
        with urllib.request.urlopen(
            f"{scheme}://127.0.0.1:{self.port}{path}", timeout=10, context=context
        ) as answer:
            text: str = answer.read().decode()
            return text

    def write(self, within: float = 60) -> int:
        """Add a row; returns how many there are. Keeps asking while something recovers."""
        return int(eventually(lambda: self.get("/write"), within))

    def signal(self, number: signal.Signals) -> int:
        """Send a signal to the supervisor and wait for its end."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def processes(self) -> dict[int, str]:
        """Everything that this house started and that runs, by number."""
        found = {}
        data = str(self.data().resolve())
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                marked = f"{MARK}={self.state}".encode() in (entry / "environ").read_bytes().split(b"\0")
                if marked or str((entry / "cwd").readlink()) == data:
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def numbers_of(self, what: str) -> list[int]:
        """Numbers of web, worker or postgres, the first started first."""
        return sorted(pid for pid, command in self.processes().items() if what in command)

    def data(self) -> Path:
        import json

        note = self.state / "postgres.json"
        return (
            Path(json.loads(note.read_text())["home"]) / "data"
            if note.exists()
            else self.state / "postgres" / "data"
        )

    def gone(self) -> bool:
        return not self.processes()

    def clear(self) -> None:
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGTERM)
        subprocess.run(
            [sys.executable, "-m", "xinzhi.config.processes", "reset"],
            cwd=ROOT, env=self.environment(SURE="1"), check=True, capture_output=True,
        )  # fmt: skip


def eventually(attempt: Callable[[], T], within: float = 30) -> T:
    """The result of the first attempt that neither fails nor is false."""
    deadline = time.monotonic() + within
    while True:
        try:
            if result := attempt():
                return result
        except OSError:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, "not within the time"
        time.sleep(0.1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    one = House(tmp_path / "state")
    yield one
    while not one._incoming.empty():
        one.lines.append(one._incoming.get())
    print("".join(one.lines))
    for log in sorted((one.state / "logs").glob("*.log")):
        print(f"--- {log.name}\n{log.read_text()[-3000:]}")
    one.clear()
