"""Which processes are surely dead."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import process


def test_this_process_is_not_dead() -> None:
    assert not process.is_dead(process.this()) and process.this() == process.this()


def test_one_that_has_ended_is_dead_before_and_after_its_parent_knows() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    state = process._stat(child.pid)
    assert state is not None
    known = {**process.this(), "pid": child.pid, "started": state[1]}
    assert not process.is_dead(known)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process.is_dead(known)
    child.wait()
    assert process.is_dead(known)


@pytest.mark.parametrize(
    ("change", "dead"),
    [
        ({"started": -1}, True),
        ({"boot_id": "other"}, False),
        ({"namespace": "pid:[1]"}, False),
        ({"boot_id": None, "namespace": None}, False),
        ({"pid": None}, False),
    ],
)
def test_only_what_is_known_for_sure(change: dict[str, Any], dead: bool) -> None:
    assert process.is_dead({**process.this(), **change}) is dead


def test_process_that_is_not_known_is_not_dead() -> None:
    assert not process.is_dead(None) and not process.is_dead({})


def test_a_hidden_process_of_another_user_is_not_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    known = process.this()
    monkeypatch.setattr(process, "this", lambda: known)
    monkeypatch.setattr(process, "_stat", lambda _pid: None)
    assert not process.is_dead(known)
