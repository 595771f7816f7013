"""HTTPS=1: a certificate of this machine for this machine and its network, and a code for the phone."""

from __future__ import annotations

import signal
import socket
import ssl
from pathlib import Path

from cryptography import x509

from tests.run.conftest import House
from xinzhi.config.processes.addresses import lan_addresses
from xinzhi.config.processes.certificates import local_certificate


def test_pages_are_served_with_https_and_a_code_is_shown(house: House) -> None:
    house.start(HTTPS="1", HOST="")
    assert house.get(scheme="https") == "https"  # the application knows it, too: cookies and links follow
    said = "".join(house.lines)
    assert f"https://localhost:{house.port}/" in said
    if lan_addresses():
        assert f"In this network:   https://{lan_addresses()[0]}:{house.port}/" in said
        assert said.count("█") + said.count("▄") + said.count("▀") > 100, "no QR code"
    # the certificate is good for this machine's name when one trusts it
    trusting = ssl.create_default_context(cafile=house.state / "https" / "certificate.pem")
    with (
        socket.create_connection(("127.0.0.1", house.port)) as plain,
        trusting.wrap_socket(plain, server_hostname="localhost") as safe,
    ):
        assert safe.version() in ("TLSv1.2", "TLSv1.3")
    assert (house.state / "https" / "key.pem").stat().st_mode & 0o077 == 0
    assert house.signal(signal.SIGINT) == 0


def test_the_certificate_is_kept_until_the_addresses_change(tmp_path: Path) -> None:
    def serial(addresses: list[str]) -> int:
        certificate, _key = local_certificate(tmp_path, addresses)
        return x509.load_pem_x509_certificate(certificate.read_bytes()).serial_number

    first = serial(["192.168.1.5"])
    assert serial(["192.168.1.5"]) == first
    assert serial(["192.168.1.6"]) != first
