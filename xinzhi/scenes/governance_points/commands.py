"""`xinzhi governance-points check-sums`."""

from __future__ import annotations

import sys

import click


@click.group("governance-points", help="Governance points.")
def group() -> None: ...


@group.command("check-sums")
def check_sums_command() -> None:
    """Add the sums behind the overviews up anew from the deeds. Exit code 1 when a day differs."""
    from xinzhi.scenes.governance_points.overview.sums import differences

    found = differences()
    for village_id, day, category, *_figures in found:
        click.echo(f"village {village_id}, {day}, {category}: the kept sum differs from the deeds.")
    click.echo("The sums are right." if not found else f"{len(found)} rows differ.")
    sys.exit(bool(found))
