"""Where the database is: DATABASE_URL, or the embedded PostgreSQL's socket in the state directory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def database_from_environment(state_dir: Path) -> dict[str, Any]:
    """Django's DATABASES entry. Raises SystemExit with a sentence when DATABASE_URL is not a PostgreSQL one."""
    url = os.environ.get("DATABASE_URL", "")
    common: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
        "ATOMIC_REQUESTS": False,
        "TEST": {"NAME": os.environ.get("XINZHI_TEST_DB")},
    }
    if not url:
        return common | {"NAME": "xinzhi", "USER": "postgres", "HOST": str(state_dir / "postgres-socket"), "PORT": ""}
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise SystemExit(
            f"DATABASE_URL must begin with postgresql://, found {parts.scheme or 'nothing'}://. "
            "Example: postgresql://xinzhi@127.0.0.1:5432/xinzhi"
        )
    options = dict(parse_qsl(parts.query))
    return common | {
        "NAME": parts.path.lstrip("/") or "xinzhi",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
