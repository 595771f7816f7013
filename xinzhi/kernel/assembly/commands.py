"""`xinzhi new-scene`, `xinzhi assembly docs`, `xinzhi assembly switch`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

PACKAGE = Path(__file__).resolve().parents[2]


@click.group("assembly", help="Scenes: what is installed, where it is switched on, the generated lists.")
def group() -> None: ...


@click.command("new-scene")
@click.argument("slug")
@click.option("--name", default="", help="What people call it, usually in Chinese.")
def new_scene_command(slug: str, name: str) -> None:
    """Write a working scene with its own tests into xinzhi/scenes/SLUG."""
    from xinzhi.kernel.assembly.scaffolding import new_scene
    from xinzhi.kernel.foundation.errors import DomainError

    try:
        folder = new_scene(slug=slug, name=name, root=PACKAGE)
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    here = folder.relative_to(PACKAGE.parent)
    click.echo(f"{here} is written. Next:")
    click.echo("  xinzhi manage migrate && xinzhi messages compile && xinzhi assembly docs")
    click.echo(f"  pytest {here}")
    click.echo("  docs/howto/add-a-scene.md says what to change first.")


@group.command("docs")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when a list is out of date.")
def docs_command(check: bool) -> None:
    """Write docs/scenes.md and docs/ports.md from the manifests."""
    from xinzhi.kernel.assembly.lists import generated

    stale = []
    for name, text in generated().items():
        path = PACKAGE.parent / "docs" / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
    for name in stale:
        click.echo(f"docs/{name} {'is out of date. Run: xinzhi assembly docs' if check else 'is written.'}")
    if not stale:
        click.echo("docs/scenes.md and docs/ports.md are up to date.")
    if check and stale:
        sys.exit(1)


@group.command("switch")
@click.argument("slug")
@click.option("--region", "code", required=True, help="Official code of the region, e.g. 330523208201.")
@click.option("--on/--off", "enabled", required=True)
def switch_command(slug: str, code: str, enabled: bool) -> None:
    """Switch a scene on or off in a region and all below it."""
    from xinzhi.kernel.assembly.services import switch_scene
    from xinzhi.kernel.foundation import clock
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.kernel.foundation.errors import DomainError
    from xinzhi.kernel.regions.queries import region_by_code

    try:
        region = region_by_code(code)
        switch_scene(actor=SYSTEM, slug=slug, region_id=region.pk, enabled=enabled, at=clock.now())
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"{slug} is {'on' if enabled else 'off'} in {region.name} from today.")


#: Mounted beside the packages' groups: `xinzhi new-scene`.
top_level = [new_scene_command]
