"""What happens when a side dies, lies or changes: the run goes on, as `local` would."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import children

from .conftest import Warm, behave, payload


def reasons(warm: Warm) -> str:
    return "\n".join(warm.reasons)


def started(path: Path) -> tuple[int, int]:
    """Ids of a module that `act: limit` waits in, and of its parent, once it is there."""
    here, deadline = Path(f"{path}.here"), time.monotonic() + 120
    while not here.exists() or not here.read_text():
        assert time.monotonic() < deadline
        select.select([], [], [], 0.01)
    module, parent = here.read_text().split()
    return int(module), int(parent)


def gone(process: int) -> bool:
    """Whether a process has ended within a minute."""
    try:
        watch = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    with os.fdopen(watch):
        return bool(select.select([watch], [], [], 60)[0])


@pytest.fixture
def running(warm: Warm, tmp_path: Path) -> Iterator[tuple[ThreadPoolExecutor, Any, int, int]]:
    """A module in the middle of its work: its future result, its id, and the server's."""
    with ThreadPoolExecutor() as pool:
        result = pool.submit(warm.run, behave(act="limit", file=str(tmp_path / "go")))
        module, server = started(tmp_path / "go")
        yield pool, result, module, server
        (tmp_path / "go").touch()


def test_a_killed_server_fails_the_task_and_the_run_goes_on(running: Any, warm: Warm) -> None:
    _pool, result, module, server = running
    os.kill(server, signal.SIGKILL)
    code, out, error = result.result(timeout=60)
    assert (code, out) == (137, b"") and b"The server of railyard.fargate.warm was killed" in error
    assert gone(module)
    assert json.loads(warm.run(behave(act="leave_with_words"))[1] or b"{}") == {}
    assert "Connection refused" in reasons(warm)


def test_a_killed_module_ends_as_with_local(running: Any, warm: Warm) -> None:
    _pool, result, module, _server = running
    os.kill(module, signal.SIGKILL)
    assert result.result(timeout=60)[0] == 137
    assert warm.run(behave(act="leave", number=4))[0] == 4 and warm.reasons == []


CONTROLLER = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder
_AnsibleCollectionFinder(paths=[{root!r} + "/collections"])._install()
from tests.warm.conftest import *
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import client, server_socket
client.folder_of_run = lambda: Path({folder!r})
server_socket.start(Path({folder!r}), os.getpid(), [{collections}])
connection("railyard.fargate.warm").exec_command(COMMAND, in_data=behave(act="limit", file={file!r}))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_controller_leaves_nothing_behind(number: int, folder: Path, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    code = CONTROLLER.format(root=str(root), folder=str(folder), file=str(tmp_path / "go"), collections="")
    controller = subprocess.Popen([sys.executable, "-c", code], cwd=root, stderr=subprocess.PIPE)
    module, server = started(tmp_path / "go")
    assert server != controller.pid
    os.kill(controller.pid, number)
    assert gone(module) and gone(server)
    controller.communicate()


def test_ten_at_a_time(warm: Warm) -> None:
    with ThreadPoolExecutor(10) as pool:
        ran = list(pool.map(lambda number: warm.run(behave(act="leave", number=number)), range(40)))
    assert [code for code, _out, _error in ran] == list(range(40)) and warm.reasons == []


def test_socket_without_a_server(folder: Path, warm: Warm, tmp_path: Path) -> None:
    """A file that a dead server has left."""
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import server_socket

    (folder / server_socket.NAME).unlink()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder / server_socket.NAME))
    assert warm.run(behave(act="leave", number=5))[0] == 5
    assert "Connection refused" in reasons(warm)


def test_the_server_of_another_user_gets_nothing(warm: Warm, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import wire

    monkeypatch.setattr(wire, "peer", lambda connection: os.geteuid() + 1)
    monkeypatch.setattr(wire, "send_request", lambda *words: pytest.fail("sent"))
    assert warm.run(behave(act="leave", number=6))[0] == 6
    assert f"belongs to user {os.geteuid() + 1}" in reasons(warm)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_gets_nothing_from_the_server(warm: Warm) -> None:
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import server_socket

    with server_socket.connect(warm.folder) as connection:
        pass
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        os.chdir(warm.folder)
        os.setresuid(65534, 65534, 65534)
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(server_socket.NAME)
                connection.settimeout(10)
                os.write(writer, b"in" if connection.recv(1) else b"closed")
            except OSError as error:
                os.write(writer, type(error).__name__.encode())
        os._exit(0)
    os.waitpid(process, 0)
    assert os.read(reader, 100) in (b"PermissionError", b"ConnectionResetError", b"closed")


@pytest.mark.parametrize(("mode", "words"), [(0o755, "others have rights"), (0o710, "others have rights")])
def test_a_folder_that_others_can_enter_is_not_used(mode: int, words: str, folder: Path, warm: Warm) -> None:
    folder.chmod(mode)
    assert warm.run(behave(act="leave", number=8))[0] == 8
    assert words in reasons(warm)


def test_a_folder_that_is_a_link_is_not_used(folder: Path, tmp_path: Path) -> None:
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import server_socket

    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(server_socket.Unsafe, match="is not a folder"):
        server_socket.start(tmp_path / "link", os.getpid(), [])


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import server_socket

    folder = tmp_path / ("long" * 40)
    folder.mkdir(mode=0o700)
    before = set(children(os.getpid()))
    assert server_socket.start(folder, os.getpid(), []) and not server_socket.start(folder, os.getpid(), [])
    server_socket.connect(folder).close()
    for server in set(children(os.getpid())) - before:
        os.kill(server, 9)
        os.waitpid(server, 0)


def test_a_client_that_stops_in_the_middle_holds_up_nobody(warm: Warm) -> None:
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import server_socket, wire

    with server_socket.connect(warm.folder) as half:
        half.send(wire.SIZES.pack(100, 100))
        half.send(b"{")
        assert warm.run(behave(act="leave", number=9))[0] == 9
    assert warm.run(behave(act="leave", number=9))[0] == 9 and warm.reasons == []


def test_a_client_that_is_killed_takes_its_module_with_it(warm: Warm, tmp_path: Path) -> None:
    process = os.fork()
    if not process:
        warm.run(behave(act="limit", file=str(tmp_path / "go")))
        os._exit(0)
    module, _server = started(tmp_path / "go")
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    assert gone(module)
    assert warm.run(behave(act="leave", number=3))[0] == 3 and warm.reasons == []


def test_a_task_that_times_out_leaves_its_module_as_local_does(warm: Warm, tmp_path: Path) -> None:
    class TooLate(Exception):
        pass

    def late(number: int, frame: object) -> None:
        raise TooLate

    assert warm.run(behave(act="leave", number=3))[0] == 3
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 2.0)
    try:
        with pytest.raises(TooLate):
            warm.run(behave(act="limit", file=str(tmp_path / "go")))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    module, _server = started(tmp_path / "go")
    assert warm.run(behave(act="leave", number=3))[0] == 3
    os.kill(module, 0)
    (tmp_path / "go").touch()
    assert gone(module)


def test_another_start_of_python_is_not_what_the_server_had(warm: Warm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("PYTHONHASHSEED", "5")
    result = json.loads(warm.run(behave(act="state"))[1])
    assert result["zone"][0][0] == "JST"
    assert "PYTHONHASHSEED, TZ changed after the start of the run" in reasons(warm)


def test_changed_code_is_not_what_the_server_has(warm: Warm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways: a module_util that differs from what is loaded runs by itself, and the module's own new text runs in the server."""
    module = tmp_path / "small.py"
    text = "from ansible.module_utils.basic import AnsibleModule\nAnsibleModule({}).exit_json(version=1)\n"
    module.write_text(text)
    assert json.loads(warm.run(payload(module, {}, fresh=True))[1])["version"] == 1
    module.write_text(text.replace("version=1", "version=2"))
    assert json.loads(warm.run(payload(module, {}, fresh=True))[1])["version"] == 2
    assert warm.reasons == []
    overlay = tmp_path / "module_utils"
    overlay.mkdir()
    import ansible.module_utils.common.text.formatters as changed
    from ansible.plugins.loader import module_utils_loader

    text = Path(changed.__file__).read_text()
    (overlay / "common" / "text").mkdir(parents=True)
    for package in (overlay / "common", overlay / "common" / "text"):
        (package / "__init__.py").write_text("")
    (overlay / "common" / "text" / "formatters.py").write_text(text + "\n# edited\n")
    monkeypatch.setattr(module_utils_loader, "_get_paths", lambda subdirs=False: [str(overlay)])
    assert json.loads(warm.run(payload(module, {}, fresh=True))[1])["version"] == 2
    assert "ansible.module_utils.common.text.formatters is not what the server has loaded" in reasons(warm)


def test_credentials_are_nowhere_but_in_the_socket(warm: Warm, running: Any) -> None:
    _pool, _result, module, server = running
    with open(f"/proc/{server}/environ", "rb") as file:
        environment = file.read()
    assert b"AWS_" not in environment and b"PYTEST" not in environment
    for process in (server, module):
        with open(f"/proc/{process}/cmdline", "rb") as file:
            assert b"limit" not in file.read()
