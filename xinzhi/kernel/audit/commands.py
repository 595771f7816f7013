"""`xinzhi audit seal` and `xinzhi audit verify`."""

from __future__ import annotations

import sys

import click


@click.group("audit", help="Seal the audit and prove that nothing in it was changed.")
def group() -> None: ...


@group.command("seal")
def seal_command() -> None:
    """Seal every record that is committed and not sealed yet."""
    from xinzhi.kernel.audit.services import seal
    from xinzhi.kernel.foundation.clock import now

    click.echo(f"{seal(now())} records sealed.")


@group.command("verify")
@click.option("--head", default="", help="A head printed earlier; shows that no seals were cut off the end.")
@click.option("--trust", multiple=True, help="Public key (hex) of a former seal seed.")
def verify_command(head: str, trust: tuple[str, ...]) -> None:
    """Recompute every seal. Exit code 1 when something was changed, removed or slipped in."""
    from xinzhi.kernel.audit.queries import verification

    try:
        trusted = [bytes.fromhex(key) for key in trust]
    except ValueError:
        raise click.BadParameter("a public key is 64 hexadecimal digits", param_hint="--trust") from None
    result = verification(trusted_keys=trusted, expected_head=head.lower())
    for finding in result.findings[:1000]:
        click.echo(finding.sentence)
    if len(result.findings) > 1000:
        click.echo(f"… and {len(result.findings) - 1000} more.")
    click.echo(
        f"{result.sealed} records in {result.seals} seals checked, {len(result.findings)} findings, "
        f"{result.not_sealed} records not sealed yet."
    )
    if result.head:
        click.echo(f"Head: {result.head}")
    sys.exit(1 if result.findings else 0)
