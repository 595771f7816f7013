"""xinzhi regions: official division tables and successions."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import click


@click.group("regions", help="The tree of places and its official codes.")
def group() -> None: ...


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Day from which changed codes hold (today).")
def import_command(file: Path, on: datetime | None) -> None:
    """Bring the tree up to an official table: CSV in UTF-8 with the columns code and name."""
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.kernel.foundation.errors import DomainError
    from xinzhi.kernel.regions.services import import_divisions

    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.DictReader(text)
            if not {"code", "name"} <= set(reader.fieldnames or ()):
                raise click.ClickException("The table needs the columns code and name in its first row.")
            rows = [(row["code"] or "", row["name"] or "") for row in reader]
        report = import_divisions(actor=SYSTEM, rows=rows, on=on.date() if on else None)
    except UnicodeDecodeError:
        raise click.ClickException("The table is not UTF-8. Save it as CSV UTF-8.") from None
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(
        f"{len(report.created)} created, {len(report.renamed)} renamed, {len(report.recoded)} with a new code, "
        f"{report.unchanged} unchanged."
    )


@group.command("succeed")
@click.argument("predecessor_code")
@click.argument("successor_code")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day of the new order.")
def succeed_command(predecessor_code: str, successor_code: str, on: datetime) -> None:
    """Let one region succeed another; history and rows stay visible."""
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.kernel.foundation.errors import DomainError
    from xinzhi.kernel.regions.queries import region_by_code
    from xinzhi.kernel.regions.services import succeed

    try:
        old, new = region_by_code(predecessor_code), region_by_code(successor_code)
        succeed(actor=SYSTEM, predecessor=old, successor=new, on=on.date())
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"{new.name} succeeds {old.name} from {on.date()} on.")
