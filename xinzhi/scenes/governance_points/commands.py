"""`xinzhi governance-points check-sums`, `… replay`."""

from __future__ import annotations

import sys

import click


@click.group("governance-points", help="Governance points.")
def group() -> None: ...


@group.command("check-sums")
def check_sums_command() -> None:
    """Add the sums behind the overviews up anew from the deeds. Exit code 1 when a day differs."""
    from xinzhi.scenes.governance_points.overview.sums import differences, year_differences

    found = differences()
    for village_id, day, category, *_figures in found:
        click.echo(f"village {village_id}, {day}, {category}: the kept sum differs from the deeds.")
    years = year_differences()
    for village_id, household_id, year, *_figures in years:
        click.echo(
            f"village {village_id}, household {household_id}, {year}: the kept year differs from the deeds."
        )
    found += years
    click.echo("The sums are right." if not found else f"{len(found)} rows differ.")
    sys.exit(bool(found))


@group.command("replay")
@click.option("--village", "code", required=True, help="The village's 12-digit code.")
@click.option("--year", required=True, type=click.IntRange(1900, 2999))
@click.option(
    "--version",
    "number",
    type=int,
    help="Score by this version of the charter instead of the one of each deed's day.",
)
def replay_command(code: str, year: int, number: int | None) -> None:
    """Score a village's year again from its deeds and name what differs. Exit code 1 when something does."""
    from xinzhi.kernel.foundation.errors import DomainError
    from xinzhi.kernel.regions.queries import region_by_code
    from xinzhi.scenes.governance_points.queries.charter import versions_of
    from xinzhi.scenes.governance_points.replaying import replay, sentences

    try:
        village = region_by_code(code)
    except DomainError as refusal:
        raise click.ClickException(str(refusal.message)) from None
    version = next((v for v in versions_of(village.pk) if v.number == number), None)
    if number is not None and version is None:
        raise click.ClickException(f"{village.name} has no version {number} of its charter.")
    found = replay(village_id=village.pk, year=year, version=version)
    for line in sentences(found):
        click.echo(line)
    by = f"version {number}" if number is not None else "the charters of their days"
    click.echo(
        f"{village.name}, {year}: {found.deeds} deeds in the ledger. By {by} {found.replayed_tenths / 10:,.1f} points, kept"
        f" {found.kept_tenths / 10:,.1f}; {len(found.differences)} differences."
    )
    sys.exit(bool(found.differences))
