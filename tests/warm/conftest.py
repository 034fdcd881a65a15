"""Connections to this machine, with and without the server, and payloads as ansible-core makes them."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import children

LIBRARY = Path(__file__).parent / "library"
COMMAND = f"/bin/sh -c {shlex.quote(shlex.quote(sys.executable))}"
Ran = tuple[int, bytes, bytes]


def payload(module: Path, params: dict[str, Any], fresh: bool = False) -> bytes:
    """A payload for this Python; `fresh`: not from the cache of this process."""
    import ansible.constants
    from ansible.executor import module_common
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar

    if fresh:
        for old in (Path(ansible.constants.DEFAULT_LOCAL_TMP) / "ansiballz_cache").glob("*-*-none"):
            old.unlink()
    built = module_common.modify_module(
        module_name=module.stem,
        module_path=str(module),
        module_args={**params, "_ansible_remote_tmp": "/tmp", "_ansible_keep_remote_files": False},
        templar=Templar(DataLoader()),
        task_vars={"ansible_python_interpreter": sys.executable},
        module_compression="ZIP_DEFLATED",
    )
    return bytes(built.b_module_data)


def connection(name: str) -> Any:
    from ansible.playbook.play_context import PlayContext
    from ansible.plugins.loader import connection_loader

    context = PlayContext()
    context.executable = "/bin/sh"
    made = connection_loader.get(name, context, os.devnull)
    made.set_options(direct={"pipelining": True})
    return made


class Warm:
    """A server of a test's own, and the reasons for which it declined."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reasons: list[str] = []

    def run(self, data: bytes, command: str = COMMAND) -> Ran:
        result: Ran = connection("railyard.fargate.warm").exec_command(command, in_data=data)
        return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place of the socket of a run."""
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import client

    place = tmp_path / "run"
    place.mkdir(mode=0o700)
    monkeypatch.setattr(client, "folder_of_run", lambda: place)
    return place


@pytest.fixture
def warm(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warm]:
    """A server that was started by this process."""
    yield from start(folder, monkeypatch)


def start(folder: Path, monkeypatch: pytest.MonkeyPatch, record: Path | None = None, keep: Any = None) -> Iterator[Warm]:
    """A server of this process; with `keep` one of a controller that ends with the test, as nobody else ends a keeper's."""
    from ansible.utils.collection_loader import AnsibleCollectionConfig
    from ansible.utils.display import Display

    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import server_socket

    made = Warm(folder)
    monkeypatch.setattr(Display, "v", lambda self, text, host=None: made.reasons.append(text))
    with contextlib.ExitStack() as ends:
        controller = os.getpid()
        if keep:
            process = ends.enter_context(subprocess.Popen(["sleep", "infinity"]))
            ends.callback(process.kill)
            controller = process.pid
        before = set(children(os.getpid()))
        server_socket.start(folder, controller, list(AnsibleCollectionConfig.collection_paths), record, keep)
        servers = set(children(os.getpid())) - before
        yield made
    for server in servers:
        try:
            os.kill(server, 9)
            os.waitpid(server, 0)
        except (ProcessLookupError, ChildProcessError):
            continue


@contextlib.contextmanager
def run_in(folder: Path, record: Path | None = None, keep: Any = None) -> Iterator[Warm]:
    """A run in a new folder, and its server."""
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import client

    with pytest.MonkeyPatch.context() as patch:
        folder.mkdir(mode=0o700)
        patch.setattr(client, "folder_of_run", lambda: folder)
        yield from start(folder, patch, record, keep)


@contextlib.contextmanager
def keepers_in(folder: Path) -> Iterator[Path]:
    """A folder in which keepers are found; those that are left are killed."""
    folder.mkdir(mode=0o700)
    yield folder
    for process in found(folder).values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def found(folder: Path) -> dict[str, int]:
    """Process of each keeper by its key."""
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import server_socket

    there = {}
    for path in folder.glob("*"):
        with contextlib.suppress(OSError), server_socket.reach(folder, path.name, socket.SOCK_SEQPACKET) as connection:
            there[path.name] = holder(connection)
    return there


def holder(connection: socket.socket) -> int:
    """The process that has made the socket at the other end."""
    return int(struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.fixture
def local() -> Callable[[bytes], Ran]:
    return lambda data: connection("local").exec_command(COMMAND, in_data=data)  # type: ignore[no-any-return]


def normal(text: bytes) -> bytes:
    """Output without the random name of the folder into which `local` unpacks."""
    return re.sub(rb"(/tmp)?/ansible_\w+_payload(_\w+)?(/ansible_\w+_payload)?\.zip", b"ZIP", text)


def behave(**params: Any) -> bytes:
    return payload(LIBRARY / "behave.py", params)
