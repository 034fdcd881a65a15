"""The server that outlives its run: the next one has it, and whatever is not as it was begins anew."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .conftest import Warm, behave, found, keepers_in, parent, run_in
from .test_faults import CONTROLLER, gone, started

Keepers = dict[str, int]


@pytest.fixture
def keepers(tmp_path: Path) -> Iterator[Path]:
    with keepers_in(tmp_path / "keepers") as folder:
        yield folder


def settled(folder: Path, count: int = 1) -> Keepers:
    """Wait until there are so many."""
    deadline = time.monotonic() + 60
    while len(there := found(folder)) != count:
        assert time.monotonic() < deadline, there
        select.select([], [], [], 0.02)
    return there


@contextmanager
def run(keepers: Path, idle: float = 60.0) -> Iterator[Warm]:
    """A run of its own, which may find a keeper and leave one; without either where `idle` is 0."""
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import server_socket

    folder = keepers.with_name(f"run {len(list(keepers.parent.iterdir()))}")
    with run_in(folder, keep=server_socket.Keep(keepers, idle) if idle else None) as warm:
        yield warm


def state(warm: Warm) -> dict[str, Any]:
    code, out, error = warm.run(behave(act="state"))
    assert code == 0 and not warm.reasons, (error, warm.reasons)
    return dict(json.loads(out))


def waiting(warm: Warm, file: Path) -> int:
    """The server of a module that runs until `file` is there."""
    threading.Thread(target=warm.run, args=(behave(act="limit", file=str(file)),), daemon=True).start()
    return started(file)[1]


def test_the_next_run_has_the_server_of_the_last(keepers: Path, tmp_path: Path) -> None:
    with run(keepers, idle=0) as warm:
        first = state(warm)
    with run(keepers) as warm:
        assert state(warm) == first
        (keeper,) = settled(keepers).values()
    with run(keepers) as warm:
        assert state(warm) == first
        server = waiting(warm, tmp_path / "go")
        with run(keepers) as beside:
            assert state(beside) == first
            other = waiting(beside, tmp_path / "go beside")
            assert server != other and parent(server) == parent(other) == keeper
        for name in ("go", "go beside"):
            (tmp_path / name).touch()
    assert set(found(keepers).values()) == {keeper}


def test_what_the_shell_hands_on_is_of_the_run(keepers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    seen = []
    for before in (tmp_path, tmp_path / "other"):
        monkeypatch.setenv("OLDPWD", str(before))
        monkeypatch.chdir(before)
        monkeypatch.setenv("PWD", str(before))
        with run(keepers) as warm:
            seen.append({name: state(warm)["environment"][name] for name in ("OLDPWD", "PWD")})
            settled(keepers)
    assert seen == [{"OLDPWD": str(before), "PWD": str(before)} for before in (tmp_path, tmp_path / "other")]


@pytest.mark.parametrize("what", ["environment", "limit", "niceness of the server's starter"])
def test_a_run_with_another_fingerprint_replaces_the_keeper(what: str, keepers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with run(keepers) as warm:
        state(warm)
        (first,) = settled(keepers).values()
    undo: Any = None
    if what == "environment":
        monkeypatch.setenv("TZ", "Asia/Tokyo")
    elif what == "limit":
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (1 if soft == 0 else 0, hard))
        undo = lambda: resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))  # noqa: E731
    else:
        monkeypatch.setattr(os, "getpriority", lambda *_: 7)
    try:
        with run(keepers) as warm:
            assert not (what == "environment" and state(warm)["zone"][0][0] != "JST")
            assert gone(first) and set(settled(keepers).values()) != {first}
    finally:
        if undo:
            undo()


@pytest.mark.parametrize("what", ["umask", "SHLVL", "OLDPWD", "a variable of the user's"])
def test_a_run_that_differs_in_what_comes_with_it_has_the_same_keeper(what: str, keepers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHLVL", "1")
    with run(keepers) as warm:
        state(warm)
        kept = settled(keepers)
    before = os.umask(0o027) if what == "umask" else None
    if what in ("SHLVL", "OLDPWD"):
        monkeypatch.setenv(what, "4" if what == "SHLVL" else "/nowhere")
    elif before is None:
        monkeypatch.setenv("SHOP", "shop")
    try:
        with run(keepers) as warm:
            seen = state(warm)
            assert settled(keepers) == kept
        with run(keepers, idle=0) as warm:
            assert state(warm) == seen
    finally:
        if before is not None:
            os.umask(before)


def test_a_second_keeper_ends_the_first(keepers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs that begin at once find no keeper, and each leaves one behind."""
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import server_socket

    monkeypatch.setattr(server_socket, "_served_by_keeper", lambda *_: False)
    with run(keepers) as warm:
        state(warm)
        (first,) = settled(keepers).values()
        with run(keepers) as other:
            state(other)
            assert gone(first) and set(settled(keepers).values()) != {first}
            assert state(warm), "the server of a run does not end with its keeper"


def test_it_ends_when_its_checkout_is_deleted(keepers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import server_socket

    plugins = tmp_path / "checkout" / "plugins"
    here = plugins / "plugin_utils" / "_warm"
    shutil.copytree(server_socket.HERE, here)
    shutil.copytree(server_socket.HERE.parents[1] / "module_utils", plugins / "module_utils")
    monkeypatch.setattr(server_socket, "HERE", here)
    with run(keepers) as warm:
        state(warm)
        (keeper,) = settled(keepers).values()
    shutil.rmtree(plugins.parent)
    assert gone(keeper) and list(keepers.iterdir()) == []


def test_it_takes_the_idle_time_of_the_last_run(keepers: Path) -> None:
    with run(keepers) as warm:
        state(warm)
        (keeper,) = settled(keepers).values()
    with run(keepers, idle=0.2) as warm:
        state(warm)
        assert set(found(keepers).values()) == {keeper}
    assert gone(keeper)


def test_a_file_that_has_changed_ends_it(keepers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with run(keepers) as warm:
        state(warm)
        (keeper,) = settled(keepers).values()
    (tmp_path / ".aws" / "models" / "ec2").mkdir(parents=True)
    with run(keepers) as warm:
        state(warm)
        assert gone(keeper) and set(settled(keepers).values()) != {keeper}


def test_what_is_written_while_it_is_loaded_keeps_nothing(keepers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    models = tmp_path / ".aws" / "models"
    models.mkdir(parents=True)
    os.utime(models, (time.time() + 60, time.time() + 60))
    with run(keepers) as warm:
        state(warm)
    assert found(keepers) == {}


CONTROLLER_THAT_KEEPS = CONTROLLER.replace("[{collections}])", "[{collections}], None, server_socket.Keep(Path({keepers!r}), 0.2))")


def test_a_killed_controller_leaves_a_keeper_for_a_while(keepers: Path, folder: Path, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    words = {"root": str(root), "folder": str(folder), "file": str(tmp_path / "go"), "collections": "", "keepers": str(keepers)}
    controller = subprocess.Popen([sys.executable, "-c", CONTROLLER_THAT_KEEPS.format(**words)], cwd=root, stderr=subprocess.PIPE)
    module, server = started(tmp_path / "go")
    (keeper,) = settled(keepers).values()
    os.kill(controller.pid, signal.SIGKILL)
    assert gone(module) and gone(server) and gone(keeper) and list(keepers.iterdir()) == []
    controller.communicate()


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_without_it_the_next_run_starts_another(how: str, keepers: Path, tmp_path: Path) -> None:
    with run(keepers) as warm:
        server = waiting(warm, tmp_path / "go")
        (keeper,) = settled(keepers).values()
        os.kill(keeper, signal.SIGKILL if how == "killed" else signal.SIGSTOP)
        os.kill(server, 0)
        (tmp_path / "go").touch()
        assert state(warm)
    with run(keepers) as warm:
        assert state(warm)
        if how == "killed":
            assert set(settled(keepers).values()) != {keeper}
    if how == "stopped":
        os.kill(keeper, signal.SIGKILL)


@pytest.mark.parametrize("which", ["first", "second"])
def test_it_does_not_hold_up_a_run_whose_server_is_killed(which: str, keepers: Path, tmp_path: Path) -> None:
    if which == "second":
        with run(keepers) as warm:
            state(warm)
            settled(keepers)
    with run(keepers) as warm:
        server = waiting(warm, tmp_path / "go")
        settled(keepers)
        os.kill(server, signal.SIGKILL)
        assert gone(server)
        assert warm.run(behave(act="leave", number=4))[0] == 4
        assert len(warm.reasons) == 1


def test_who_cannot_be_found_knows_it(keepers: Path) -> None:
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import keeper as keeping

    listening = socket.socket()
    kept = keeping.Keeper(keepers / "gone", 1.0, "", keepers, {}, listening, 0)
    assert not kept.found()
    listening.close()


@pytest.mark.parametrize("mode", [0o755, 0o710])
def test_a_folder_that_others_can_enter_is_not_used(mode: int, keepers: Path) -> None:
    keepers.chmod(mode)
    with run(keepers) as warm:
        state(warm)
    keepers.chmod(0o700)
    assert found(keepers) == {}


def test_keeper_holds_no_secret_of_a_run(keepers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-of-the-environment")
    with run(keepers) as warm:
        assert warm.run(behave(act="leave", number=0, file="hush-of-the-parameters"))[0] == 0
        (keeper,) = settled(keepers).values()
    with run(keepers) as warm:
        assert warm.run(behave(act="leave", number=0, file="hush-of-the-parameters"))[0] == 0
    held = b"".join(memory(keeper))
    assert b"DescribeInstances" in held and b"hush-of" not in held


def memory(process: int) -> Iterator[bytes]:
    """All that a process has written, environment included, which its stack holds."""
    with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb", 0) as held:
        for line in maps:
            span, rights = line.split()[:2]
            if rights.startswith("rw"):
                begin, end = (int(word, 16) for word in span.split("-"))
                with contextlib.suppress(OSError, ValueError):
                    held.seek(begin)
                    yield held.read(end - begin)
