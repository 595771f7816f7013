"""Bodies of 200 MB meet the real web server: refused in words before they are read."""

from __future__ import annotations

import http.client
import os
import select
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection

from tests.input.pages import is_sentence, sentences_of
from tests.run.conftest import clean_environment, eventually, free_port
from xinzhi.config.processes.supervisor import ROOT
from xinzhi.config.processes.web import command

MEGABYTE = 1_000_000
SIZE = 200 * MEGABYTE
#: What may lie in the buffers of two sockets and two libraries when the answer comes.
BUFFERED = 30 * MEGABYTE


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The web server of the house, alone, on the database of the tests."""
    port = free_port()
    have = connection.settings_dict
    who = f"{quote(have['USER'])}:{quote(have['PASSWORD'])}"
    where = urlencode({"host": have["HOST"], "port": have["PORT"] or 5432})
    environment = clean_environment(
        PORT=str(port), HOST="127.0.0.1", WEB_WORKERS="1",
        DATABASE_URL=f"postgresql://{who}@/{have['NAME']}?{where}",
        DJANGO_SETTINGS_MODULE="xinzhi.config.settings", XINZHI_STATE_DIR=str(tmp_path_factory.mktemp("state")),
    )  # fmt: skip
    ours = {key: environment[key] for key in ("PORT", "HOST", "WEB_WORKERS")}
    before = {key: os.environ.get(key) for key in ours}
    os.environ.update(ours)
    try:
        arguments = command()
    finally:
        for key, value in before.items():
            os.environ.pop(key) if value is None else os.environ.update({key: value})
    server = subprocess.Popen(arguments, cwd=ROOT, env=environment)
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: is_alive(url))
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


class Answer:
    """What came back, read like an answer of the other clients."""

    def __init__(self, line: socket.socket) -> None:
        response = http.client.HTTPResponse(line)
        response.begin()
        self.status_code, self.headers = response.status, response.headers
        self.content = response.read()


def calls(web: str) -> socket.socket:
    host, _colon, port = web.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=60)


def is_alive(web: str) -> bool:
    with urllib.request.urlopen(f"{web}/login/", timeout=30) as page:
        return bool(page.status == 200)


def pour(web: str, path: str, length: str) -> tuple[Answer, int]:
    """Send 200 MB until somebody answers; the answer, and how many bytes went out before it."""
    piece = b"\0" * 64_000
    if not length:
        piece = b"%x\r\n%s\r\n" % (len(piece), piece)
    taken = 0
    with calls(web) as line:
        line.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\n{length or 'Transfer-Encoding: chunked'}\r\n\r\n".encode())  # fmt: skip
        while taken < SIZE and not select.select([line], [], [], 0)[0]:
            if select.select([], [line], [], 1)[1]:
                try:
                    taken += line.send(piece) if length else len(piece) * (line.sendall(piece) is None)
                except (BrokenPipeError, ConnectionResetError):
                    break
        return Answer(line), taken


@pytest.mark.parametrize(
    "path",
    [
        "/governance_points/desk/sheet/",
        "/residents/roster/",
        "/evidence/",
        "/login/",
        "/api/v1/evidence",
        "/nothing/",
    ],
)
def test_200_mb_are_refused_in_words_before_they_are_read(web, path):
    answer, taken = pour(web, path, f"Content-Length: {SIZE}")
    assert answer.status_code == 413
    said = " ".join(sentences_of(answer))
    assert "200 MB" in said
    assert f"{settings.MAX_UPLOAD_BYTES // MEGABYTE} MB" in said
    assert taken < BUFFERED, f"{taken // MEGABYTE} MB were taken"
    assert is_alive(web)


def test_200_mb_that_do_not_say_how_long_they_are_are_refused_as_well(web):
    answer, taken = pour(web, "/login/", "")
    assert 400 <= answer.status_code < 500
    assert any(is_sentence(s) for s in sentences_of(answer))
    assert taken < BUFFERED, f"{taken // MEGABYTE} MB were taken"
    assert is_alive(web)


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 30, "10, 20", "+5", ""])
def test_a_length_that_is_none_does_no_harm(web, length):
    with calls(web) as line:
        line.sendall(
            f"POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode()
        )
        assert 400 <= Answer(line).status_code < 500
    assert is_alive(web)


def test_bodies_that_stop_half_way_leave_the_server_alive(web):
    for _ in range(8):  # more than it has threads
        with calls(web) as line:
            line.sendall(
                b"POST /login/ HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
                b"Content-Length: 5000\r\n\r\n--x\r\n"
            )
    assert is_alive(web)
