"""A database given by DATABASE_URL: is it there, may we use it, is it new enough. One sentence when not."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

from xinzhi.config.database import parts_of
from xinzhi.config.processes.troubles import CannotStart

OLDEST = 14
PATIENCE_SECONDS = 5
WITHOUT = "Without DATABASE_URL, `make run` brings a database of its own."


def check(url: str, *, say: Callable[[str], None]) -> None:
    """Raises CannotStart with a sentence and its remedy. A database that is missing is made, if the login may do that."""
    try:
        parts = parts_of(url)
    except ValueError as trouble:
        raise CannotStart(str(trouble)) from None
    where = _where(parts)
    _answers(parts, where)
    name, user = parts["NAME"], parts["USER"] or "the login of this system"
    try:
        connection = _connect(parts, name)
    except psycopg.OperationalError as refusal:
        _make_if_missing(parts, name, user, where, refusal, say)
        connection = _connect(parts, name)
    with connection:
        _suits(connection, name, user, where)


def _where(parts: dict[str, Any]) -> str:
    host = parts["HOST"] or "the local socket"
    return host if host.startswith("/") or not parts["HOST"] else f"{host}:{parts['PORT'] or 5432}"


def _answers(parts: dict[str, Any], where: str) -> None:
    """Whether anything listens there at all, so that a refused login is not mistaken for a dead server."""
    host, port = parts["HOST"], int(parts["PORT"] or 5432)
    if not host or "," in host:
        return
    try:
        if host.startswith("/"):
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(PATIENCE_SECONDS)
                probe.connect(f"{host}/.s.PGSQL.{port}")
        else:
            socket.create_connection((host, port), timeout=PATIENCE_SECONDS).close()
    except socket.gaierror:
        raise CannotStart(
            f"DATABASE_URL names the machine “{host}”, which is not known here. Correct it. {WITHOUT}"
        ) from None
    except TimeoutError:
        raise CannotStart(
            f"No database answers at {where} within {PATIENCE_SECONDS} s. Is the address right, does a firewall stand between? {WITHOUT}"
        ) from None
    except OSError as trouble:
        why = {errno.ECONNREFUSED: "nothing listens there", errno.ENOENT: "there is no such socket"}.get(
            trouble.errno or 0, os.strerror(trouble.errno or 0)
        )
        raise CannotStart(
            f"No database answers at {where}: {why}. Start PostgreSQL there, or correct DATABASE_URL. {WITHOUT}"
        ) from None


def _connect(parts: dict[str, Any], database: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(
        dbname=database,
        user=parts["USER"] or None,
        password=parts["PASSWORD"] or None,
        host=parts["HOST"] or None,
        port=parts["PORT"] or None,
        autocommit=True,
        **{"client_encoding": "UTF8", **parts["OPTIONS"], "connect_timeout": PATIENCE_SECONDS},
    )


def _make_if_missing(
    parts: dict[str, Any],
    name: str,
    user: str,
    where: str,
    refusal: psycopg.OperationalError,
    say: Callable[[str], None],
) -> None:
    """The server's words may be in any language: whether the database is missing is asked of another one."""
    for other in ("postgres", "template1"):
        try:
            connection = _connect(parts, other)
        except psycopg.OperationalError:
            continue
        with connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                break
            try:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                        sql.Identifier(name)
                    )
                )
            except psycopg.errors.InsufficientPrivilege:
                raise CannotStart(
                    f"There is no database “{name}” at {where}, and {user} may not make one. "
                    f"Make it there as an administrator: CREATE DATABASE {name} OWNER {user};"
                ) from None
            except psycopg.errors.DuplicateDatabase:
                return
            say(f"There was no database “{name}” at {where}; it is made.")
            return
    words = " ".join(str(refusal).split())
    words = words.rpartition("FATAL:")[2].strip() or words
    raise CannotStart(
        f"The database at {where} refuses {user}: {words}. Correct user and password in DATABASE_URL "
        "(in a password, @ : / # are written %40 %3A %2F %23)."
    )


def _suits(connection: psycopg.Connection[tuple[Any, ...]], name: str, user: str, where: str) -> None:
    version = connection.info.server_version // 10_000
    if version < OLDEST:
        raise CannotStart(
            f"The database at {where} is PostgreSQL {version}; Xinzhi needs {OLDEST} or newer. Upgrade it. {WITHOUT}"
        )
    row = connection.execute(
        "SELECT pg_is_in_recovery(), (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()),"
        " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"
    ).fetchone()
    assert row is not None
    standby, encoding, may_create = row
    if standby:
        raise CannotStart(
            f"The database at {where} is a standby that only reads. Give the address of its primary."
        )
    if encoding != "UTF8":
        raise CannotStart(
            f"The database “{name}” keeps text as {encoding}, Xinzhi needs UTF8. "
            f"Make another: CREATE DATABASE {name}_utf8 TEMPLATE template0 ENCODING 'UTF8';"
        )
    if not may_create:
        raise CannotStart(
            f"In the database “{name}” {user} may not make tables. "
            f"Allow it as an administrator: ALTER DATABASE {name} OWNER TO {user};"
        )
