"""The connection of a session through a company's proxy, and with a company's certificates: real sockets, and a CA made here."""

from __future__ import annotations

import base64
import ipaddress
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.sync.server import serve

from ansible_collections.railyard.fargate.plugins.plugin_utils._session.link import Link

VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def signed(name: str, key: Any, issuer: str, by: Any, *, authority: bool) -> x509.Certificate:
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    )
    return built.sign(by, hashes.SHA256())


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(the company's CA, a server's chain and key)."""
    folder = tmp_path_factory.mktemp("company")
    root, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca, server = folder / "ca.pem", folder / "server.pem"
    pem = serialization.Encoding.PEM
    ca.write_bytes(signed("company", root, "company", root, authority=True).public_bytes(pem))
    certificate = signed("stream", own, "company", root, authority=False).public_bytes(pem)
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server.write_bytes(certificate + key)
    return ca, server


@pytest.fixture
def stream(company: tuple[Path, Path]) -> Iterator[str]:
    """Address of a stream that says hello."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(company[1])

    def hello(connection: Any) -> None:
        connection.recv()
        connection.send(b"hello")

    with serve(hello, "127.0.0.1", 0, ssl=context) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"wss://127.0.0.1:{server.socket.getsockname()[1]}/v1/data-channel/x"
        server.shutdown()


@contextmanager
def proxying(status: str = "200 Connection established") -> Iterator[tuple[int, list[str]]]:
    """(port of a proxy, the heads of the requests that came)."""
    heads: list[str] = []

    class Proxy(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += self.request.recv(1)
            heads.append(head.decode())
            self.request.sendall(f"HTTP/1.1 {status}\r\nVia: company\r\n\r\n".encode())
            if not status.startswith("200"):
                return
            host, _, port = heads[-1].split()[1].rpartition(":")
            with socket.create_connection((host, int(port))) as far:
                threading.Thread(target=pipe, args=(far, self.request), daemon=True).start()
                pipe(self.request, far)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Proxy) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], heads
        server.shutdown()


def pipe(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


def heard(address: str) -> bytes:
    link = Link(address, "the-token")
    try:
        link._socket.settimeout(30)
        while not (frames := link.receive()):
            pass
        return frames[0]
    finally:
        link.close()


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_companys_certificates_are_trusted_where_they_are_named(
    variable: str, stream: str, company: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OSError, match="certificate"):
        heard(stream)
    monkeypatch.setenv(variable, str(company[0]))
    assert heard(stream) == b"hello"


def test_certificates_that_are_not_there_are_named(stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(ConnectionError, match=r"/nowhere/ca\.pem cannot be read"):
        heard(stream)


def test_a_proxy_is_asked_and_told_who_asks(stream: str, company: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(company[0]))
    with proxying() as (port, heads):
        monkeypatch.setenv("HTTPS_PROXY", f"http://ada:l%40ce@127.0.0.1:{port}")
        assert heard(stream) == b"hello"
        target = stream.split("/")[2]
        assert heads[0].startswith(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n")
        assert f"Proxy-Authorization: Basic {base64.b64encode(b'ada:l@ce').decode()}\r\n" in heads[0]
        assert "the-token" not in heads[0]


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_what_needs_no_proxy_is_reached_without(
    scheme: str, stream: str, company: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(company[0]))
    with proxying() as (port, heads):
        monkeypatch.setenv("https_proxy", f"{scheme}127.0.0.1:{port}")
        assert heard(stream) == b"hello" and len(heads) == 1
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert heard(stream) == b"hello" and len(heads) == 1


def test_a_proxy_that_refuses_is_told_with_its_words(stream: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxying("407 Proxy Authentication Required") as (port, _heads):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        with pytest.raises(ConnectionError, match="407 Proxy Authentication Required"):
            heard(stream)
