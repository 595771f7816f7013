"""Ports and addresses of this machine."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from pathlib import Path

from xinzhi.config.processes.troubles import CannotStart


def port_from_environment() -> int:
    """PORT, 8000 without. Raises CannotStart when it is none."""
    given = os.environ.get("PORT", "").strip() or "8000"
    if not given.isdigit() or not 1 <= int(given) <= 65535:
        raise CannotStart(
            f"PORT must be a number from 1 to 65535, found “{given}”. Example: PORT=8080 make run"
        )
    return int(given)


def host_from_environment() -> str:
    """HOST; without it this machine alone, or with HTTPS=1 the whole network, since phones are meant to come."""
    return os.environ.get("HOST", "").strip() or ("0.0.0.0" if https_wanted() else "127.0.0.1")  # noqa: S104


def https_wanted() -> bool:
    return os.environ.get("HTTPS", "").strip() == "1"


def claim_port(host: str, port: int) -> None:
    """Raises CannotStart with a remedy when the port cannot be served on. Does not keep it."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise CannotStart(
            f"HOST “{host}” is not an address of this machine. Example: HOST=0.0.0.0 make run"
        ) from None
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # What the web server does as well: connections of the last minute that still linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as trouble:
            raise CannotStart(_why_not(trouble, host, port)) from None


def _why_not(trouble: OSError, host: str, port: int) -> str:
    if trouble.errno == errno.EADDRINUSE:
        by = who_listens(port)
        other = port + 1 if port < 65535 else 8000
        return f"Port {port} is taken{f' by {by}' if by else ''}. Stop that program, or choose another port: PORT={other} make run"
    if trouble.errno == errno.EACCES:
        return f"Port {port} is only for root (below 1024). Choose another port: PORT=8000 make run"
    if trouble.errno == errno.EADDRNOTAVAIL:
        return f"HOST {host} is not an address of this machine. HOST=0.0.0.0 serves on all of them."
    return f"Port {port} on {host} cannot be served on ({trouble.strerror}). Choose another: PORT={port + 1} make run"


def who_listens(port: int) -> str:
    """The program that listens on a port, for example “nginx (process 812)”; empty when that cannot be seen."""
    sockets = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    sockets.add(f"socket:[{fields[9]}]")
    if not sockets:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for handle in (process / "fd").iterdir():
                if str(handle.readlink()) in sockets:
                    name = (process / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
                    return f"{Path(name).name or 'a program'} (process {process.name})"
    return ""


def lan_addresses() -> list[str]:
    """IPv4 addresses under which others in the network reach this machine, the likeliest first."""
    found: list[str] = []
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # nothing is sent: only the routing table is asked
        found.append(probe.getsockname()[0])
    with contextlib.suppress(OSError):
        found += [
            str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, family=socket.AF_INET)
        ]
    return [a for a in dict.fromkeys(found) if not a.startswith("127.")]
