"""xinzhi identity: the first administrator of a new installation, and logins without a page."""

from __future__ import annotations

import click

_PASSWORD = click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when not given."
)


@click.group("identity", help="Logins and role grants.")
def group() -> None: ...


@group.command("create-user")
@click.argument("username")
@click.option("--label", default="", help="The office, never a person's name.")
@click.option("--master-data", is_flag=True, help="May open Django's admin for master data.")
@_PASSWORD
def create_user_command(username: str, label: str, master_data: bool, password: str) -> None:
    """Create a login for staff."""
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.kernel.foundation.errors import DomainError
    from xinzhi.kernel.identity.services import create_user

    try:
        user = create_user(
            actor=SYSTEM, username=username, password=password, label=label, is_staff=master_data
        )
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(
        f"Login {user.username} created. Grant it a role: xinzhi identity grant-role {user.username} ROLE"
    )


@group.command("grant-role")
@click.argument("username")
@click.argument("role")
@click.option("--region-code", default="", help="Division code; not needed for platform_admin.")
def grant_role_command(username: str, role: str, region_code: str) -> None:
    """Give a login a role in a region from today on."""
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.kernel.foundation.errors import DomainError
    from xinzhi.kernel.identity.models import User
    from xinzhi.kernel.identity.services import grant_role
    from xinzhi.kernel.regions.queries import region_by_code

    user = User.objects.filter(username=username).first()
    if user is None:
        raise click.ClickException(
            f"There is no login {username}. Create it first: xinzhi identity create-user"
        )
    try:
        region_id = region_by_code(region_code).pk if region_code else None
        grant_role(actor=SYSTEM, user_id=user.pk, role=role, region_id=region_id)
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"{username} is {role} from today on.")


@group.command("set-password")
@click.argument("username")
@_PASSWORD
def set_password_command(username: str, password: str) -> None:
    """Set a login's password and end its sessions."""
    from xinzhi.kernel.foundation.actors import SYSTEM
    from xinzhi.kernel.foundation.errors import DomainError
    from xinzhi.kernel.identity.models import User
    from xinzhi.kernel.identity.services import set_password

    user = User.objects.filter(username=username).first()
    if user is None:
        raise click.ClickException(f"There is no login {username}.")
    try:
        set_password(actor=SYSTEM, user_id=user.pk, password=password)
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo("The password is set.")
