"""xinzhi workcalendar: working days on the command line."""

from __future__ import annotations

from pathlib import Path

import click


@click.group("workcalendar", help="Working days and official calendars.")
def group() -> None:
    """The group `xinzhi workcalendar`."""


@group.command("import", help="Import a year's official calendar from a CSV file (day,kind,name).")
@click.argument("year", type=int)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="Number of the notice of the State Council.")
def import_command(year: int, file: Path, source: str) -> None:
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.kernel.foundation.errors import DomainError
    from xinzhi.kernel.workcalendar.services import import_year

    try:
        count = import_year(actor=SYSTEM, year=year, table=file.read_bytes(), source=source)
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"{year}: {count} days imported.")


@group.command("status", help="Which years rest on Monday to Friday only.")
def status() -> None:
    from xinzhi.kernel.workcalendar.queries import calendars, provisional_years

    click.echo(f"Official calendars: {', '.join(map(str, sorted(calendars())))}.")
    for year in provisional_years():
        click.echo(f"{year} has no official calendar: Monday to Friday is assumed. Import it.")
