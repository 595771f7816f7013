"""One request, one JSON object back. Whatever goes wrong becomes Temporary, without address or content."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from xinzhi.kernel.channels.port import Temporary

#: Aliyun asks for at least one second; a villager at the login waits for none of it.
TIMEOUT_SECONDS = 5.0
_MOST_BYTES = 200_000


class _NoRedirect(HTTPRedirectHandler):
    """Addresses hold tokens: nobody else is to get them."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


_opener = build_opener(_NoRedirect)


def call(
    method: str,
    base: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> tuple[int, dict[str, Any]]:
    """Status and object. Raises Temporary: "timeout", "unreachable", "malformed", or "provider_trouble" (5xx)."""
    address = base.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
    data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    sent = dict(headers or {})
    if data is not None:
        sent["Content-Type"] = "application/json; charset=utf-8"
    elif method == "POST":
        data = b""
    request = Request(address, data=data, headers=sent, method=method)  # noqa: S310  the scheme is checked at start
    try:
        with _opener.open(request, timeout=timeout) as answer:
            status, raw = answer.status, answer.read(_MOST_BYTES)
    except HTTPError as refused:
        with refused:
            status, raw = refused.code, _read(refused)
    except URLError as trouble:
        if isinstance(trouble.reason, TimeoutError | socket.timeout):
            raise Temporary("timeout", unsure=True) from None
        raise Temporary("unreachable") from None
    except TimeoutError:
        raise Temporary("timeout", unsure=True) from None
    except (HTTPException, OSError):  # the line broke after the request was out
        raise Temporary("timeout", unsure=True) from None
    if status >= 500:
        raise Temporary("provider_trouble", status)
    return status, _object(raw, status)


def _read(refused: HTTPError) -> bytes:
    try:
        return refused.read(_MOST_BYTES)
    except (HTTPException, OSError):
        return b""


def _object(raw: bytes, status: int) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Temporary("malformed", status, unsure=status < 300)
    return found
