"""What answers at an emulated database's port: a few words, in PostgreSQL's protocol to whoever speaks it, and no database."""

from __future__ import annotations

import os
import socketserver
import struct
import threading

WORDS = "this is the emulated database {}: nothing is stored in it"
SSL_REQUEST = struct.pack(">II", 8, 80877103)
AT_ONCE = 1 << 16
PATIENCE = 600.0
_ports: dict[str, int] = {}
# The ports of databases that are real, by their hosts.
real: dict[str, int] = {}


def port(host: str) -> int:
    """The port of this machine that stands for a database's."""
    if host in real:
        return real[host]
    if host not in _ports:
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _answers_for(host))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _ports[host] = server.server_address[1]
    return _ports[host]


def _answers_for(host: str) -> type[socketserver.BaseRequestHandler]:
    words = WORDS.format(host)

    class Answers(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(PATIENCE)
            try:
                asked = self.request.recv(AT_ONCE)
                if asked == SSL_REQUEST:
                    self.request.sendall(b"N")
                    asked = self.request.recv(AT_ONCE)
                if asked:
                    self.request.sendall(answer(asked, words))
            except OSError:
                return

    return Answers


def answer(asked: bytes, words: str) -> bytes:
    """PostgreSQL's ErrorResponse to a StartupMessage, a line of text to anything else. Pure."""
    if asked[4:6] != b"\0\3":
        return f"{words}\n".encode()
    fields = b"".join(kind + text.encode() + b"\0" for kind, text in ((b"S", "FATAL"), (b"V", "FATAL"), (b"C", "57P03"), (b"M", words)))
    return b"E" + struct.pack(">I", 4 + len(fields) + 1) + fields + b"\0"


# The servers' threads are the other process's.
os.register_at_fork(after_in_child=_ports.clear)
