"""`xinzhi residents rotate-keys`."""

from __future__ import annotations

import click


@click.group("residents", help="Households, persons and the keys to what is known about them.")
def group() -> None: ...


@group.command("rotate-keys")
def rotate_keys_command() -> None:
    """Wrap every person's key under the newest field key of XINZHI_FIELD_KEYS. Values are not touched."""
    from xinzhi.kernel.residents.services import rotate_keys

    total = rotate_keys(progress=lambda done, of: click.echo(f"{done}/{of}"))
    click.echo(f"{total} keys wrapped anew. Older field keys may now be taken out of XINZHI_FIELD_KEYS.")
