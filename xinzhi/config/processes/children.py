"""Processes that end with us: by request, by signal, and by the kernel when we are killed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from xinzhi.config.processes.accounts import Account

#: Children carry their state directory in this variable, so that a later start finds what an earlier one left behind.
MARK = "XINZHI_SUPERVISED"
PR_SET_PDEATHSIG = 1
LARGEST_LOG = 20_000_000


def _dies_with_parent(sent: signal.Signals) -> Callable[[], None]:
    """What the child does before it becomes its program. Linux only; elsewhere the next start cleans up."""
    parent = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def before() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, int(sent), 0, 0, 0)
            if os.getppid() != parent:  # killed between fork and here
                os._exit(1)

    return before


class Child:
    """One process in a group of its own (Ctrl-C reaches only us), writing to a log.

    `stop_signal` asks it to end, `orphan_signal` (the same without) is what the kernel sends it when we are killed.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path | None,
        env: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        orphan_signal: signal.Signals | None = None,
        grace_seconds: float = 10.0,
        account: Account | None = None,
        cwd: Path | str | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.env = dict(os.environ if env is None else env)
        self.stop_signal = stop_signal
        self.orphan_signal = orphan_signal or stop_signal
        self.grace_seconds = grace_seconds
        self.account = account
        self.cwd = cwd
        self.process: subprocess.Popen[bytes] | None = None
        self.log_begin = 0

    def start(self) -> None:
        """Start it. Its log goes on where it ended."""
        out = None
        if self.log is not None:
            shorten(self.log)
            out = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self.log_begin = os.fstat(out).st_size
        try:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self.env,
                cwd=self.cwd,
                start_new_session=True,
                # The kernel forgets this wish when the user changes, so it is made last; that order is subprocess's.
                preexec_fn=_dies_with_parent(self.orphan_signal),
                **(self.account.as_user() if self.account else {}),
            )
        finally:
            if out is not None:
                os.close(out)

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll() if self.process else -1

    def wait(self) -> int:
        """Wait for its end; how it ended."""
        return self.process.wait() if self.process else -1

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)

    def wait_stopped(self, deadline: float) -> bool:
        """Wait until it has ended, at most until the deadline (monotonic); then the whole group is killed."""
        if not self.process:
            return True
        in_time = True
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            in_time = False
        self.kill_group()
        self.process.wait()
        return in_time

    def stop(self) -> bool:
        self.ask_to_stop()
        return self.wait_stopped(time.monotonic() + self.grace_seconds)

    def kill_group(self) -> None:
        """What is left of its group: the server's own workers survive when only their parent is killed."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def said(self, lines: int = 8) -> list[str]:
        """The last lines it wrote since it was started last."""
        if self.log is None:
            return []
        try:
            with self.log.open("rb") as file:
                file.seek(self.log_begin)
                text = file.read()[-20_000:].decode(errors="replace")
        except OSError:
            return []
        return [line for line in text.splitlines() if line.strip()][-lines:]


def shorten(log: Path) -> None:
    """Keep one older part beside a log that grew long. Its writers append, so they go on at the new end."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LARGEST_LOG:
            log.with_suffix(".log.1").write_bytes(log.read_bytes())
            os.truncate(log, 0)


def left_behind(state_dir: Path) -> list[int]:
    """Processes of an earlier start in this state directory that outlived it. Linux only."""
    wanted = f"{MARK}={state_dir}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return [pid for pid in found if pid != os.getpid()]


def end_left_behind(state_dir: Path, patience_seconds: float = 4.0) -> int:
    """End them, kindly first. Returns how many there were."""
    asked: set[int] = set()
    deadline = time.monotonic() + patience_seconds
    while pids := set(left_behind(state_dir)):
        late = time.monotonic() > deadline
        for pid in pids if late else pids - asked:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
        asked |= pids
        time.sleep(0.2)
    return len(asked)
