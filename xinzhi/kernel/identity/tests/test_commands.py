from __future__ import annotations

from click.testing import CliRunner, Result
from django.contrib.auth import authenticate
from django.test import RequestFactory

from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.commands import group
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.identity.tests.conftest import World


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(group, list(arguments), input=typed)


def test_the_first_administrator_is_made_on_the_command_line(world: World) -> None:
    made = run("create-user", "root", typed="long-enough-7\nlong-enough-7\n")
    assert made.exit_code == 0 and "long-enough-7" not in made.output
    assert run("grant-role", "root", "platform_admin").exit_code == 0
    assert actor_of(User.objects.get(username="root")).may("regions.region.manage", scope_path="")
    assert run("grant-role", "root", "village_clerk", "--region-code", "330523206").exit_code == 0
    assert run("set-password", "root", typed="another-long-8\nanother-long-8\n").exit_code == 0
    assert authenticate(RequestFactory().get("/"), username="root", password="another-long-8")


def test_refusals_are_sentences(world: World) -> None:
    assert "10" in run("create-user", "root", "--password", "short").output
    for arguments in (
        ("grant-role", "nobody", "inspector"),
        ("set-password", "nobody", "--password", "long-enough-7"),
        ("create-user", "x", "--password", "long-enough-7"),
    ):
        refused = run(*arguments)
        assert refused.exit_code == 1 and refused.output.startswith("Error: ")
    run("create-user", "root", "--password", "long-enough-7")
    for arguments in (("root", "king"), ("root", "inspector"), ("root", "inspector", "--region-code", "zz")):
        assert run("grant-role", *arguments).exit_code == 1
