"""Search the whole database, logs and files for texts that must not be there.

    canaries = ["Kanari Zhang", "13900001234"]
    assert canaries_in_database(canaries) == []
    assert canaries_in_text(caplog.text, canaries) == []

Every column of every table of every schema is searched, at the moment of the call, so a new table needs no
registration. Bytes, JSON escapes and base64 are searched as well.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from psycopg import sql


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a canary was seen."""

    where: str
    canary: str
    rows: int = 1


def canaries_in_database(canaries: Iterable[str], *, except_tables: Iterable[str] = ()) -> list[Sighting]:
    """Tables in which one of the texts stands in any column, in any row. Empty when all is well."""
    seen: list[Sighting] = []
    wanted = {canary: _forms(canary) for canary in canaries}
    with connection.cursor() as cursor:
        for schema, table in _tables(except_tables):
            name = sql.Identifier(schema, table)
            for canary, forms in wanted.items():
                statement = sql.SQL("SELECT count(*) FROM {} AS t WHERE lower(t::text) LIKE ANY(%s)").format(
                    name
                )
                cursor.execute(statement, [[f"%{_escaped(form)}%" for form in forms]])
                rows = cursor.fetchone()[0]
                if rows:
                    seen.append(Sighting(f"{schema}.{table}", canary, rows))
    return seen


def tables_searched() -> list[str]:
    """The tables `canaries_in_database` looks at, to assert that one is among them."""
    return [f"{schema}.{table}" for schema, table in _tables(())]


def canaries_in_text(text: str, canaries: Iterable[str], where: str = "text") -> list[Sighting]:
    """The texts that stand in `text` (a captured log, a page, an answer)."""
    low = text.lower()
    return [Sighting(where, canary) for canary in canaries if any(form in low for form in _forms(canary))]


def canaries_in_files(paths: Iterable[Path], canaries: Iterable[str]) -> list[Sighting]:
    """As `canaries_in_text`, for files and everything below directories."""
    wanted = list(canaries)
    seen: list[Sighting] = []
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                text = file.read_bytes().decode("utf-8", errors="replace")
                seen += canaries_in_text(text, wanted, where=str(file))
    return seen


def _tables(except_tables: Iterable[str]) -> list[tuple[str, str]]:
    left_out = set(except_tables)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
            " ORDER BY 1, 2"
        )
        return [(schema, table) for schema, table in cursor if table not in left_out]


def _forms(canary: str) -> list[str]:
    """How the text may be written: as it is, as JSON, as bytes in hexadecimal, as base64 at any offset."""
    raw = canary.encode()
    forms = {canary, json.dumps(canary)[1:-1], raw.hex()}
    for offset in range(3):
        encoded = base64.b64encode(b"\x00" * offset + raw).decode()
        first = -(-offset * 4 // 3)  # characters touched by the padding before and after say nothing
        last = (offset + len(raw)) * 4 // 3
        if last - first >= 8:
            forms.add(encoded[first:last])
    return [form.lower() for form in forms]


def _escaped(form: str) -> str:
    # a row cast to text doubles backslashes; LIKE reads one of two
    doubled = form.replace("\\", "\\\\")
    return doubled.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
