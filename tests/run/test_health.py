"""/healthz and /readyz tell the truth."""

from __future__ import annotations

import json
import os
import signal
import urllib.error
from pathlib import Path

import psycopg

from tests.run.conftest import House, eventually
from xinzhi.config.processes.postgres import Cluster


def readiness(house: House) -> tuple[int, dict[str, str]]:
    try:
        return 200, json.loads(house.get("/readyz"))
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read())


def test_what_is_missing_is_named(house: House, tmp_path: Path) -> None:
    server = Cluster(tmp_path / "given", fast=True)
    server.start()
    try:
        house.start(DATABASE_URL=server.url())
        eventually(lambda: readiness(house)[1]["status"] == "ready")

        # no worker: pages work, jobs wait
        [worker] = house.numbers_of("config.cli worker")
        os.kill(worker, signal.SIGSTOP)
        with psycopg.connect(server.url()) as connection:
            connection.execute(
                "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
            )
        code, answer = readiness(house)
        assert (code, answer["status"]) == (200, "degraded")
        assert answer["checks"]["worker"].startswith("silent for 6")
        os.kill(worker, signal.SIGCONT)
        eventually(lambda: readiness(house)[1]["status"] == "ready")

        # no database: the process is well, and says what it lacks
        server.stop()
        assert house.get("/healthz") == "ok\n"
        code, answer = readiness(house)
        assert (code, answer["status"], answer["checks"]["database"]) == (503, "not_ready", "unreachable")

        # and it comes back by itself
        server.start_again()
        eventually(lambda: readiness(house)[0] == 200)
        assert house.write() == 1
    finally:
        house.clear()
        server.delete()


def test_waiting_migrations_are_not_ready(house: House) -> None:
    house.start()
    assert readiness(house)[0] == 200
    note = json.loads((house.state / "postgres.json").read_text())
    with psycopg.connect(f"postgresql://postgres@/xinzhi?host={note['sockets']}") as connection:
        connection.execute("DELETE FROM django_migrations WHERE app = 'auth' AND name LIKE '0012%'")
    for number in house.numbers_of("granian"):
        os.kill(number, signal.SIGKILL)
    eventually(lambda: readiness(house)[0] == 503)
    assert readiness(house)[1]["checks"]["migrations"] == "1 waiting: run xinzhi setup-db"
