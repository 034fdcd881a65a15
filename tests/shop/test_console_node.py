"""examples/shop/bin/console-node, with an agent that writes down how it was called."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._console import request
from tests.support.names import names
from tests.support.processes import descendants

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
SCRIPT = SHOP.joinpath(*request.NODE)
CODE = "activation-code-of-20"
LONG = 30.0
# Told by FAKE: `refuse` and `hang` at the registration, `leave` and `crash` afterwards.
AGENT = """
import json, os, signal, sys
how = os.environ.get("FAKE", "")
def say(**what):
    with open(os.environ["JOURNAL"], "w") as journal:
        journal.write(json.dumps(what) + "\\n")
def stop(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say(stopped=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
say(args=sys.argv[1:], cwd=os.getcwd(), environ=dict(os.environ), ignores_ctrl_c=ignored)
if sys.argv[1:]:
    if how == "hang" and "-clear" not in sys.argv:
        signal.pause()
    sys.exit(how == "refuse")
if how in ("leave", "crash"):
    sys.exit(3 if how == "crash" else 0)
signal.pause()
"""


class Node:
    """A console-node that runs, and the journal of its agent."""

    def __init__(self, folder: Path, **changed: str | None) -> None:
        agent = folder / "amazon-ssm-agent"
        (folder / "agent.py").write_text(AGENT)
        # The first line of a script cannot name a Python in a folder with blanks.
        agent.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -ES {shlex.quote(str(folder / "agent.py"))} "$@"\n')
        agent.chmod(0o755)
        os.mkfifo(folder / "journal")
        self.journal: IO[bytes] = os.fdopen(os.open(folder / "journal", os.O_RDWR), "rb", buffering=0)
        own = {"PATH": f"{folder}:{os.environ['PATH']}", "JOURNAL": str(folder / "journal"), "DATABASE_URL": "postgres://db/shop"}
        own["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/task"
        asked = request.Request(names("shop", "production"), "ada", minutes=60)
        told = request.container(asked, {"id": "activation-id", "code": CODE, "region": "eu-west-1"})["environment"]
        environment = {name: value for name, value in {**own, **told, **changed}.items() if value is not None}
        self.process = subprocess.Popen([SCRIPT], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)

    def next(self) -> dict[str, Any]:
        """What the agent did next."""
        assert select.select([self.journal], [], [], LONG)[0], "the agent was not called"
        found: dict[str, Any] = json.loads(self.journal.readline())
        return found

    def end(self) -> tuple[int, str]:
        """Exit code and errors; the journal has been read to its end by then."""
        _out, errors = self.process.communicate(timeout=LONG)
        assert not select.select([self.journal], [], [], 0)[0], self.journal.readline()
        assert CODE not in errors
        return self.process.returncode, errors


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    nodes: list[Node] = []

    def begin(**changed: str | None) -> Node:
        nodes.append(Node(tmp_path, **changed))
        return nodes[-1]

    yield begin
    for node in nodes:
        # In a container they end with the first process.
        for process in [node.process.pid, *descendants(node.process.pid)] if node.process.poll() is None else []:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        node.process.wait()
        node.journal.close()


CLEARED = ["-register", "-clear"]


def test_it_registers_serves_and_is_cleared_when_it_is_stopped(start: Any) -> None:
    node = start()
    assert node.next()["args"] == ["-register", "-y", "-code", CODE, "-id", "activation-id", "-region", "eu-west-1"]
    assert node.next()["args"] == []
    node.process.send_signal(signal.SIGTERM)
    assert node.next() == {"stopped": True}
    assert node.next()["args"] == CLEARED
    assert node.end()[0] == 143


def test_the_agent_is_started_where_the_application_is_and_as_the_application_is(start: Any) -> None:
    node = start()
    node.next()
    agent = node.next()
    assert agent["cwd"] == agent["environ"]["RAILYARD_DIRECTORY"] == str(SHOP)
    assert agent["environ"]["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] == "/v2/credentials/task"
    assert agent["environ"]["DATABASE_URL"] == "postgres://db/shop"
    assert agent["ignores_ctrl_c"] is False


def test_nobody_finds_the_code_after_the_registration(start: Any) -> None:
    node = start()
    node.next()
    assert [name for name in node.next()["environ"] if name.startswith(request.VARIABLE)] == []
    for what in ("environ", "cmdline"):
        shown = Path(f"/proc/{node.process.pid}/{what}")
        if not shown.exists():
            pytest.skip("this system has no /proc to look into")
        assert CODE not in shown.read_text()


def test_its_lifetime_ends_it(start: Any) -> None:
    node = start(RAILYARD_CONSOLE_LIFETIME="1")
    node.next(), node.next()
    assert node.next() == {"stopped": True}
    assert node.next()["args"] == CLEARED
    code, errors = node.end()
    assert code == 124 and "the 1 seconds of this console are over" in errors


def test_a_refused_registration_is_said_and_nothing_is_served(start: Any) -> None:
    node = start(FAKE="refuse")
    node.next()
    code, errors = node.end()
    assert code == 69
    assert "not registered with activation activation-id in eu-west-1" in errors


def test_it_can_be_stopped_while_it_registers(start: Any) -> None:
    node = start(FAKE="hang")
    node.next()
    node.process.send_signal(signal.SIGTERM)
    assert node.next() == {"stopped": True}
    assert node.next()["args"] == CLEARED
    assert node.end()[0] == 143


@pytest.mark.parametrize(("how", "expected"), [("crash", 3), ("leave", 70)])
def test_an_agent_that_ends_by_itself_is_no_success(start: Any, how: str, expected: int) -> None:
    node = start(FAKE=how)
    node.next(), node.next()
    assert node.next()["args"] == CLEARED
    assert node.end()[0] == expected


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"RAILYARD_CONSOLE_ACTIVATION_ID": None}, "RAILYARD_CONSOLE_ACTIVATION_ID is not set"),
        ({"RAILYARD_CONSOLE_ACTIVATION_CODE": ""}, "RAILYARD_CONSOLE_ACTIVATION_CODE is not set"),
        ({"RAILYARD_CONSOLE_REGION": None}, "RAILYARD_CONSOLE_REGION is not set"),
        ({"RAILYARD_CONSOLE_LIFETIME": None}, "RAILYARD_CONSOLE_LIFETIME is not set"),
        ({"RAILYARD_CONSOLE_LIFETIME": "1h"}, "'1h'; it must be seconds"),
        ({"RAILYARD_CONSOLE_LIFETIME": "0"}, "'0'; it must be seconds"),
    ],
)
def test_wrong_settings_are_said_before_anything_is_registered(start: Any, changed: dict[str, str | None], said: str) -> None:
    code, errors = start(**changed).end()
    assert code == 64 and said in errors
