"""Programs and databases end with the emulator, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emulator import process
from emulator.executors import engine
from emulator.process import EmulatorError
from tests.support import base_image, fargate
from tests.support.emulated import Emulated
from tests.support.persons import until
from tests.support.twins import Twins

# A program with a child of its own, which tells both.
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, os.getcwd(), flush=True)
time.sleep(600)
"""
NAMED = {"environment": [{"name": "NAME", "value": "twin-that-ends"}]}


def gone(pids: list[int], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(_lives(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("how", ["kill", "stop", "reset", "stop the task"])
def test_programs_and_their_children_end_with_the_emulator(tmp_path: Path, how: str) -> None:
    emulated = Emulated.start(tmp_path / "state.json", executor="process")
    stage = Twins(fargate.build(emulated), "process", tmp_path)
    arn = stage.begin(stage.image(PARENT))
    stage.eventually(lambda: bool(stage.lines(arn)))
    *pids, folder = stage.lines(arn)[0].split()
    assert all(_lives(int(pid)) for pid in pids)
    if how == "kill":
        os.kill(emulated.state.pid, signal.SIGKILL)
    elif how == "stop the task":
        stage.stop(arn)
    else:
        getattr(emulated, how)()
    assert gone([int(pid) for pid in pids])
    emulated.stop()
    assert gone([emulated.state.pid])
    deadline = time.monotonic() + 60
    while Path(folder).parent.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(folder).parent.exists()


def test_a_program_that_is_not_there_starts_no_container(stage: Twins, tmp_path: Path) -> None:
    if stage.executor == "script":
        stage.emulated.script(image="none", reason="CannotStartContainerError: no such file")
    else:
        process.control(stage.emulated.state, "programs", none={"folder": str(tmp_path), "command": ["no-such-program"]})
    task = stage.run("none")
    assert task["stopCode"] == "TaskFailedToStart"


def test_programs_are_refused_where_only_scripts_play(emulated: Emulated, tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="start it with --executor process"):
        process.control(emulated.state, "programs", shop={"folder": str(tmp_path), "command": [sys.executable]})


def test_a_folder_that_is_not_there_is_refused(stage: Twins) -> None:
    with pytest.raises(EmulatorError, match="/no/such/folder is not a folder"):
        process.control(stage.emulated.state, "programs", shop={"folder": "/no/such/folder", "command": []})


@pytest.mark.soak
@pytest.mark.parametrize("how", ["kill", "stop", "reset"])
def test_containers_end_with_the_emulator(tmp_path: Path, how: str) -> None:
    if why := base_image.missing():
        pytest.skip(f"NO CONTAINER IS TRIED: {why}")
    emulated = Emulated.start(tmp_path / "state.json", executor="container")
    stage = Twins(fargate.build(emulated), "container", tmp_path)
    arn = stage.begin(stage.image("import os, time\nprint(os.environ['NAME'], flush=True)\ntime.sleep(600)"), container=NAMED)
    stage.eventually(lambda: stage.lines(arn) == ["twin-that-ends"])

    def there() -> bool:
        shown = subprocess.run([engine.path(), "ps", "--all", "--no-trunc"], capture_output=True, text=True, check=True).stdout
        return "os.environ['NAME']" in shown

    assert there()
    if how == "kill":
        os.kill(emulated.state.pid, signal.SIGKILL)
    else:
        getattr(emulated, how)()
    until(lambda: not there())
    emulated.stop()
