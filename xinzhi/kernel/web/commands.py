"""`xinzhi messages …`: collect, compile and check the translations."""

from __future__ import annotations

import sys

import click

needs_django = False


@click.group()
def messages() -> None:
    """The translations: collect the sentences, compile them, check that none is missing."""


def _folders() -> list[tuple[str, object]]:
    from xinzhi.config.packages import installed_packages
    from xinzhi.kernel.web import catalogues

    return list(catalogues.folders(installed_packages()))


@messages.command("update")
def update_command() -> None:
    """Bring every catalogue up to the sentences of its package; translations are kept."""
    from xinzhi.kernel.web import catalogues

    for package, folder in _folders():
        added, dropped = catalogues.update(folder)  # type: ignore[arg-type]
        if added or dropped:
            click.echo(f"{package}: {added} new, {dropped} dropped")


@messages.command("compile")
def compile_command() -> None:
    """Compile what changed."""
    from xinzhi.kernel.web import catalogues

    count = sum(catalogues.compile_catalogue(folder) for _package, folder in _folders())  # type: ignore[arg-type]
    click.echo(f"{count} catalogues compiled")


@messages.command("check")
def check_command() -> None:
    """Name every sentence that is not translated, no longer used or does not match. Exit code 1 if there is one."""
    from xinzhi.kernel.web import catalogues

    found = [flaw for package, folder in _folders() for flaw in catalogues.flaws(package, folder)]  # type: ignore[arg-type]
    for flaw in found:
        click.echo(str(flaw))
    if found:
        click.echo(
            f"{len(found)} flaws. Hint: run `xinzhi messages update`, fill in what is empty, and try again."
        )
        sys.exit(1)
    click.echo("Every sentence is translated.")


top_level = [messages]
