"""Playbooks as a person runs them: what the server does not understand, and that nobody notices."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import LIBRARY

BIN = Path(sys.executable).parent
ROOT = LIBRARY.parents[2]
HEAD = """
- hosts: all
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
"""
ODD = """
    - {name: plain, plain: }
    - {name: environment, plain: , environment: {SHOP: secret-of-the-shop}}
    - {name: async, plain: , async: 30, poll: 1}
    - {name: become, plain: , become: true}
    - {name: other Python, plain: , vars: {ansible_python_interpreter: "PYTHON"}}
    - {name: without a pipe, plain: , vars: {ansible_pipelining: false}}
    - {name: old, ansible.builtin.command: echo x}
    - {name: respawn, respawning: }
"""


def run(folder: Path, tasks: str, *arguments: str, hosts: str = "here,", **settings: str) -> str:
    """A playbook of these tasks through the connection; its output."""
    (folder / "book.yml").write_text(HEAD + tasks)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_"))}
    environment |= {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_LIBRARY": f"{LIBRARY}:{folder / 'library'}",
        "ANSIBLE_NOCOLOR": "1",
    }
    command = [BIN / "ansible-playbook", folder / "book.yml", "-i", hosts, "-c", "railyard.fargate.warm", *arguments]
    done = subprocess.run(command, cwd=ROOT, env={**environment, **settings}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def said(output: str) -> dict[str, str]:
    """Why a task ran as with `local`, by its name."""
    found, task = {}, ""
    for line in output.splitlines():
        if line.startswith("TASK ["):
            task = line[6:].partition("]")[0]
        elif "runs as with the connection local: " in line:
            found[task] = line.partition("local: ")[2]
    return found


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    (tmp_path / "library").mkdir()
    text = (LIBRARY / "plain.py").read_text()
    (tmp_path / "library" / "respawning.py").write_text(
        text.replace("import os\n", "import os\nfrom ansible.module_utils.common import respawn\n")
    )
    return tmp_path


def test_what_it_does_not_understand_runs_as_local_and_says_why(odd: Path) -> None:
    output = run(odd, ODD.replace("PYTHON", str(odd / "python")), "-v")
    reasons = said(output)
    assert set(reasons) == {"environment", "other Python", "respawn"} | ({"become"} if "become" in reasons else set()), output
    assert reasons["environment"].endswith("alone: environment") and "secret-of-the-shop" not in str(reasons)
    assert "another interpreter" in reasons["other Python"]
    assert "start itself anew" in reasons["respawn"]
    assert "shop: secret-of-the-shop" in output


def test_ten_hosts_share_one_server(tmp_path: Path) -> None:
    hosts = ",".join(f"host{number}" for number in range(10))
    output = run(tmp_path, "    - {name: plain, plain: }\n" * 2, "-v", "--forks=10", hosts=f"{hosts},")
    parents = {line.strip() for line in output.splitlines() if "parent: " in line}
    assert len(parents) == 1 and said(output) == {}


def test_the_callback_keeps_modules_and_survives_what_is_broken(tmp_path: Path) -> None:
    settings = {"ANSIBLE_CALLBACKS_ENABLED": "railyard.fargate.warm", "RAILYARD_WARM_STORE": str(tmp_path / "store")}
    tasks = "    - {name: ping, ansible.builtin.ping: }\n"
    for _time in ("first", "after the file was broken"):
        output = run(tmp_path, tasks, "-v", **settings)
        assert said(output) == {} and "railyard.fargate.warm:" not in output
        (kept,) = (tmp_path / "store").glob("*/ansible.modules.ping-*")
        assert (tmp_path / "store").stat().st_mode & 0o777 == 0o700 and kept.stat().st_size > 10_000
        kept.write_bytes(b"broken")


def test_what_one_worker_has_compiled_no_other_compiles(tmp_path: Path) -> None:
    settings = {"ANSIBLE_CALLBACKS_ENABLED": "railyard.fargate.warm", "RAILYARD_WARM_STORE": str(tmp_path / "store")}
    tasks = "".join(
        f"    - {{name: {number}, plain: {{x: '{{{{ ansible_playbook_python }}}}'}}, when: \"ansible_playbook_python != 'x'\"}}\n"
        for number in range(6)
    )
    output = run(tmp_path, tasks + "    - {name: other, ansible.builtin.ping: }\n", "-vv", **settings)
    (compiled, different) = re.search(r"(\d+) templates and files were compiled, (\d+) different", output).groups()  # type: ignore[union-attr]
    assert compiled == different and int(compiled) > 20
