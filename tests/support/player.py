"""ansible-playbook in a process that forks from one which has its imports behind it: `python -m tests.support.player SOCKET`.

A run differs from the program of that name in this alone: Python, ansible-core and the collection's plugins are loaded already, and what
each run would work out alike is at hand (remembered.py). The process listens on a Unix socket. Each connection sends words, environment
and folder as JSON, with standard input, output and error as descriptors, and is sent the exit code.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

from . import shared
from .players import LONGEST, asked, read_at_start

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = str(Path(sys.executable).parent / "ansible-playbook")
# What looks at standard input when it is imported, which is another one in each run.
OF_EACH_RUN = "plugin_utils.secret_input"
KNOWN = ("ansible", "yaml", "jinja2", "boto", "jmespath", "websockets", "concurrent", "multiprocessing", "json", "email", "http", "urllib")
OF_ANSIBLE = {
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_HOME": str(shared.ansible_home()),
    "RAILYARD_WARM_STORE": str(ROOT / ".cache" / "tests" / "modules"),
}


def play(words: list[str], environment: Mapping[str, str], typed: bytes = b"") -> tuple[int, bytes, bytes]:
    """Exit code, standard output and standard error of `ansible-playbook WORDS` from the root of the checkout."""
    if read_at_start(environment) != read_at_start(_base()):
        done = subprocess.run([PROGRAM, *words], cwd=ROOT, env=environment, capture_output=True, input=typed, check=False)
        return done.returncode, done.stdout, done.stderr
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        given.write(typed)
        given.seek(0)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.connect(str(_started()[0]))
            request = {"words": words, "environment": dict(environment), "folder": str(ROOT)}
            code = asked(connection, request, [file.fileno() for file in (given, said, complained)])
        said.seek(0)
        complained.seek(0)
        return code, said.read(), complained.read()


def _base() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_"))}
    return {**kept, **OF_ANSIBLE}


@cache
def _started() -> tuple[Path, subprocess.Popen[bytes]]:
    """The socket of this process's own player, and the player, which ends with it."""
    path = Path(tempfile.mkdtemp(prefix="player-")) / "socket"
    command = [sys.executable, "-m", "tests.support.player", str(path)]
    process = subprocess.Popen(command, cwd=ROOT, env=_base(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return path, process


def serve(path: str) -> None:
    """Answer connections until standard input ends."""
    importlib.import_module("ansible.cli.playbook")
    learned = Path(path).with_suffix(".modules")
    with _collections():
        remembered: Any = importlib.import_module("tests.support.remembered")
    remembered.begin(Path(path).with_suffix(".remembered"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener, selectors.DefaultSelector() as either:
        listener.bind(path)
        listener.listen()
        either.register(listener, selectors.EVENT_READ)
        either.register(sys.stdin, selectors.EVENT_READ)
        print("ready", flush=True)
        while all(key.fileobj is listener for key, _events in either.select()):
            connection, _address = listener.accept()
            with connection:
                request, descriptors, _flags, _address = socket.recv_fds(connection, LONGEST, 3)
                _know(learned)
                remembered.learn()
                gc.collect()
                gc.freeze()
                if os.fork() == 0:
                    listener.close()
                    _answer(connection, json.loads(request), descriptors, learned)
                for descriptor in descriptors:
                    os.close(descriptor)
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
    shutil.rmtree(Path(path).parent, ignore_errors=True)


def _know(learned: Path) -> None:
    """Import what earlier runs have imported, once."""
    with contextlib.suppress(FileNotFoundError):
        names = learned.read_text().split()
        learned.unlink()
        with _collections():
            for name in names:
                with contextlib.suppress(ImportError):
                    importlib.import_module(name)


@contextlib.contextmanager
def _collections() -> Iterator[None]:
    """Collections can be imported; a run has a finder of its own."""
    finder = _AnsibleCollectionFinder(paths=[str(ROOT / "collections")])
    finder._install()
    try:
        yield
    finally:
        finder._remove()


def _answer(connection: socket.socket, request: dict[str, Any], descriptors: list[int], learned: Path) -> NoReturn:
    """The run in a child, so that whoever sends it a signal or kills it is told how it ended."""
    run = os.fork()
    if run == 0:
        connection.close()
        for descriptor, standard in zip(descriptors, (0, 1, 2), strict=True):
            os.dup2(descriptor, standard)
            os.close(descriptor)
        os._exit(_run(request, learned))
    _pid, status = os.waitpid(run, 0)
    connection.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _run(request: dict[str, Any], learned: Path) -> int:
    before = set(sys.modules)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.argv = [PROGRAM, *request["words"]]
    _own_folder()
    _own_input()
    code: Any = 0
    try:
        importlib.import_module("ansible.cli.playbook").main()
    except SystemExit as end:
        code = end.code
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    if new := [name for name in sys.modules if name not in before and name.startswith(KNOWN)]:
        with tempfile.NamedTemporaryFile("w", dir=learned.parent, delete=False) as file:
            file.write("\n".join(new))
        os.replace(file.name, learned)
    return int(code or 0)


def _own_folder() -> None:
    """ansible-core makes a folder for temporary files when it is imported, and removes it at the end."""
    constants: Any = importlib.import_module("ansible.constants")
    path = importlib.import_module("ansible.utils.path")
    atexit.unregister(path.cleanup_tmp_file)
    constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(prefix=f"ansible-local-{os.getpid()}", dir=Path(constants.DEFAULT_LOCAL_TMP).parent)
    atexit.register(path.cleanup_tmp_file, constants.DEFAULT_LOCAL_TMP)


def _own_input() -> None:
    """Those who have imported it already keep the same module, with this run's standard input."""
    for name, module in list(sys.modules.items()):
        if name.endswith(OF_EACH_RUN):
            loader: Any = module.__loader__
            loader.exec_module(module)


if __name__ == "__main__":
    serve(sys.argv[1])
