"""Certificates for those who want TLS: an authority of this emulator, and what it says of names. Nobody else trusts it."""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from . import registry


@cache
def authority() -> tuple[Any, Any]:
    """Its certificate and key."""
    return _made("emulated AWS")


@registry.control_endpoint("certificate")
def told(_: dict[str, Any]) -> dict[str, str]:
    return {"pem": _pem(authority()[0])}


@cache
def context(host: str) -> ssl.SSLContext:
    """How a server answers that has this name."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate, key = pems(host, authority())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pem"
        path.touch(0o600)
        path.write_text(certificate + key)
        found.load_cert_chain(path)
    return found


def pems(name: str, signed_by: tuple[Any, Any] | None = None) -> tuple[str, str]:
    """Certificate and key of a name, signed by an authority or by nobody."""
    from cryptography.hazmat.primitives import serialization

    certificate, key = _made(name, signed_by)
    form = serialization.PrivateFormat.PKCS8
    return _pem(certificate), key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _pem(certificate: Any) -> str:
    from cryptography.hazmat.primitives import serialization

    return str(certificate.public_bytes(serialization.Encoding.PEM).decode())


def _made(name: str, signed_by: tuple[Any, Any] | None = None) -> tuple[Any, Any]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer, by = (signed_by[0].subject, signed_by[1]) if signed_by else (subject, key)
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=365)
    )
    if " " not in name:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=signed_by is None, path_length=None), critical=True)
    return builder.sign(by, hashes.SHA256()), key
