"""Every address of the house with every method it answers, as the resolver and the views themselves say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

#: What stands in an address for a parameter of each kind.
SAMPLE = {"int": "1", "uuid": "0" * 8 + "-0000-4000-8000-" + "0" * 12, "slug": "a", "str": "a"}
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
#: Answers every method alike: a view that asks for none.
ANY = "ANY"


def patterns(resolver: URLResolver | None = None, before: str = "/") -> Iterator[str]:
    """Addresses as the resolver has them, such as /keys/<int:key_id>/revoke/."""
    for entry in (resolver or get_resolver("xinzhi.config.urls")).url_patterns:
        address = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield address
        else:
            yield from patterns(entry, address)


def readable(pattern: str) -> str:
    """As the API's description writes it: /keys/{key_id}/revoke/."""
    return _PARAMETER.sub(r"{\2}", pattern)


def methods_of(pattern: str, client: Client) -> list[str]:
    """Ask with a method nobody answers to; the refusal names those that are."""
    address = _PARAMETER.sub(lambda m: SAMPLE[(m[1] or "str").removesuffix("str") or "str"], pattern)
    answer = client.generic("TRACE", address)
    if answer.status_code != 405:
        return [ANY]
    return sorted(set(re.split(r",\s*", answer.headers["Allow"])) - {"HEAD", "OPTIONS"})


def routes(client: Client) -> set[str]:
    """METHOD /address/{parameter}/ of all there is, asked by somebody who is logged in."""
    return {f"{m} {readable(p)}" for p in set(patterns()) for m in methods_of(p, client)}
