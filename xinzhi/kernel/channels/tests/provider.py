"""A provider on this machine that replays what the real ones answer, from the files in payloads/.

It expects the recorded requests in their order, says in `wrong` where one differs, and checks the signature of Aliyun by a
second implementation, written from the provider's description and not from our client.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

PAYLOADS = Path(__file__).with_name("payloads")
ANYTHING = "*"
SECRET = "sms-secret"


def recorded(name: str) -> dict[str, Any]:
    return json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))


class Provider(ThreadingHTTPServer):
    """Answers the exchanges it was told to expect, one after the other; with `always` the same for good."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.coming: list[str] = []
        self.always: dict[str, str] = {}
        self.seen: list[str] = []
        self.keys: list[str] = []
        self.wrong: list[str] = []
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def expect(self, *names: str) -> None:
        self.coming += names

    def next(self, path: str) -> str:
        with self.lock:
            if path in self.always:
                return self.always[path]
            return self.coming.pop(0) if self.coming else ""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that stopped waiting is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_args: Any) -> None:
        pass

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name = self.server.next(parts.path)
        self.server.seen.append(name or f"unexpected {parts.path}")
        if not name:
            self.send_error(404)
            return
        exchange = recorded(name)
        wanted = exchange["request"]
        for what, found in (
            ("method", self.command),
            ("path", parts.path),
            ("query", query),
            ("body", json.loads(body) if body else None),
        ):
            if what in wanted and not _alike(wanted[what], found):
                self.server.wrong.append(f"{name}: {what} {found!r}, expected {wanted[what]!r}")
        sent = json.loads(body) if body else {}
        self.server.keys.append(query.get("OutId") or sent.get("client_msg_id") or "")
        if wanted.get("signed") and not self._is_signed(query, body):
            self.server.wrong.append(f"{name}: the signature does not match")
        self._reply(exchange["response"])

    def _reply(self, response: dict[str, Any]) -> None:
        if "silent_seconds" in response:
            time.sleep(response["silent_seconds"])
            return
        raw = response.get("raw") or json.dumps(response["body"], ensure_ascii=False)
        self.send_response(response["status"])
        self.send_header("Content-Length", str(len(raw.encode())))
        self.end_headers()
        self.wfile.write(raw.encode())

    def _is_signed(self, query: dict[str, str], body: bytes) -> bool:
        """ACS3-HMAC-SHA256, from https://help.aliyun.com/document_detail/2593177.html."""
        algorithm, _blank, rest = self.headers["Authorization"].partition(" ")
        fields = dict(part.split("=", 1) for part in rest.split(","))
        names = fields["SignedHeaders"].split(";")
        digest = hashlib.sha256(body).hexdigest()
        lines = [
            self.command,
            "/",
            "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(query.items())),
        ]
        lines += [f"{n}:{self.headers[n]}" for n in names] + ["", fields["SignedHeaders"], digest]
        to_sign = f"{algorithm}\n{hashlib.sha256(chr(10).join(lines).encode()).hexdigest()}"
        right = hmac.new(SECRET.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        needed = {"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce"}
        return (
            algorithm == "ACS3-HMAC-SHA256"
            and needed <= set(names)
            and self.headers["x-acs-content-sha256"] == digest
            and fields["Credential"] == "sms-key"
            and fields["Signature"] == right
        )


def _alike(wanted: Any, found: Any) -> bool:
    if wanted == ANYTHING:
        return bool(found)
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(_alike(v, found[k]) for k, v in wanted.items())
    return bool(wanted == found)


@contextmanager
def running() -> Iterator[Provider]:
    """A provider for a test; afterwards every request must have been the recorded one."""
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
    assert server.wrong == [], server.wrong


def settings_for(address: str) -> dict[str, str]:
    """What settings.CHANNELS says when all three channels are connected to a provider at this address."""
    code = "governance_points.points_expire"
    wechat = {code: {"id": "TM00015", "data": {"points": "number1", "day": "time2"}}}
    return {
        "XINZHI_SMS_ACCESS_KEY_ID": "sms-key",
        "XINZHI_SMS_ACCESS_KEY_SECRET": SECRET,
        "XINZHI_SMS_SIGN_NAME": "信治",
        "XINZHI_SMS_TEMPLATES": json.dumps({code: "SMS_15305"}),
        "XINZHI_SMS_ENDPOINT": address,
        "XINZHI_WECHAT_APP_ID": "wx0123456789abcdef",
        "XINZHI_WECHAT_APP_SECRET": "wechat-secret",
        "XINZHI_WECHAT_TEMPLATES": json.dumps(wechat),
        "XINZHI_WECHAT_ENDPOINT": address,
        "XINZHI_DINGTALK_APP_KEY": "dingkey",
        "XINZHI_DINGTALK_APP_SECRET": "dingtalk-secret",
        "XINZHI_DINGTALK_AGENT_ID": "1234",
        "XINZHI_DINGTALK_ENDPOINT": address,
    }
