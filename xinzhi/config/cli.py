"""The command line `xinzhi`.

Every package with a `commands.py` brings its own commands: a click group named `group` becomes
`xinzhi <package>`, and what its list `top_level` names stands beside it. Only the package that is asked is
imported, and Django is set up only where the package does not say `needs_django = False`.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parents[1]


# --- what the packages bring -----------------------------------------------------------------------------------------


@cache
def command_files() -> dict[str, Path]:
    """`commands.py` of every package, by the package's name with dashes."""
    found = {}
    for shelf in ("kernel", "scenes", "localities"):
        for path in sorted((ROOT / shelf).glob("*/commands.py")):
            name = path.parent.name
            if not name.startswith("_") or os.environ.get("XINZHI_EXAMPLE") == "1":
                found[name.strip("_").replace("_", "-")] = path
    return found


@cache
def _declared(path: Path) -> dict[str, Any]:
    """What a file says at its top level, read without importing it: docstring, needs_django, top_level."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError:
        return {"doc": "", "needs_django": True, "top_level": False, "group": True}
    said: dict[str, Any] = {
        "doc": ast.get_docstring(tree) or "",
        "needs_django": True,
        "top_level": False,
        "group": False,
    }
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            if "needs_django" in names and isinstance(node.value, ast.Constant):
                said["needs_django"] = bool(node.value.value)
            said["top_level"] |= "top_level" in names
            said["group"] |= "group" in names
        elif isinstance(node, ast.FunctionDef):
            said["group"] |= node.name == "group"
    return said


def set_up_django() -> None:
    """Load the settings and every package; the database is not asked."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinzhi.config.settings")
    import django

    django.setup()


def _module(path: Path) -> Any:
    """Import a `commands.py`. Most need nothing of Django until they run; one that does gets it now."""
    name = ".".join(("xinzhi", *path.relative_to(ROOT).with_suffix("").parts))
    if not _declared(path)["needs_django"]:
        return import_module(name)
    from django.core.exceptions import AppRegistryNotReady, ImproperlyConfigured

    try:
        return import_module(name)
    except (AppRegistryNotReady, ImproperlyConfigured):
        set_up_django()
        return import_module(name)


def _ready(command: click.Command, path: Path) -> click.Command:
    """The same command, which sets up Django just before it runs; asking for help does not."""
    if not _declared(path)["needs_django"]:
        return command
    if isinstance(command, click.Group):
        for part in command.commands.values():
            _ready(part, path)
    if (
        command.callback
        and not isinstance(command, click.Group)
        and not hasattr(command.callback, "sets_up_django")
    ):
        inner = command.callback

        @wraps(inner)
        def callback(*args: Any, **kwargs: Any) -> Any:
            set_up_django()
            return inner(*args, **kwargs)

        callback.sets_up_django = True  # type: ignore[attr-defined]
        command.callback = callback
    return command


def _top_level() -> Iterator[click.Command]:
    for path in command_files().values():
        if _declared(path)["top_level"]:
            for command in _module(path).top_level:
                yield _ready(command, path)


class Packages(click.Group):
    """The commands below, and those of the packages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        packages = [name for name, path in command_files().items() if _declared(path)["group"]]
        return sorted({*super().list_commands(ctx), *packages, *(c.name or "" for c in _top_level())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if own := super().get_command(ctx, cmd_name):
            return own
        path = command_files().get(cmd_name)
        if path and _declared(path)["group"]:
            return _ready(_module(path).group, path)
        return next((command for command in _top_level() if command.name == cmd_name), None)


# --- the commands of the house itself --------------------------------------------------------------------------------


@click.group(cls=Packages, context_settings={"help_option_names": ["-h", "--help"]})
def group() -> None:
    """Xinzhi 信治: governance points for villages, townships, counties and cities."""


@group.command("run")
def run_command() -> None:
    """Start everything: database, web, worker (what `make run` does after installing)."""
    from xinzhi.config.processes.supervisor import main as run

    sys.exit(run())


@group.command("web")
def web_command() -> None:
    """Serve the pages on HOST and PORT, nothing else (for machines where something else supervises)."""
    from xinzhi.config.processes.web import command

    arguments = command()
    os.execv(arguments[0], arguments)  # noqa: S606 (our own server, no shell)


@group.command("worker")
@click.option("--concurrency", default=2, show_default=True, help="Jobs at a time.")
def worker_command(concurrency: int) -> None:
    """Run jobs until it is told to stop."""
    set_up_django()
    from xinzhi.kernel.jobs import worker

    worker.run(concurrency=concurrency)


@group.command("setup-db")
@click.option("--demo", is_flag=True, help="Load the demo township when the database is empty.")
def setup_db_command(demo: bool) -> None:
    """Make the database if it is missing and bring its tables up to date."""
    from xinzhi.config.processes import given_database, prepare

    if url := os.environ.get("DATABASE_URL", ""):
        given_database.check(url, say=click.echo)
    prepare.prepare(demo=demo, say=click.echo)


@group.command("with-database", context_settings={"ignore_unknown_options": True})
@click.option("--throw-away", is_flag=True, help="On an empty embedded server that is forgotten afterwards.")
@click.option("--durable", is_flag=True, help="A throw-away server that writes as safely as a real one.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True)
def with_database_command(throw_away: bool, durable: bool, command: tuple[str, ...]) -> None:
    """Run COMMAND while the embedded database runs (or with DATABASE_URL, if that is set)."""
    from xinzhi.config.processes.borrowed import run_with_database

    sys.exit(run_with_database(list(command), throw_away=throw_away, durable=durable))


@group.command("manage", context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage_command(arguments: tuple[str, ...]) -> None:
    """Any command of Django's own: migrate, makemigrations, shell, …"""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinzhi.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["xinzhi manage", *arguments])


@group.command("check")
def check_command() -> None:
    """Ask every package whether it is declared well; the database is not needed."""
    set_up_django()
    from django.core.management import call_command

    call_command("check", fail_level="WARNING")
    from xinzhi.kernel.channels import configuration

    for code, state in configuration.states().items():
        click.echo(f"channel {code}: {state}")


# --- refusals --------------------------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> None:
    """Run a command. Refusals are one sentence and exit code 1; a bug stays a traceback."""
    try:
        group.main(args=arguments, prog_name="xinzhi")
    except Exception as trouble:
        sentence = sentence_of(trouble)
        if sentence is None:
            raise
        click.echo(sentence, err=True)
        sys.exit(1)


def sentence_of(trouble: Exception) -> str | None:
    """One sentence for what a person can mend; None for a bug."""
    from xinzhi.config.processes.troubles import CannotStart

    if isinstance(trouble, CannotStart):
        return str(trouble)
    # Only what was imported can have been raised; a command without Django stays without it.
    errors = sys.modules.get("xinzhi.kernel.foundation.errors")
    if errors and isinstance(trouble, errors.DomainError):
        return str(trouble)
    database = sys.modules.get("django.db.utils")
    if database and isinstance(trouble, database.OperationalError) and "connection" in str(trouble):
        if os.environ.get("DATABASE_URL"):
            return f"The database of DATABASE_URL cannot be reached: {str(trouble).strip().splitlines()[0]}"
        return "The embedded database is not running. Start it with `make run` in another terminal, or set DATABASE_URL."
    if database and type(trouble.__cause__).__name__ == "UndefinedTable":
        return f"The database is not up to date ({str(trouble).splitlines()[0]}). Run: xinzhi setup-db"
    exceptions = sys.modules.get("django.core.exceptions")
    if exceptions and isinstance(trouble, exceptions.ImproperlyConfigured):
        return str(trouble)
    management = sys.modules.get("django.core.management.base")
    if management and isinstance(trouble, management.CommandError):  # SystemCheckError too: it carries hints
        return str(trouble)
    return None


if __name__ == "__main__":
    main()
