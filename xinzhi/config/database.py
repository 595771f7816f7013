"""Where the database is: DATABASE_URL, or the embedded PostgreSQL's socket in the state directory."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

EXAMPLE = "postgresql://xinzhi:password@127.0.0.1:5432/xinzhi"


def embedded_socket(state_dir: Path, name: str = "postgres") -> Path:
    """The folder of the embedded server's socket. It may lie elsewhere, because a socket's path is at most 107 bytes
    long and root's server needs a folder that an unprivileged user reaches; then a note in the state directory says where.
    A note that came along with a copy of another state directory does not count."""
    try:
        note = json.loads((state_dir / f"{name}.json").read_text())
        if Path(note["of"]) == state_dir.resolve():
            return Path(note["sockets"])
    except (OSError, ValueError, KeyError):
        pass
    return state_dir / name / "socket"


def database_from_environment(state_dir: Path) -> dict[str, Any]:
    """Django's DATABASES entry. Raises SystemExit with a sentence when DATABASE_URL cannot be read."""
    url = os.environ.get("DATABASE_URL", "").strip()
    common: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {"connect_timeout": 10},
        "TEST": {"NAME": os.environ.get("XINZHI_TEST_DB")},
    }
    if not url:
        return common | {
            "NAME": "xinzhi",
            "USER": "postgres",
            "HOST": str(embedded_socket(state_dir)),
            "PORT": "",
        }
    try:
        return common | parts_of(url)
    except ValueError as trouble:
        raise SystemExit(str(trouble)) from None


def parts_of(url: str) -> dict[str, Any]:
    """The parts of a DATABASE_URL by Django's names. Raises ValueError with a sentence; it never repeats the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(
            "DATABASE_URL cannot be read: the port is not a number, or the password holds one of @ : / # ? [ ] %, "
            f"which are written %40 %3A %2F %23 %3F %5B %5D %25. Example: {EXAMPLE}"
        ) from None
    if parts.scheme not in ("postgres", "postgresql"):
        found = f"{parts.scheme}://" if parts.scheme and "//" in url else "something else"
        raise ValueError(f"DATABASE_URL must begin with postgresql://, found {found}. Example: {EXAMPLE}")
    if parts.fragment:
        raise ValueError(f"DATABASE_URL holds a #. In a password it is written %23. Example: {EXAMPLE}")
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.lstrip("/")) or "xinzhi",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": options.pop("port", "") or str(port or ""),
        "OPTIONS": {"connect_timeout": 10} | options,
    }
