"""`xinzhi ledger …`."""

from __future__ import annotations

import sys

import click

needs_django = True


@click.group(name="ledger", help="The books: recompute them, export them.")
def group() -> None: ...


@group.command()
def verify() -> None:
    """Recompute every balance, lot and hold from the entries and name each difference."""
    from xinzhi.kernel.ledger import queries

    differences = queries.verify()
    for difference in differences:
        click.echo(f"book {difference.book}: {difference.sentence}")
    if differences:
        click.echo(f"{len(differences)} differences")
        sys.exit(1)
    click.echo("The books add up.")


@group.command()
@click.option("--format", "form", type=click.Choice(["hledger"]), required=True)
@click.option("--book", default=None, help="Code of one book; all without it.")
def export(form: str, book: str | None) -> None:
    """Write the books as a journal another program can check."""
    from xinzhi.kernel.ledger import queries

    del form
    for line in queries.hledger_lines(book):
        click.echo(line)
