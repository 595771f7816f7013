"""A certificate for HTTPS=1 on this machine and in its network. Camera, position and service workers need HTTPS."""

from __future__ import annotations

import ipaddress
import socket
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from xinzhi.kernel.foundation import clock

VALID = timedelta(days=397)  # browsers refuse longer ones
RENEW_BEFORE = timedelta(days=30)


def local_certificate(folder: Path, addresses: list[str]) -> tuple[Path, Path]:
    """(certificate, key) for localhost, this machine's name and these addresses; made anew when they changed."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    names = _names(addresses)
    if not (certificate.exists() and key.exists() and _still_good(certificate, names)):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(certificate, key, names)
    return certificate, key


def _names(addresses: list[str]) -> list[x509.GeneralName]:
    host = socket.gethostname().lower()
    plain = [
        n
        for n in dict.fromkeys(["localhost", host, f"{host}.local"])
        if n.replace("-", "").replace(".", "").isalnum()
    ]
    numbers = dict.fromkeys(["127.0.0.1", "::1", *addresses])
    return [*(x509.DNSName(n) for n in plain), *(x509.IPAddress(ipaddress.ip_address(a)) for a in numbers)]


def _still_good(path: Path, names: list[x509.GeneralName]) -> bool:
    try:
        known = x509.load_pem_x509_certificate(path.read_bytes())
        kept = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    return set(names) <= set(kept) and known.not_valid_after_utc > clock.now() + RENEW_BEFORE


def _make(certificate: Path, key: Path, names: list[x509.GeneralName]) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Xinzhi on this machine")])
    now = clock.now()
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # phones whose clock is a little behind
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(private.public_key()), critical=False
        )
        .sign(private, hashes.SHA256())
    )
    key.touch(mode=0o600)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
