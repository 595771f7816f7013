"""Whatever ends, and however it ends: nothing stays behind, and nothing that was written is lost."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.run.conftest import House, eventually, free_port
from xinzhi.config.processes import watched
from xinzhi.config.processes.children import Child

WEB, WORKER, POSTGRES = "granian", "config.cli worker", "postgres -D"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_stop_leaves_no_process(house: House, how: signal.Signals) -> None:
    house.start()
    assert all(house.numbers_of(what) for what in (WEB, WORKER, POSTGRES))
    assert house.signal(how) == 0
    assert house.gone()


@pytest.mark.slow
def test_each_process_comes_back_after_a_kill_and_nothing_is_lost(house: House) -> None:
    house.start()
    written = house.write()
    for what in (WEB, WORKER, POSTGRES):
        for nth in (0, -1):  # the first is the parent, the last one of its own processes
            victim = house.numbers_of(what)[nth]
            os.kill(victim, signal.SIGKILL)
            eventually(lambda gone=victim: gone not in house.processes())
            written += 1
            assert house.write() == written
            eventually(lambda one=what: house.numbers_of(one))
    assert house.signal(signal.SIGINT) == 0
    assert house.gone()


@pytest.mark.slow
def test_after_a_kill_of_the_supervisor_the_next_start_finds_everything(house: House) -> None:
    house.start()
    written = house.write()
    house.signal(signal.SIGKILL)
    assert house.start().write() == written + 1
    # and once more, with everything killed in the same moment
    house.process.kill()
    for number in house.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    house.process.wait()
    assert house.start().write() == written + 2


def test_children_do_not_outlive_a_killed_supervisor(house: House) -> None:
    house.start()
    house.signal(signal.SIGKILL)
    eventually(house.gone)


def test_a_note_of_a_dead_server_whose_number_somebody_else_has_is_no_obstacle(house: House) -> None:
    house.start()
    written = house.write()
    house.signal(signal.SIGINT)
    # a container counts its processes from 1 again: the dead server's number belongs to another program now
    other = subprocess.Popen(["sleep", "60"])
    try:
        note = house.data() / "postmaster.pid"
        note.write_text(f"{other.pid}\n{house.data()}\n1700000000\n5432\n{house.data()}\n\n  1  1\nready\n")
        sockets = Path(json.loads((house.state / "postgres.json").read_text())["sockets"])
        (sockets / ".s.PGSQL.5432.lock").write_text(f"{other.pid}\n")
        for path in (note, sockets / ".s.PGSQL.5432.lock"):
            os.chown(path, house.data().stat().st_uid, house.data().stat().st_gid)
        assert house.start().write() == written + 1
    finally:
        other.kill()
        other.wait()


def test_a_second_start_in_the_same_checkout_says_so(house: House) -> None:
    house.start()
    sentence = house.refusal()
    assert (
        f"already running in this checkout (process {house.process.pid}, http://127.0.0.1:{house.port}/)"
        in sentence
    )
    assert house.get() == "http"  # and does not disturb the first


def test_two_checkouts_run_side_by_side(house: House, tmp_path: Path) -> None:
    house.start()
    second = House(tmp_path / "second")
    try:
        assert second.start().write() == 1
        assert house.write() == 1
    finally:
        second.clear()
    assert house.write() == 2


def test_a_copy_of_a_checkout_gets_a_database_of_its_own_and_a_moved_one_keeps_it(
    house: House, tmp_path: Path
) -> None:
    # so deep that the sockets must lie elsewhere
    deep = House(tmp_path / ("deep-" * 20) / "state")
    deep.state.parent.mkdir(parents=True)
    deep.start()
    assert deep.write() == 1
    assert deep.signal(signal.SIGINT) == 0
    if os.geteuid() != 0:
        shutil.copytree(deep.state, house.state, symlinks=True)
        assert house.start().write() == 2
        assert deep.start().write() == 2
        assert house.write() == 3
        deep.signal(signal.SIGINT)
    moved = House(tmp_path / "moved" / "state")
    moved.state.parent.mkdir()
    deep.state.rename(moved.state)
    try:
        assert moved.start().write() >= 2
    finally:
        moved.clear()


def test_a_server_that_runs_but_listens_no_longer_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parent is alive and knows nothing of it; only a connection from outside tells."""
    monkeypatch.setattr(watched, "SILENT_SECONDS", 0.3)
    monkeypatch.setattr(watched, "PROBE_EVERY_SECONDS", 0.05)
    said: list[str] = []
    port = free_port()
    deaf = Child("web", ["sleep", "60"], log=tmp_path / "web.log")
    server = watched.Watched(
        deaf, say=said.append, takes_connections=lambda: watched.takes_connections("127.0.0.1", port)
    )
    server.start()
    assert deaf.process is not None
    first = deaf.process.pid
    try:
        eventually(lambda: server.look() or (deaf.process is not None and deaf.process.pid != first))
        assert "takes no connections" in said[0]
        with socket.create_server(("127.0.0.1", port)):
            now = deaf.process.pid
            until = time.monotonic() + 1
            while time.monotonic() < until:
                server.look()
            assert deaf.process.pid == now
    finally:
        deaf.kill_group()
        deaf.wait()
