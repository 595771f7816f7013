"""`xinzhi evidence sweep` and `xinzhi evidence verify`."""

from __future__ import annotations

import sys

import click


@click.group("evidence", help="The store of photos, voice notes and documents.")
def group() -> None: ...


@group.command("sweep")
def sweep_command() -> None:
    """Remove uploads nobody sent in, files of erased persons, and contents without a row."""
    from xinzhi.kernel.evidence.services import sweep
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.kernel.foundation.clock import now

    swept = sweep(actor=SYSTEM, at=now())
    click.echo(
        f"{swept.loose} uploads never sent in and {swept.of_erased_persons} files of erased persons forgotten, "
        f"{swept.files} contents without a row and {swept.parts} half-written files removed."
    )


@group.command("verify")
def verify_command() -> None:
    """Read every stored original and compare it with its row. Exit code 1 when one is missing or changed."""
    from xinzhi.kernel.evidence.verifying import verify

    checked = 0
    findings = 0
    for result in verify():
        checked += 1
        if result.finding:
            findings += 1
            click.echo(f"evidence:{result.evidence_id}: {result.finding}")
    click.echo(f"{checked} files checked, {findings} findings.")
    sys.exit(1 if findings else 0)
