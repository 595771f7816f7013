"""An embedded database for the length of one command: tests, measurements, a look into the data."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from xinzhi.config.processes.locks import Lock
from xinzhi.config.processes.postgres import Cluster
from xinzhi.config.processes.supervisor import state_dir
from xinzhi.config.processes.troubles import CannotStart
from xinzhi.config.secrets import make_private

MOST_TEST_SERVERS = 20


@contextlib.contextmanager
def test_server(where: Path, *, durable: bool = False, forget: bool = False) -> Iterator[str]:
    """A server of its own for tests, not for anything that should be kept; yields its DATABASE_URL.

    Its data stay for the next tests (they save initdb) unless `forget`. Several at once get a server each.
    """
    make_private(where)
    for number in range(1, MOST_TEST_SERVERS + 1):
        name = f"test-{number}"
        lock = Lock(where / f"{name}.lock")
        if not lock.take():
            continue
        cluster = Cluster(where, name, fast=not durable)
        try:
            try:
                cluster.start()
            except CannotStart:  # written without fsync: a crash of the machine may have spoilt it
                if not cluster.data.exists():
                    raise
                shutil.rmtree(cluster.data)
                cluster.start()
            yield cluster.url()
        finally:
            if forget:
                cluster.delete()
            else:
                cluster.stop()
            lock.give_back()
        return
    raise CannotStart(f"{MOST_TEST_SERVERS} test servers run in {where} already. End some of them.")


@contextlib.contextmanager
def own_server(where: Path) -> Iterator[None]:
    """The real embedded database: the one that runs, or started now and stopped afterwards."""
    make_private(where)
    lock = Lock(where / "run.lock")
    if not lock.take():
        yield  # `make run` has it
        return
    cluster = Cluster(where)
    try:
        cluster.start()
        yield
    finally:
        cluster.stop()
        lock.give_back()


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def run_with_database(command: list[str], *, throw_away: bool, durable: bool) -> int:
    """Run a command while a database runs; its exit code."""
    signal.signal(signal.SIGTERM, _end)
    try:
        if os.environ.get("DATABASE_URL"):
            return subprocess.call(command)
        if throw_away:
            with test_server(state_dir(), durable=durable, forget=True) as url:
                return subprocess.call(command, env={**os.environ, "DATABASE_URL": url})
        with own_server(state_dir()):
            return subprocess.call(command)
    except FileNotFoundError:
        sys.stderr.write(f"There is no program “{command[0]}”.\n")
        return 127
    except KeyboardInterrupt:
        return 130
