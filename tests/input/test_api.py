"""Every operation of the HTTP API, taken from its own description, answers nonsense with a problem document."""

from __future__ import annotations

import json
import re
import sys
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from ninja import Schema

from tests.input.names import asker, known
from tests.input.pages import is_sentence
from tests.input.world import Screen, World, everything_kept, log_in, rows_touched
from xinzhi.config.api import api

DESCRIPTION = api.get_openapi_schema()
JSON = "application/json"
#: Bodies that are no object, or no JSON at all: (content type, bytes).
BODIES = {
    "nothing": ("application/json", b""),
    "null": ("application/json", b"null"),
    "a list": ("application/json", b"[]"),
    "a list of nulls": ("application/json", b"[null, null]"),
    "a number": ("application/json", b"5"),
    "a text": ("application/json", b'"deed"'),
    "an empty object": ("application/json", b"{}"),
    "unknown fields": ("application/json", b'{"is_admin": true, "__proto__": {}}'),
    "cut off": ("application/json", b'{"household_id": 1, "rule'),
    "not UTF-8": ("application/json", b'{"note": "\xff\xfe"}'),
    "UTF-16": ("application/json", '{"note": "好"}'.encode("utf-16")),
    "nested without end": ("application/json", b"[" * 100_000),
    "larger than is read": ("application/json", b'{"note": "' + b"a" * 3_000_000 + b'"}'),
    "a form instead": ("application/x-www-form-urlencoded", b"household_id=1&rule_code=C01"),
    "text instead": ("text/plain", b"household 1, C01"),
    "XML instead": ("application/xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
    "a multipart body without boundary": ("multipart/form-data", b"--x\r\n"),
    "a multipart body cut off": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a'),
    "an unknown encoding": ("application/json; charset=klingon", b"{}"),
}  # fmt: skip
#: What stands in one field, while the others are as described.
FIELDS: dict[str, Any] = {
    "null": None,
    "a list": [[]],
    "an object": {"a": 1},
    "a zero byte": "a\x00b",
    "half a character": "\ud800",
    "digits without end": "9" * 5000,
    "beyond bigint": 2**63,
    "far beyond bigint": 10**400,
    "negative": -1,
    "a fraction": 1.5,
    "not a number": float("nan"),
    "a million characters": "长" * 1_000_000,
    "an impossible day": "2026-02-30",
    "the first day": "0001-01-01",
    "the last day": "9999-12-31T23:59:59Z",
    "markup": "<script>alert(1)</script>",
    "a per cent sign": "%(found)s %d",
    "very many": list(range(1, 20_000)),
}
#: Parameters of the address.
QUERIES = {
    "words": "first",
    "negative": "-1",
    "beyond bigint": str(2**63),
    "digits without end": "9" * 5000,
    "an exponent digit": "²",
    "a zero byte": "%00",
    "not UTF-8": "%ff%fe",
    "a forged cursor": "WzEsIDJd",
    "a cursor of null": "W251bGxd",
    "a huge cursor": "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMF0",
    "an impossible day": "2026-02-30",
    "the first day": "0001-01-01",
    "the last day": "9999-12-31",
    "the last moment": "9999-12-31T23:59:59-12:00",
    "infinite": "inf",
    "markup": "%3Cscript%3E",
    "nothing": "",
}


def operations() -> list[tuple[str, str]]:
    return [(method.upper(), path) for path, item in DESCRIPTION["paths"].items() for method in item]


def described(method: str, path: str) -> dict[str, Any]:
    return DESCRIPTION["paths"][path][method.lower()]


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return resolve(DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for choice in ("anyOf", "allOf"):
        if choice in schema:
            return resolve(schema[choice][0])
    return schema


def fitting(schema: dict[str, Any], names: dict[str, Any], name: str = "") -> Any:
    """A value as the description asks for it, or as is known by its name."""
    if name in names:
        return names[name]
    schema = resolve(schema)
    if "enum" in schema:
        return schema["enum"][0]
    kind, shape = schema.get("type"), schema.get("format", "")
    if kind == "object":
        return {each: fitting(inner, names, each) for each, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return [fitting(schema.get("items", {"type": "string"}), names)]
    plain = {"integer": 1, "number": 1, "boolean": True}
    texts = {"uuid": str(uuid4()), "date": "2026-11-20", "date-time": "2026-12-20T08:00:00Z", "binary": ""}
    return plain.get(str(kind), texts.get(shape, "1"))


def json_body(operation: dict[str, Any]) -> dict[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {})
    return resolve(content["application/json"]["schema"]) if "application/json" in content else None


def address(path: str, names: dict[str, Any], asked: dict[str, Any] | None = None) -> str:
    filled = re.sub(r"{(\w+)}", lambda match: str(names.get(match[1], 1)), path)
    query = "&".join(f"{k}={v}" for k, v in (asked or {}).items())
    return f"{filled}?{query}" if query else filled


def call(screen: Screen, method: str, where: str, data: bytes, kind: str = JSON) -> Any:
    screen.cookies["csrftoken"] = "c" * 32
    return screen.generic(
        method, where, data, kind, HTTP_X_CSRFTOKEN="c" * 32, HTTP_IDEMPOTENCY_KEY=str(uuid4())
    )  # fmt: skip


def assert_calm(answer: Any) -> None:
    """Done, or a problem document that says in Chinese what was wrong, field by field."""
    assert answer.status_code < 500, answer.content.decode()[:500]
    if answer.status_code < 400:
        return
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content.decode()[:200]
    problem = json.loads(answer.content)
    assert problem["status"] == answer.status_code
    assert problem["code"]
    assert is_sentence(problem["detail"]), problem
    for error in problem.get("errors", ()):
        assert error["field"], problem
        assert is_sentence(error["message"]), problem


def complaints(
    world: World, path: str, method: str, requests: dict[str, tuple[str, bytes, str]]
) -> dict[str, str]:
    """Send each from the same beginning. Names those that crashed, spoke no sentence, or changed what they refused."""
    screen = log_in(asker(world, path))
    before = everything_kept()
    found: dict[str, str] = {}
    for name, (where, data, kind) in requests.items():
        with transaction.atomic():
            try:
                touched = rows_touched()
                answer = call(screen, method, where, data, kind)
                assert_calm(answer)
                unchanged = rows_touched() == touched or everything_kept() == before
                assert answer.status_code < 400 or unchanged, "something changed"
            except Exception as complaint:
                found[name] = f"{type(complaint).__name__}: {complaint}"[:600]
            transaction.set_rollback(True)
    return found


WRITING = [o for o in operations() if o[0] != "GET"]
WITH_BODY = [o for o in operations() if json_body(described(*o))]


@pytest.mark.parametrize("operation", WRITING, ids=" ".join)
def test_a_body_of_another_shape_is_named(world, operation):
    method, path = operation
    where = address(path, known(world, path))
    requests = {name: (where, data, kind) for name, (kind, data) in BODIES.items()}
    assert complaints(world, path, method, requests) == {}


@pytest.mark.parametrize("operation", WITH_BODY, ids=" ".join)
def test_a_wrong_field_is_named(world, operation):
    method, path = operation
    names = known(world, path)
    good, where = fitting(json_body(described(method, path)), names), address(path, names)
    requests = {
        f"{field}: {name}": (where, json.dumps(good | {field: value}).encode(), JSON)
        for field in good
        for name, value in FIELDS.items()
    }
    assert complaints(world, path, method, requests) == {}


@pytest.mark.parametrize("operation", [o for o in operations() if o[0] == "GET"], ids=" ".join)
def test_a_wrong_parameter_is_named(world, operation):
    method, path = operation
    asked = parameters(method, path, "query")
    names = known(world, path)
    good = {p["name"]: fitting(p["schema"], names, p["name"]) for p in asked if p.get("required")}
    requests = {
        f"{name}: {kind}": (address(path, names, good | {name: value}), b"", JSON)
        for name in [*(p["name"] for p in asked), "unknown"]
        for kind, value in QUERIES.items()
    }
    assert complaints(world, path, method, requests) == {}


@pytest.mark.parametrize("operation", [o for o in operations() if "{" in o[1]], ids=" ".join)
def test_what_is_not_there_is_not_found(world, operation):
    method, path = operation
    schema = json_body(described(method, path))
    names = known(world, path)
    data = json.dumps(fitting(schema, names)).encode() if schema else b""
    requests = {
        f"{p['name']}: {kind}": (address(path, names | {p["name"]: value}), data, JSON)
        for p in parameters(method, path, "path")
        for kind, value in QUERIES.items()
        if value
    }
    assert complaints(world, path, method, requests) == {}


def test_the_requests_that_are_spoilt_here_go_through_unspoilt(world):
    """Otherwise the tables above would knock at closed doors only."""
    refused = {}
    for method, path in WITH_BODY:
        with transaction.atomic():
            names = known(world, path)
            body = json.dumps(fitting(json_body(described(method, path)), names)).encode()
            answer = call(log_in(asker(world, path)), method, address(path, names), body)
            if answer.status_code >= 400:
                refused[f"{method} {path}"] = answer.content.decode()
            transaction.set_rollback(True)
    assert refused == {}


def test_no_two_shapes_of_the_description_share_a_name():
    """Of two classes with one name the description shows the last for both."""
    shapes: dict[str, set[str]] = {}
    for module in [m for name, m in sys.modules.items() if name.startswith("xinzhi.") and ".api" in name]:
        for name, found in vars(module).items():
            if isinstance(found, type) and issubclass(found, Schema) and found.__module__ == module.__name__:
                shapes.setdefault(name, set()).add(module.__name__)
    assert {name: where for name, where in shapes.items() if len(where) > 1} == {}


def parameters(method: str, path: str, place: str) -> list[dict[str, Any]]:
    return [p for p in described(method, path).get("parameters", ()) if p["in"] == place]
