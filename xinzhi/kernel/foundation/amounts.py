"""Integers only: points in tenths, money in fen."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid

_POINTS = re.compile(r"[+-]?\d{1,9}(\.\d)?\Z")
MAX_POINTS_TENTHS = 10_000_000


class PointsNotUnderstood(Invalid):
    code = "points.not_understood"
    sentence = _("Points need a number with at most one decimal, for example 5 or 0.5; found “%(found)s”.")


def parse_points(text: str | int | float | Decimal) -> int:
    """Tenths of a point from what people write: "5", "0.5", "-10". Raises PointsNotUnderstood."""
    written = str(text).strip().replace("＋", "+").replace("－", "-").replace("−", "-")
    if written.endswith(".0"):
        written = written[:-2]
    if not _POINTS.match(written):
        raise PointsNotUnderstood(found=str(text)[:40])
    tenths = int(Decimal(written) * 10)
    if abs(tenths) > MAX_POINTS_TENTHS:
        raise PointsNotUnderstood(found=str(text)[:40])
    return tenths


def format_points(tenths: int, *, sign: bool = False) -> str:
    """ "+15", "1,234.5", "-10": how points are shown."""
    whole, tenth = divmod(abs(tenths), 10)
    text = f"{whole:,}" + (f".{tenth}" if tenth else "")
    if tenths < 0:
        return f"−{text}"
    return f"+{text}" if sign and tenths > 0 else text


def format_fen(fen: int) -> str:
    """¥3,194.86"""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'−' if fen < 0 else ''}¥{yuan:,}.{rest:02d}"
