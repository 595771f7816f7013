"""Who the embedded PostgreSQL runs as. It refuses to run as root, so root lends it an account without a login."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xinzhi.config.processes.troubles import CannotStart

ACCOUNT = "xinzhi"
HOME_OF_ROOT = Path("/var/lib/xinzhi")


@dataclass(frozen=True, slots=True)
class Account:
    uid: int
    gid: int
    name: str

    def as_user(self) -> dict[str, Any]:
        """The arguments with which subprocess starts something as this account, and nothing more than it."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """Whether this account may go into a folder or read a file. Asked of the system itself, not of modes."""
        return (
            subprocess.run(
                ["/bin/sh", "-c", 'if [ -d "$1" ]; then [ -x "$1" ]; else [ -r "$1" ]; fi', "sh", str(path)],
                cwd="/",
                check=False,
                **self.as_user(),
            ).returncode
            == 0
        )


def account_for(data: Path) -> Account | None:
    """None when the server runs as whoever we are; as root, the owner of the data or the account `xinzhi`."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid) != 0:
        try:
            entry = pwd.getpwuid(owner)
        except KeyError:
            raise CannotStart(
                f"The data in {data} belong to user {owner}, who is not known here. "
                f"Give them to an account that is: chown -R {ACCOUNT} {data}"
            ) from None
    else:
        entry = _made()
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _made() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    for command in (
        ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(HOME_OF_ROOT),
         "--shell", "/usr/sbin/nologin", "--comment", "Xinzhi database", ACCOUNT],
        ["adduser", "-S", "-D", "-H", "-h", str(HOME_OF_ROOT), "-s", "/sbin/nologin", ACCOUNT],  # busybox
    ):  # fmt: skip
        try:
            subprocess.run(command, check=False, capture_output=True)
        except FileNotFoundError:
            continue
        try:
            return pwd.getpwnam(ACCOUNT)  # ours, or another start was faster
        except KeyError:
            continue
    raise CannotStart(
        f"PostgreSQL does not run as root, and the account '{ACCOUNT}' could not be made. "
        "Run this as an ordinary user, or set DATABASE_URL to a PostgreSQL that runs already."
    )
