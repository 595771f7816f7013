"""`xinzhi demo …`: load the demo township and print its logins."""

from __future__ import annotations

import os
from importlib.util import find_spec

import click

needs_django = True


@click.group()
def demo() -> None:
    """The demo township of Shanchuan: six villages, synthetic people, a year of deeds."""


@demo.command("load")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same township.")
@click.option("--workers", default=os.cpu_count() or 1, show_default=True, help="Villages at a time.")
def load_command(seed: int, workers: int) -> bool:
    """Load the demo township into an empty database, or what is missing of it; a second time changes nothing."""
    from xinzhi.localities.shanchuan.demo import load

    if not load.villages_missing():
        click.echo("The demo township is there already.")
        return False
    load.load(seed=seed, workers=workers, say=lambda line: click.echo(f"  {line}"))
    return True


@demo.command("logins")
def logins_command() -> None:
    """Print the demo logins of every role."""
    from xinzhi.localities.shanchuan.demo import staff

    for login in staff.known_logins():
        secret = login.secret or "phone + one-time code (shown on the page in the demo)"
        click.echo(f"  {login.role:<18}{login.where:<14}{login.username:<26}{secret}")


#: A year of deeds needs the scene they belong to; without its folder there is no demo township.
top_level = [demo] if find_spec("xinzhi.scenes.governance_points") else []
