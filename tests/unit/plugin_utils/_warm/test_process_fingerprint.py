"""What is in the fingerprint of a process, and what is not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import process_fingerprint, server_socket

FILES = {
    "status": "Name:\tpython\nUmask:\t0022\nUid:\t0\t0\nVmRSS:\t1 kB\n",
    "limits": "Max open files 1024\n",
    "cgroup": "0::/session-1\n",
}


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {**FILES, "oom_score_adj": "0\n", "timerslack_ns": "50000\n", "personality": "00000000\n"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "ns").mkdir()
    for name in ("cgroup", "mnt", "net"):
        os.symlink(f"{name}:[1]", tmp_path / "ns" / name)
    monkeypatch.setattr(process_fingerprint, "PROCESS", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("cgroup", "0::/session-2\n"),
        ("oom_score_adj", "200\n"),
        ("timerslack_ns", "1\n"),
        ("status", FILES["status"].replace("0022", "0077")),
        ("status", FILES["status"].replace("1 kB", "2 kB")),
    ],
)
def test_what_no_module_sees_or_what_comes_with_the_run_is_left_out(file: str, text: str, process: Path) -> None:
    before = process_fingerprint.fingerprint({})
    (process / file).write_text(text)
    assert process_fingerprint.fingerprint({}) == before


@pytest.mark.parametrize(
    ("file", "text"),
    [("limits", "Max open files 64\n"), ("status", FILES["status"].replace("0\t0", "0\t1000")), ("personality", "00040000\n")],
)
def test_what_a_module_sees_is_in_it(file: str, text: str, process: Path) -> None:
    before = process_fingerprint.fingerprint({})
    (process / file).write_text(text)
    assert process_fingerprint.fingerprint({}) != before


@pytest.mark.parametrize(("namespace", "same"), [("cgroup", True), ("net", False), ("mnt", False)])
def test_namespaces_that_a_module_sees_are_in_it(namespace: str, same: bool, process: Path) -> None:
    before = process_fingerprint.fingerprint({})
    (process / "ns" / namespace).unlink()
    os.symlink(f"{namespace}:[2]", process / "ns" / namespace)
    assert (process_fingerprint.fingerprint({}) == before) is same
    shutil.rmtree(process / "ns")


def test_the_environment_and_what_else_is_given_are_in_it(process: Path) -> None:
    given = [process_fingerprint.fingerprint(environment, code) for environment in ({}, {"TZ": "UTC"}) for code in ({}, {"core": "/x"})]
    assert len(set(given)) == 4


@pytest.mark.parametrize(
    ("server", "run", "seen"),
    [
        ({"SHLVL": "2", "_": "/python"}, {"SHLVL": "7", "PWD": "/b"}, {"SHLVL": "8", "_": "/python", "PWD": "/b"}),
        ({"SHLVL": "1", "PWD": "/a"}, {"SHLVL": "4"}, {"SHLVL": "4"}),
        ({"PWD": "/a"}, {"SHLVL": "4", "PWD": "/b"}, {"PWD": "/b"}),
    ],
    ids=["a shell that counts", "a shell that does not count", "a shell that removes it"],
)
def test_a_later_run_has_the_variables_that_its_shell_would_have_set(
    server: dict[str, str], run: dict[str, str], seen: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", dict(server))
    changes = server_socket.shell_changes({"SHLVL": "1", "PWD": server.get("PWD", "")} if "PWD" in server else {"SHLVL": "1"})
    server_socket.apply_shell(run, changes)
    assert dict(os.environ) == seen
