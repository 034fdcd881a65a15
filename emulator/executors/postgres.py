"""The databases of programs: each emulated instance of PostgreSQL is a real server of this machine, on a free port of 127.0.0.1.

Users, passwords and databases have the names that they have in AWS. Its address does not resolve here: in the environment of programs
`ADDRESS:PORT` is replaced by where the server is.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from glob import glob
from pathlib import Path
from typing import Any

from .. import certificates, registry
from ..sessions import database
from . import keeper, programs
from .running import Reaches
from .ways import Way

# As in RDS, the superuser is not the one that is declared.
SUPERUSER = "rdsadmin"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "16MB",
    "fsync": "off",
    "ssl": "on",
    "log_min_messages": "fatal",
    "max_connections": "100",
}
WHERE = "/usr/lib/postgresql/*/bin/postgres", "/usr/local/*/bin/postgres", "/opt/homebrew/*/bin/postgres"
INSTALL = "PostgreSQL is missing; databases stay emulated and no program reaches one. Debian: apt-get install postgresql"


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    superuser_password: str


_servers: dict[str, Server] = {}


def found() -> Path | None:
    """The folder of PostgreSQL's programs, the newest one."""
    on_path = shutil.which("postgres")
    known = [Path(path) for pattern in WHERE for path in glob(pattern)]
    newest = max(known, key=lambda path: [int(part) for part in path.parts if part.isdigit()], default=None)
    return Path(on_path).resolve().parent if on_path else newest.parent if newest else None


def provide(address: str, port: int, user: str, password: str, name: str | None) -> None:
    """An instance can be used: start its server, or give its user this password. Nothing happens where programs do not run or PostgreSQL is
    missing.
    """
    key, role, secret = f"{address}:{port}", identifier(user), literal(password)
    if key in _servers:
        tell(_servers[key], f"ALTER ROLE {role} PASSWORD {secret}")
        return
    programs_of = found()
    if not programs.possible() or programs_of is None:
        return
    server = _servers[key] = _started(programs_of)
    database.real[address] = server.port
    statements = [f"CREATE ROLE {role} LOGIN CREATEDB CREATEROLE PASSWORD {secret}"]
    if name:
        statements.append(f"CREATE DATABASE {identifier(name)} OWNER {role}")
    tell(server, *statements)


def remove(address: str, port: int) -> None:
    """The instance is gone, and what was stored in it."""
    if (server := _servers.pop(f"{address}:{port}", None)) is not None:
        database.real.pop(address, None)
        _end(server)


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def tell(server: Server, *statements: str) -> None:
    """Let the superuser run statements. They may hold a password, and are in no argument and no file."""
    environment = {**_plain(), "PGPASSWORD": server.superuser_password}
    command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(server.port), "-U", SUPERUSER, "postgres"]
    text = "".join(f"SET log_statement = 'none';\n{statement};\n" for statement in statements)
    subprocess.run(command, input=text.encode(), env=environment, check=True, stdout=subprocess.DEVNULL)


def _started(programs_of: Path) -> Server:
    folder, password, port = keeper.folder() / f"postgres-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex, keeper.free_port()
    owner = _owner()
    folder.mkdir(mode=0o700)
    (folder / "password").write_text(password)
    _certificate(folder)
    for path in (folder, *folder.iterdir()):
        path.chmod(0o700 if path == folder else 0o600)
        if owner:
            shutil.chown(path, *owner)
    initdb: list[str | Path] = [programs_of / "initdb", "-D", folder / "data", "-U", SUPERUSER, f"--pwfile={folder / 'password'}"]
    how: dict[str, Any] = {"cwd": folder, "env": _plain(), "stdin": subprocess.DEVNULL, **_as(owner)}
    made = subprocess.run([*initdb, "-A", "scram-sha-256", "-E", "UTF8", "--no-sync"], capture_output=True, text=True, check=False, **how)
    if made.returncode:
        raise RuntimeError(made.stderr)
    (folder / "password").unlink()
    certificate = {"ssl_cert_file": folder / "server.crt", "ssl_key_file": folder / "server.key", "port": port}
    words = [word for name, value in {**SETTINGS, **certificate}.items() for word in ("-c", f"{name}={value}")]
    command: list[str | Path] = [programs_of / "postgres", "-D", folder / "data", *words]
    process: subprocess.Popen[bytes] = subprocess.Popen(command, stdout=sys.stderr, stderr=sys.stderr, start_new_session=True, **how)
    keeper.keep(process.pid)
    server = Server(process, port, folder, password)
    _await(server)
    return server


def _await(server: Server) -> None:
    for _ in range(600):
        with contextlib.suppress(subprocess.CalledProcessError):
            if server.process.poll() is None:
                tell(server)
                return
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start; the emulator's log says why")


def _owner() -> tuple[int, int] | None:
    """Whom PostgreSQL runs as where this is root, as it refuses root; user and group."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise RuntimeError("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _as(owner: tuple[int, int] | None) -> dict[str, Any]:
    return {"user": owner[0], "group": owner[1], "extra_groups": []} if owner else {}


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C.UTF-8"}


def _certificate(folder: Path) -> None:
    """For clients that want TLS, as RDS's do; signed by nobody."""
    certificate, key = certificates.pems("database")
    (folder / "server.crt").write_text(certificate)
    (folder / "server.key").write_text(key)


def _end(server: Server) -> None:
    server.process.send_signal(signal.SIGQUIT)
    server.process.wait()
    keeper.leave(server.process.pid)
    shutil.rmtree(server.folder, ignore_errors=True)


def environment(given: dict[str, str], reaches: Reaches, ways: ExitStack) -> dict[str, str]:
    """Where an environment names an emulated instance, it names its server, or a way to it that is closed as yet."""
    for key, server in _servers.items():
        host, _, port = key.rpartition(":")
        if not any(host in value for value in given.values()):
            continue
        there = server.port
        if not reaches(host, int(port)):
            way = Way(there, partial(reaches, host, int(port)))
            ways.callback(way.end)
            there = way.port
        given = {name: value.replace(key, f"127.0.0.1:{there}").replace(host, "127.0.0.1") for name, value in given.items()}
    return given


@registry.on_reset
def _forget() -> None:
    for server in _servers.values():
        _end(server)
    _servers.clear()
    database.real.clear()


programs.environments.append(environment)
