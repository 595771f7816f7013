"""One start at a time in one state directory. The lock dies with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Lock:
    """A lock on a file, which also carries a line about its holder for whoever comes second."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Whether it is ours now."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        self.say(f"process {os.getpid()}")
        return True

    def say(self, line: str) -> None:
        assert self._handle is not None
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, line.encode(), 0)

    def holder(self) -> str:
        """What the holder said about itself."""
        try:
            return self.path.read_text().strip()
        except OSError:
            return ""

    def give_back(self) -> None:
        if self._handle is not None:
            os.ftruncate(self._handle, 0)
            os.close(self._handle)
            self._handle = None
