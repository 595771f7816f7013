"""The store of originals: EVIDENCE_DIR/originals/aa/bb/<sha256>, mode 0600, each content once.

A file is complete or not there: it is written beside its place, synced, and renamed. Rows are written after
files, so a crash in between leaves a file without a row (the sweep removes it), never a row without a file.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_VARIANT = re.compile(r"[a-z0-9]{1,12}\Z")


def root() -> Path:
    return Path(settings.EVIDENCE_DIR)


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def original_path(sha256: str) -> Path:
    """Where the content lies. Raises ValueError for anything but a digest, so that no path can be smuggled in."""
    return _place("originals", sha256) / sha256


def copy_path(sha256: str, variant: str) -> Path:
    """Where a display copy is cached."""
    if not _VARIANT.match(variant):
        raise ValueError("not a variant")
    return _place("copies", sha256) / f"{sha256}.{variant}"


def _place(area: str, sha256: str) -> Path:
    if not _SHA256.match(sha256):
        raise ValueError("not a SHA-256 digest")
    return root() / area / sha256[:2] / sha256[2:4]


def keep(path: Path, data: bytes) -> None:
    """Write the file durably, unless it is there already; one that was damaged is replaced."""
    if path.exists() and path.read_bytes() == data:
        return
    _make_folder(path.parent)
    handle, temporary = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    """Create missing folders with mode 0700; existing ones keep their mode."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(sha256: str) -> None:
    """Remove the original and all its copies; fine when they are gone already."""
    original_path(sha256).unlink(missing_ok=True)
    folder = _place("copies", sha256)
    if folder.is_dir():
        for copy in folder.glob(f"{sha256}.*"):
            copy.unlink(missing_ok=True)


def stored(area: str = "originals") -> Iterator[tuple[str, Path]]:
    """(digest, path) of what lies in the store; leftovers of a crash have an empty digest."""
    base = root() / area
    if not base.is_dir():
        return
    for path in base.glob("??/??/*"):
        name = path.name.partition(".")[0]
        yield (name if _SHA256.match(name) else ""), path
