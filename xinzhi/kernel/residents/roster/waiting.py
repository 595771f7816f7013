"""A roster that waits for its job: the file, and afterwards its report, outside the database.

Both hold personal values, so neither goes into job arguments or logs. They lie in the state directory, readable
by the service alone; the file goes when it was brought in, what was only looked through and the report after a week.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from xinzhi.kernel.residents.roster.report import ImportReport

REPORT_DAYS = 7


def _folder() -> Path:
    folder = Path(settings.STATE_DIR) / "rosters"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def keep_file(data: bytes) -> UUID:
    """Keep an uploaded file until its job reads it."""
    name = uuid4()
    path = _folder() / f"{name}.upload"
    path.touch(mode=0o600)
    path.write_bytes(data)
    return name


def file_of(name: UUID) -> bytes:
    """The file. Raises FileNotFoundError when its job has finished."""
    return (_folder() / f"{name}.upload").read_bytes()


def drop_file(name: UUID) -> None:
    (_folder() / f"{name}.upload").unlink(missing_ok=True)


def keep_for_confirming(name: UUID, progress_id: int) -> None:
    """What was looked through waits with its report, so that it need not be sent again to be brought in."""
    path = _folder() / f"{name}.upload"
    if path.exists():
        path.rename(_folder() / f"{progress_id}.looked")


def take_looked(progress_id: int) -> UUID | None:
    """Turn what was looked through into an upload again; None when it was brought in already, or is too old."""
    name, path = uuid4(), _folder() / f"{progress_id}.looked"
    try:
        path.rename(_folder() / f"{name}.upload")
    except FileNotFoundError:
        return None
    return name


def is_looked(progress_id: int) -> bool:
    return (_folder() / f"{progress_id}.looked").exists()


def keep_report(progress_id: int, report: ImportReport | None, refusal: str = "") -> None:
    """Keep what an import did, or the sentence why it could not begin, for who sent it."""
    found: dict[str, Any] = {"refusal": refusal}
    if report is not None:
        found |= {f.name: getattr(report, f.name) for f in fields(report)}
        for kind in ("problems", "warnings"):
            found[kind] = [
                {
                    "row": p.row,
                    "column": str(p.column),
                    "value": p.value,
                    "problem": str(p.problem),
                    "remedy": str(p.remedy),
                }
                for p in getattr(report, kind)
            ]
        for kind in ("differences", "not_in_file", "other_households", "moves"):
            found[kind] = [asdict(entry) for entry in getattr(report, kind)]
        found["left_out"] = [
            {"column": entry.column, "reason": str(entry.reason)} for entry in report.left_out
        ]
    path = _folder() / f"{progress_id}.report"
    path.touch(mode=0o600)
    path.write_text(json.dumps(found, ensure_ascii=False, default=str))


def report_of(progress_id: int) -> dict[str, Any] | None:
    """The report, or None while there is none (or no longer one). The caller has asked `jobs.progress_of`."""
    path = _folder() / f"{progress_id}.report"
    return json.loads(path.read_text()) if path.exists() else None


def drop_old() -> int:
    """Remove what lies longer than a week."""
    oldest = time.time() - REPORT_DAYS * 86_400
    old = [p for p in _folder().iterdir() if p.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
