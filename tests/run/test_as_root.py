"""As root nothing that exists is opened up, and the database does not run as root."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.run.conftest import House
from xinzhi.config.processes.accounts import HOME_OF_ROOT
from xinzhi.config.processes.supervisor import ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can try this")


def modes(*roots: Path) -> dict[Path, tuple[int, int, int]]:
    """Mode and owner of every parent folder, and of everything below."""
    found = {}
    for root in roots:
        paths = [root, *root.parents]
        for folder, folders, files in os.walk(root):
            if "node_modules" in folders:
                folders.remove("node_modules")
            paths += [Path(folder) / name for name in (*folders, *files)]
        for path in paths:
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            found[path] = (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
    return found


@pytest.mark.parametrize("reachable", [True, False])
def test_no_existing_mode_changes_and_the_server_is_nobody_in_particular(
    tmp_path_factory: pytest.TempPathFactory, reachable: bool
) -> None:
    # pytest's folders are closed to others; one of them opened makes the other case
    parent = Path("/tmp") / f"xinzhi-test-{os.getpid()}" if reachable else tmp_path_factory.mktemp("closed")
    parent.mkdir(exist_ok=True)
    parent.chmod(0o755 if reachable else 0o700)
    house = House(parent / "state")
    existing = [p for p in (ROOT, parent, Path("/var/lib"), Path("/var/tmp")) if p.exists()]
    before = modes(*existing[:2]) | {
        p: v for p, v in modes(*existing[2:]).items() if not p.is_relative_to(HOME_OF_ROOT)
    }
    try:
        house.start()
        [server, *_] = house.numbers_of("postgres -D")
        assert Path(f"/proc/{server}").stat().st_uid != 0
        assert house.data().is_relative_to(house.state) is reachable
        house.write()
    finally:
        house.clear()
    after = modes(*existing)
    changed = {str(p): (before[p], after[p]) for p in before.keys() & after.keys() if before[p] != after[p]}
    assert changed == {}
    if reachable:
        parent.rmdir()
