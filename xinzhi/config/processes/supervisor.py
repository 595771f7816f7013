"""Start everything, look after it, stop everything."""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from xinzhi.config.database import parts_of
from xinzhi.config.processes import given_database
from xinzhi.config.processes.addresses import (
    claim_port,
    host_from_environment,
    https_wanted,
    lan_addresses,
    port_from_environment,
)
from xinzhi.config.processes.children import MARK, Child, end_left_behind, shorten
from xinzhi.config.processes.locks import Lock
from xinzhi.config.processes.postgres import Cluster
from xinzhi.config.processes.prepare import Prepared
from xinzhi.config.processes.troubles import CannotStart
from xinzhi.config.processes.watched import (
    WELL_AFTER_SECONDS,
    Watched,
    how_ended,
    reachable,
    takes_connections,
)
from xinzhi.config.processes.web import command as web_command
from xinzhi.config.secrets import make_private

ROOT = Path(__file__).resolve().parents[3]
READY_WITHIN_SECONDS = 90
MOST_DATABASE_STARTS = 10
LOOK_EVERY_SECONDS = 0.2


class Stopped(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal."""


def state_dir() -> Path:
    return Path(os.environ.get("XINZHI_STATE_DIR") or ROOT / ".xinzhi").absolute()


def say(line: str = "") -> None:
    sys.stdout.write(f"  {line}\n" if line else "\n")
    sys.stdout.flush()


class Supervisor:
    def __init__(self) -> None:
        self.state_dir = state_dir()
        self.url = os.environ.get("DATABASE_URL", "").strip()
        self.cluster: Cluster | None = None
        self.database_starts = 0
        self.database_started_at = time.monotonic()
        self.watched: list[Watched] = []
        self.helper: Child | None = None

    # --- start -------------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """Until it is told to stop. Raises CannotStart when it cannot begin or cannot go on."""
        begin = time.monotonic()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._told_to_stop)
        os.umask(0o077)  # what is kept of people is for nobody else on this machine
        lock = Lock(self.state_dir / "run.lock")
        try:
            host, port = host_from_environment(), port_from_environment()
            make_private(self.state_dir)
            if not lock.take():
                raise CannotStart(
                    f"Xinzhi is already running in this checkout ({lock.holder()}). Use that one, or stop it with Ctrl-C first."
                )
            lock.say(f"process {os.getpid()}, {self._address(host, port)}")
            sys.stdout.write("Xinzhi 信治\n")
            self._begin(host, port, begin)
            self._look_after()
        except Stopped:
            return 0
        except PermissionError as trouble:
            raise CannotStart(
                f"{trouble.filename} belongs to another user. Start as that user, or give XINZHI_STATE_DIR a folder of your own."
            ) from None
        finally:
            self._stop()
            lock.give_back()

    def _begin(self, host: str, port: int, begin: float) -> None:
        if earlier := end_left_behind(self.state_dir):
            say(f"An earlier start had left {earlier} processes behind; they are ended.")
        claim_port(host, port)
        self._start_database()
        prepared = self._prepare()
        certificate = key = ""
        if https_wanted():
            from xinzhi.config.processes.certificates import local_certificate

            certificate, key = map(str, local_certificate(self.state_dir / "https", lan_addresses()))
        env = self._environment(demo=prepared.demo)
        self.watched = [
            Watched(
                Child("web", web_command(certificate, key), log=self._log("web"), env=env, cwd=ROOT),
                say=say,
                takes_connections=lambda: takes_connections(host, port),
            ),
            Watched(
                Child(
                    "worker",
                    [sys.executable, "-m", "xinzhi.config.cli", "worker"],
                    log=self._log("worker"),
                    env=env,
                    cwd=ROOT,
                    # Without us the database goes too, and its farewell would wait for that. Jobs survive a kill.
                    orphan_signal=signal.SIGKILL,
                ),
                say=say,
            ),
        ]
        say("Web and worker")
        for watched in self.watched:
            watched.start()
        self._wait_until_ready(host, port)
        self._tell(host, port, prepared, time.monotonic() - begin)

    def _start_database(self) -> None:
        if self.url:
            parts = self._parts()
            given_database.check(self.url, say=say)
            say(f"Database: {parts['NAME']} at {parts['HOST'] or 'the local socket'}")
            return
        self.cluster = Cluster(self.state_dir)
        self.cluster.start(say)
        say(f"Database: embedded PostgreSQL, its data in {shown(self.cluster.home)}")

    def _parts(self) -> dict[str, Any]:
        try:
            return parts_of(self.url)
        except ValueError as trouble:
            raise CannotStart(str(trouble)) from None

    def _prepare(self) -> Prepared:
        result = self.state_dir / "prepared.json"
        result.unlink(missing_ok=True)
        wanted = os.environ.get("XINZHI_DEMO", "") != "0"
        self.helper = Child(
            "prepare",
            [
                sys.executable,
                "-m",
                "xinzhi.config.processes",
                "prepare",
                str(result),
                *(["--demo"] if wanted else []),
            ],
            log=None,
            env=self._environment(demo=wanted),
            cwd=ROOT,
        )
        self.helper.start()
        while (code := self.helper.exit_code) is None:
            time.sleep(0.05)
        if code:
            raise CannotStart("The database could not be prepared (see above). Nothing was started.")
        prepared = Prepared(**json.loads(result.read_text()))
        result.unlink()
        return prepared

    def _environment(self, *, demo: bool) -> dict[str, str]:
        given = os.environ.get("XINZHI_DEMO", "")
        return {
            **os.environ,
            MARK: str(self.state_dir),
            "XINZHI_STATE_DIR": str(self.state_dir),
            "XINZHI_DEMO": given or ("1" if demo else "0"),
            "PYTHONUNBUFFERED": "1",
        }

    def _log(self, name: str) -> Path:
        folder = self.state_dir / "logs"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / f"{name}.log"

    def _wait_until_ready(self, host: str, port: int) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not answers(host, port):
            for watched in self.watched:
                if (code := watched.child.exit_code) is not None:
                    said = "\n".join(f"    {line}" for line in watched.child.said(12))
                    raise CannotStart(
                        f"{said}\n{watched.child.name} {how_ended(code)} (log: {shown(watched.child.log)})."
                    )
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"The web server did not answer within {READY_WITHIN_SECONDS} s (log: {shown(self._log('web'))})."
                )
            time.sleep(0.05)

    # --- what a person reads -----------------------------------------------------------------------------------------

    @staticmethod
    def _address(host: str, port: int) -> str:
        name = {"0.0.0.0": "localhost", "::": "localhost", "": "localhost"}.get(host, host)  # noqa: S104
        return f"{'https' if https_wanted() else 'http'}://{f'[{name}]' if ':' in name else name}:{port}/"

    def _tell(self, host: str, port: int, prepared: Prepared, seconds: float) -> None:
        say()
        say(f"Ready after {seconds:.0f} s:  {self._address(host, port)}")
        if host in ("0.0.0.0", "::"):  # noqa: S104
            for address in lan_addresses():
                say(f"In this network:   {self._address(address, port)}")
        if https_wanted():
            say("The certificate is this machine's own: browsers ask once whether to trust it.")
            self._show_code(port)
        if prepared.logins.strip():
            say()
            say("Demo logins (role, place, login, password):")
            sys.stdout.write(f"{prepared.logins.rstrip()}\n")
        elif prepared.demo:
            say("The demo township was loaded from another checkout, which also keeps its passwords.")
        say()
        say("Ctrl-C stops everything. `make logs` shows what the processes say.")

    def _show_code(self, port: int) -> None:
        addresses = lan_addresses()
        if addresses:
            import segno

            say("For a phone in the same network:")
            segno.make(self._address(addresses[0], port), error="m").terminal(compact=True)
            sys.stdout.flush()

    # --- look after it -----------------------------------------------------------------------------------------------

    def _look_after(self) -> NoReturn:
        next_shortening = 0.0
        while True:
            self._look_after_database()
            for watched in self.watched:
                watched.look()
            if time.monotonic() > next_shortening:
                next_shortening = time.monotonic() + 60
                for log in (self.state_dir / "logs").glob("*.log"):
                    shorten(log)
            time.sleep(LOOK_EVERY_SECONDS)

    def _look_after_database(self) -> None:
        if self.cluster is None or self.cluster.child is None:
            return
        code = self.cluster.child.exit_code
        if code is None:
            return
        begin = time.monotonic()
        well = begin - self.database_started_at > WELL_AFTER_SECONDS
        self.database_starts = 1 if well else self.database_starts + 1
        if self.database_starts > MOST_DATABASE_STARTS:
            raise CannotStart(
                f"PostgreSQL ended {self.database_starts} times in a row. Its log: {shown(self.cluster.log)}"
            )
        say(f"The database {how_ended(code)}; it starts again.")
        self.cluster.start_again(say)
        self.database_started_at = time.monotonic()
        say(f"The database answers again after {time.monotonic() - begin:.0f} s.")

    # --- stop --------------------------------------------------------------------------------------------------------

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        # From now on a second Ctrl-C changes nothing: everything is being stopped already.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    def _stop(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        children = [w.child for w in self.watched] + ([self.helper] if self.helper else [])
        running = [c for c in children if c.exit_code is None]
        if running:
            say("Stopping")
        for child in running:
            child.ask_to_stop()
        deadline = time.monotonic() + max((c.grace_seconds for c in running), default=0.0)
        for child in children:
            child.wait_stopped(deadline)
        if self.cluster:
            self.cluster.stop()
        if running:
            say("Stopped.")


def answers(host: str, port: int) -> bool:
    """Whether the web server answers anything at all on /healthz."""
    name = reachable(host)
    connection: http.client.HTTPConnection
    if https_wanted():
        # Our own certificate on our own machine: whether somebody answers is the question here, not who.
        context = ssl._create_unverified_context()  # noqa: S323
        connection = http.client.HTTPSConnection(name, port, timeout=2, context=context)
    else:
        connection = http.client.HTTPConnection(name, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def shown(path: Path | None) -> str:
    """A path as short as it can be."""
    if path is None:
        return "none"
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def main() -> int:
    try:
        return Supervisor().run()
    except CannotStart as trouble:
        sys.stdout.flush()
        sys.stderr.write(f"{trouble}\n")
        return 1
