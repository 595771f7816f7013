"""What cannot work gets one sentence with its remedy, and nothing is left running."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator

import psycopg
import pytest

from tests.run.conftest import House, free_port
from xinzhi.config.processes import given_database
from xinzhi.config.processes.postgres import Cluster
from xinzhi.config.processes.troubles import CannotStart


def test_a_taken_port_names_who_has_it_and_offers_another(house: House) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", house.port))
        taken.listen()
        sentence = house.refusal()
    assert f"Port {house.port} is taken by python" in sentence
    assert f"PORT={house.port + 1} make run" in sentence
    assert house.gone()


@pytest.mark.parametrize("port", ["eighty", "0", "70000", "-1"])
def test_a_port_that_is_none(house: House, port: str) -> None:
    assert (
        house.refusal(PORT=port)
        == f"PORT must be a number from 1 to 65535, found “{port}”. Example: PORT=8080 make run"
    )


def test_a_host_that_is_not_ours(house: House) -> None:
    assert "HOST=0.0.0.0" in house.refusal(HOST="192.0.2.7")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root@127.0.0.1/x", "must begin with postgresql://, found mysql://"),
        ("xinzhi", "must begin with postgresql://, found something else"),
        ("postgresql://u:se@cret:x@127.0.0.1:port/x", "the port is not a number"),
        ("postgresql://u:se#cret@127.0.0.1/x", "%23"),
        ("postgresql://u:secret@no-such-machine.invalid/x", "no-such-machine.invalid"),
        ("postgresql:///x?host=/nowhere", "there is no such socket"),
    ],
)
def test_a_database_url_that_cannot_be_right(house: House, url: str, words: str) -> None:
    sentence = house.refusal(DATABASE_URL=url)
    assert words in sentence
    assert "cret" not in sentence, "a password was shown"
    assert house.gone()


def test_a_database_that_does_not_answer(house: House) -> None:
    port = free_port()
    sentence = house.refusal(DATABASE_URL=f"postgresql://u:secret@127.0.0.1:{port}/x")
    assert (
        f"No database answers at 127.0.0.1:{port}: nothing listens there. Start PostgreSQL there" in sentence
    )
    assert "secret" not in sentence


# --- a server that runs, and a login that may not do everything ------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("given"), "test-given", fast=True)
    cluster.start()
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("CREATE ROLE limited LOGIN PASSWORD 'right'")
        connection.execute(
            "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER 'libc'"
        )
        (cluster.data / "pg_hba.conf").write_text("local all limited scram-sha-256\nlocal all all trust\n")
        connection.execute("SELECT pg_reload_conf()")
    yield cluster
    cluster.delete()


def check(server: Cluster, login: str, database: str) -> list[str]:
    said: list[str] = []
    given_database.check(f"postgresql://{login}@/{database}?host={server.sockets}", say=said.append)
    return said


def test_a_good_database_is_taken_without_a_word(server: Cluster) -> None:
    assert check(server, "postgres", "xinzhi") == []


def test_a_missing_database_is_made_and_said(server: Cluster) -> None:
    [line] = check(server, "postgres", "yet_to_come")
    assert "There was no database “yet_to_come”" in line
    assert check(server, "postgres", "yet_to_come") == []


@pytest.mark.parametrize(
    ("login", "database", "words"),
    [
        ("limited:wrong", "xinzhi", "refuses limited: password authentication failed"),
        ("nobody_knows", "xinzhi", "refuses nobody_knows"),
        (
            "limited:right",
            "missing",
            "limited may not make one. Make it there as an administrator: CREATE DATABASE missing OWNER limited;",
        ),
        (
            "limited:right",
            "xinzhi",
            "limited may not make tables. Allow it as an administrator: ALTER DATABASE xinzhi OWNER TO limited;",
        ),
        ("postgres", "ascii", "keeps text as SQL_ASCII, Xinzhi needs UTF8"),
    ],
)
def test_a_database_that_will_not_do(server: Cluster, login: str, database: str, words: str) -> None:
    with pytest.raises(CannotStart) as refusal:
        check(server, login, database)
    assert words in str(refusal.value)
    assert "wrong" not in str(refusal.value)


def test_a_server_that_is_too_old(server: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given_database, "OLDEST", 99)
    with pytest.raises(CannotStart, match="is PostgreSQL 18; Xinzhi needs 99 or newer"):
        check(server, "postgres", "xinzhi")


def test_data_of_another_postgresql_are_not_touched(house: House) -> None:
    house.start()
    house.signal(signal.SIGINT)
    (house.data() / "PG_VERSION").write_text("13\n")
    assert "are of PostgreSQL 13, the installed one is 18" in house.refusal()
