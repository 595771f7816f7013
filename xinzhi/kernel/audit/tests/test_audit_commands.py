"""`xinzhi audit seal` and `verify`: what an operator reads, and the exit code a script reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from django.db import connection
from django.utils import translation

from xinzhi.kernel.audit import services
from xinzhi.kernel.audit.commands import group
from xinzhi.kernel.audit.models import Record
from xinzhi.kernel.foundation.actors import SYSTEM

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def run(*arguments: str) -> tuple[int, str]:
    with translation.override("en"):
        result = CliRunner().invoke(group, list(arguments))
    return result.exit_code, result.output


@pytest.mark.django_db
def test_an_operator_seals_verifies_and_is_told_what_was_changed() -> None:
    services.record_many(
        {"actor": SYSTEM, "action": "a.b", "subject": f"x:{n}", "at": NOON} for n in range(3)
    )
    assert run("verify") == (0, "0 records in 0 seals checked, 0 findings, 3 records not sealed yet.\n")
    assert run("seal") == (0, "3 records sealed.\n")
    code, text = run("verify")
    assert (code, "3 records in 1 seals checked, 0 findings, 0 records not sealed yet." in text) == (0, True)
    head = text.split("Head: ")[1].strip()
    assert run("verify", "--head", head)[0] == 0
    assert run("verify", "--head", "00" * 32)[0] == 1
    assert run("verify", "--trust", "not hex")[0] == 2
    changed = Record.objects.order_by("id")[1].pk
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE audit_record SET actor_key = 'person:1' WHERE id = %s", [changed])
        cursor.execute("SET LOCAL session_replication_role = origin")
    code, text = run("verify")
    assert code == 1
    assert f"Record {changed} was changed after seal 1." in text
