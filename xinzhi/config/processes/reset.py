"""Delete what `make run` made: the embedded database, files, keys, logs."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from pathlib import Path

from xinzhi.config.processes.children import end_left_behind
from xinzhi.config.processes.locks import Lock
from xinzhi.config.processes.postgres import Cluster
from xinzhi.config.processes.supervisor import state_dir


def main() -> int:
    """Asks first, unless SURE=1."""
    here = state_dir()
    if not here.is_dir():
        sys.stdout.write("There is nothing to delete.\n")
        return 0
    lock = Lock(here / "run.lock")
    if not lock.take():
        sys.stderr.write(f"Xinzhi is running ({lock.holder()}). Stop it with Ctrl-C first.\n")
        return 1
    clusters = [
        Cluster(here, note.stem)
        for note in here.glob("*.json")
        if note.stem == "postgres" or note.stem.startswith("test-")
    ]
    if os.environ.get("SURE") != "1":
        sys.stdout.write(
            f"This deletes the embedded database, all photos, and the keys in {here}. Type yes to go on: "
        )
        sys.stdout.flush()
        if sys.stdin.readline().strip() != "yes":
            sys.stdout.write("Nothing was deleted.\n")
            return 1
    end_left_behind(here)
    for cluster in clusters:
        cluster.delete()
    for entry in here.iterdir():
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    remove_empty(here)
    sys.stdout.write("Deleted.\n")
    return 0


def remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # a mount point, perhaps
        folder.rmdir()
