"""The web server: granian, with one connection to the database per thread."""

from __future__ import annotations

import os
import sys

from xinzhi.config.processes.addresses import host_from_environment, port_from_environment


def command(certificate: str = "", key: str = "") -> list[str]:
    """The command that serves the pages. WEB_WORKERS processes (default: one per core, at most 4) of WEB_THREADS threads."""
    workers = os.environ.get("WEB_WORKERS", "") or str(min(os.cpu_count() or 1, 4))
    return [
        sys.executable, "-m", "granian", "xinzhi.config.wsgi:application", "--interface", "wsgi",
        "--host", host_from_environment(), "--port", str(port_from_environment()),
        "--workers", workers, "--blocking-threads", os.environ.get("WEB_THREADS", "") or "4",
        # A thread that goes idle closes its connection to the database; one that stays keeps it warm.
        "--blocking-threads-idle-timeout", "600",
        "--backlog", "1024", "--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "8",
        "--log-level", "warning",
        *(["--ssl-certificate", certificate, "--ssl-keyfile", key, "--ssl-protocol-min", "tls1.2"] if certificate else []),
    ]  # fmt: skip
