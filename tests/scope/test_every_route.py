"""What belongs to a village is seen and changed from there alone: every address, knocked at from another village.

A route without a row in `matrix/` fails, and so does a row without its route.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from tests.scope.knocks import ALSO, KNOCKING, LOGIN, Answer, Knock, matrix
from tests.scope.routes import routes
from tests.scope.world import World, everything_kept, text_of
from xinzhi.config.api import api

MATRIX = matrix()
KNOCKS = [
    pytest.param(route, knock, id=f"{route}{'?' if knock.ask else ''}{knock.ask}-{number}")
    for route, knocks in sorted(MATRIX.items())
    for number, knock in enumerate(knocks)
]
ONES_WITH_AN_OWNER = [param for param in KNOCKS if param.values[1].by]
#: Rows that hold an id of the decoy.
OF_THE_DECOY = "77000"


def client_of(world: World, who: str) -> Client:
    client = Client(headers={"authorization": f"Bearer {world.key}"} if who == "program" else None)
    client.cookies.load(world.cookies.get(who, {}))
    return client


def filled(given: Any, names: dict[str, Any]) -> Any:
    if isinstance(given, dict):
        return {name: filled(value, names) for name, value in given.items()}
    if isinstance(given, list):
        return [filled(value, names) for value in given]
    return given.format(**names) if isinstance(given, str) else given


def send(world: World, who: str, route: str, knock: Knock) -> tuple[Any, str]:
    """The answer, and all that was said in the question."""
    names = world.names | {"uuid": uuid4()}
    method, _space, address = route.partition(" ")
    address = address.format(**names | {k: names.get(v, v) for k, v in knock.fill.items()})
    asked = quote(filled(knock.ask, names), safe="=&")
    body = filled(knock.send, names)
    data: Any = body | {
        field: SimpleUploadedFile(*world.files[name], content_type="application/octet-stream")
        for field, name in knock.files.items()
    }
    options: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": str(names["uuid"]), "HTTP_ACCEPT_LANGUAGE": "zh-hans"}
    if address.startswith("/api/") and not knock.files:
        data, options["content_type"] = json.dumps(body), "application/json"
    where = f"{address}?{asked}" if asked else address
    client = client_of(world, who)
    if method in ("GET", "ANY"):
        return client.get(where, **options), where
    return getattr(client, method.lower())(where, data, **options), f"{where} {body}"


def rolled_back() -> transaction.Atomic:
    """A block to try one knock in; what the pages insist on committing (a login code) counts as committed inside it."""
    block = transaction.atomic()
    block._from_testcase = True
    return block


def difference(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return sorted(table for table in before if before[table] != after[table])


def status_of(answer: Any) -> Answer:
    to_log_in = answer.status_code == 302 and answer.headers["Location"].startswith("/login/")
    return LOGIN if to_log_in and "next=" in answer.headers["Location"] else answer.status_code


def is_refused(answer: Any) -> bool:
    return answer.status_code >= 400 or status_of(answer) == LOGIN


def test_every_route_has_its_row_and_every_row_its_route(world):
    found = routes(client_of(world, "administrator"))
    new, gone = sorted(found - MATRIX.keys()), sorted(MATRIX.keys() - found)
    assert not new, (
        f"Nobody has said who may see {new}. Add a row for each to tests/scope/matrix/<slug of the package>.py: how to"
        " fill it from the decoy's village, and what a stranger, a villager and a clerk of another village get there."
    )
    assert not gone, f"No route answers to {gone} any more. Remove the rows from tests/scope/matrix/."


def test_every_operation_of_the_api_stands_in_its_description(world):
    described = {
        f"{method.upper()} {path}"
        for path, item in api.get_openapi_schema()["paths"].items()
        for method in item
    }
    assert {r for r in MATRIX if " /api/v1/" in r and not r.startswith("ANY ")} == described


@pytest.mark.parametrize(("route", "knock"), KNOCKS)
def test_from_another_village_nothing_of_the_decoy_is_seen_or_changed(world, route, knock):
    expected = dict(zip(KNOCKING, (knock.stranger, knock.villager, knock.clerk), strict=True))
    public = " ".join(str(world.names[name]) for name in knock.public)
    everything, of_the_decoy = everything_kept(), everything_kept(OF_THE_DECOY)
    got, seen, changed = {}, {}, {}
    for who in (*KNOCKING, *ALSO):
        with rolled_back():
            answer, said = send(world, who, route, knock)
            got[who] = status_of(answer)
            if found := world.seen_in(text_of(answer), but=f"{said} {public}"):
                seen[who] = found
            if is_refused(answer):  # he changes nothing at all, whoever is let in nothing of the decoy
                changes = difference(everything, everything_kept())
            else:
                changes = difference(of_the_decoy, everything_kept(OF_THE_DECOY))
            if changes:
                changed[who] = changes
            transaction.set_rollback(True)
    assert changed == {}
    assert seen == {}
    assert {who: got[who] for who in KNOCKING} == expected


@pytest.mark.parametrize(("route", "knock"), ONES_WITH_AN_OWNER)
def test_whose_village_it_is_gets_through_with_the_same_request(world, route, knock):
    """Otherwise the doors above might be closed to everybody, or the decoy not be behind them."""
    before = everything_kept()
    answer, said = send(world, knock.by, route, knock)
    text = text_of(answer)
    assert not is_refused(answer), f"{answer.status_code} {text[-2000:]}"
    if not knock.plain:
        assert world.seen_in(text, but=said) or everything_kept() != before, text[:3000]
