"""Say where something broke without saying with which values: those may be personal."""

from __future__ import annotations

import traceback


def name_of(trouble: BaseException) -> str:
    """ "IntegrityError at services.py:34": class and place, never the message."""
    frames = traceback.extract_tb(trouble.__traceback__)
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(trouble).__name__}{place}"[:120]


def trail_of(trouble: BaseException) -> str:
    """The way to it, file by file, without the messages of the exceptions."""
    frames = traceback.extract_tb(trouble.__traceback__)
    return "\n".join(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
