"""Days, keys and files of the demo: the same township is built whenever it is loaded."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time
from uuid import NAMESPACE_URL, UUID, uuid5

from xinzhi.kernel.foundation.clock import SHANGHAI


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)


def months_back(today: date, months: int) -> date:
    index = today.year * 12 + today.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def key(*parts: object) -> UUID:
    return uuid5(NAMESPACE_URL, ":".join(["shanchuan-demo", *map(str, parts)]))


def csv_bytes(headers: list[str] | tuple[str, ...], rows: list[list[str]]) -> bytes:
    """A file as Excel in China writes it."""
    out = io.StringIO()
    csv.writer(out).writerows([headers, *rows])
    return out.getvalue().encode("utf-8-sig")
