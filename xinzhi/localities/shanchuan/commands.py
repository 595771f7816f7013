"""`xinzhi demo …`: load the demo township and print its logins."""

from __future__ import annotations

import click

needs_django = True


@click.group()
def demo() -> None:
    """The demo township of Shanchuan: six villages, synthetic people, a year of deeds."""


@demo.command("load")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same township.")
def load_command(seed: int) -> None:
    """Load the demo township into an empty database; the second time changes nothing."""
    from xinzhi.localities.shanchuan.demo import load

    if load.is_loaded():
        click.echo("The demo township is there already.")
        return
    load.load(seed=seed, say=lambda line: click.echo(f"  {line}"))


@demo.command("logins")
def logins_command() -> None:
    """Print the demo logins of every role."""
    from xinzhi.localities.shanchuan.demo import staff

    for login in staff.known_logins():
        secret = login.secret or "phone + one-time code (shown on the page in the demo)"
        click.echo(f"  {login.role:<18}{login.where:<14}{login.username:<26}{secret}")


top_level = [demo]
