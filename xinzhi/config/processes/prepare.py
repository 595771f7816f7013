"""Bring the database up to date, and put the demo township into an empty one.

Runs in a process of its own (`python -m xinzhi.config.processes prepare FILE`) and leaves what it found in FILE.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from xinzhi.config.processes.troubles import CannotStart

#: Two machines that start at once on one database take turns. Any constant does.
TURN = 0x58696E7A6869
#: Written as a comment on django_migrations, so that it travels with the data; half a township is invented data as well.
DEMO_MARK = "xinzhi: demo township"
DEMO_MARK_LOADING = f"{DEMO_MARK}, not complete"


@dataclass(frozen=True, slots=True)
class Prepared:
    """`demo`: the data are invented, so one-time codes may be shown. `loaded`: just now."""

    demo: bool
    loaded: bool
    logins: str


def prepare(*, demo: bool, say: Callable[[str], None]) -> Prepared:
    """Migrate, and with `demo` load the demo township when nobody has written anything yet."""
    from xinzhi.config.cli import set_up_django

    set_up_django()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    Path(settings.STATIC_ROOT).mkdir(
        parents=True, exist_ok=True
    )  # collected files may come here; it misses the folder
    call_command("check", stdout=io.StringIO())  # a misdeclared scene stops here, with a hint
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [TURN])
    try:
        executor = MigrationExecutor(connection)
        if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
            say(f"Tables: {len(waiting)} migrations")
            call_command("migrate", interactive=False, verbosity=0)
        loaded = False
        if demo and (_mark() == DEMO_MARK_LOADING or (not _is_demo() and _is_empty())):
            loaded = _load_demo(say)
        return Prepared(demo=_is_demo(), loaded=loaded, logins=_logins() if _is_demo() else "")
    finally:
        with contextlib.suppress(Exception), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [TURN])


def _is_empty() -> bool:
    from django.contrib.auth import get_user_model

    from xinzhi.kernel.regions.models import Region

    return not Region.objects.exists() and not get_user_model().objects.exists()


def _is_demo() -> bool:
    return _mark() in (DEMO_MARK, DEMO_MARK_LOADING)


def _mark() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('django_migrations'::regclass, 'pg_class')")
        return cursor.fetchone()[0] or ""


def _set_mark(mark: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON TABLE django_migrations IS '{mark}'")


def _load_demo(say: Callable[[str], None]) -> bool:
    """Load the demo township, or what was missing when it was stopped. Returns whether there is a demo to load."""
    command = _demo_command("load")
    if command is None:
        return False
    say("Demo township")
    _set_mark(DEMO_MARK_LOADING)
    command.main(args=[], standalone_mode=False)
    _set_mark(DEMO_MARK)
    return True


def _logins() -> str:
    command = _demo_command("logins")
    if command is None:
        return ""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        command.main(args=[], standalone_mode=False)
    return text.getvalue()


def _demo_command(name: str):  # type: ignore[no-untyped-def]  # click.Command | None, imported late
    import click

    from xinzhi.config import cli

    found = cli.group.get_command(click.Context(cli.group), "demo")
    return found.commands.get(name) if isinstance(found, click.Group) else None


def main(result: Path, *, demo: bool) -> int:
    """Prepare, show progress on standard output, write the result as JSON."""

    def say(line: str) -> None:
        sys.stdout.write(f"  {line}\n")
        sys.stdout.flush()

    try:
        prepared = prepare(demo=demo, say=say)
    except CannotStart as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    except Exception as trouble:
        from xinzhi.config.cli import sentence_of

        sentence = sentence_of(trouble)
        if sentence is None:
            raise
        sys.stderr.write(f"{sentence}\n")
        return 1
    result.write_text(json.dumps(asdict(prepared), ensure_ascii=False))
    return 0
