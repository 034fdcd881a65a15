"""Every command line of README, docs and playbooks, typed into a real shell as it stands, in a copy of the checkout.

Those of ansible-playbook are checked by what the shell hands on: the playbook, its options and the inventories; one of each form is run,
and leads to an emulator that holds nothing. What they do where everything is made, the other tests of this folder show.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from emulator import process
from tests.support import command_lines, understood
from tests.support.emulated import Emulated
from tests.support.environments import ACCOUNTS
from tests.support.playbooks import BIN, ROOT

LINES = command_lines.found(ROOT)
PLAYBOOKS = [line.command for line in LINES if line.command.startswith("ansible-playbook ")]
# Not run, by how they begin, and why.
LEFT_OUT = {
    "make": "sets up the checkout, or runs parts of the gate: their targets are looked for instead",
    "docker": "needs Docker",
    "aws": "needs AWS's own client and an account",
    "ansible-galaxy": "needs Galaxy; tests/package installs from the tarball",
    "python -m pip": "is tried in tests/package",
    "curl": "names an address that each emulator has anew",
    "python -m bench": "takes minutes; tests/unit/bench holds it",
    "python -m emulator rules": "writes into the checkout; tests/emulator/test_rules_table.py holds it",
    "python -m emulator start --executor process": "is another emulator; tests/tasks starts it",
    "python -m emulator push 2 --folder": "needs Ruby; tests/tasks pushes one",
    "python -m emulator push 2 --image": "needs Docker or Podman; tests/tasks runs containers where one is",
    "sudo apt-get": "changes the machine",
    "source": "is where the shell of this test begins",
    "ansible-playbook ──": "is a drawing",
}
# A quoted command, a file on standard input, two inventories, and a playbook of the installed collection.
FORMS = [
    """ansible-playbook playbooks/run.yml -i inventories/prod -e 'command="bin/rails db:seed"' -e image=3f2c1ab""",
    "ansible-playbook playbooks/secret.yml -i inventories/prod -e secret=RAILS_MASTER_KEY -e value_from=stdin < config/master.key",
    "ansible-playbook playbooks/promote.yml -i inventories/staging -i inventories/prod --check",
    "ansible-playbook railyard.fargate.deploy -i inventories/staging -e image=3f2c1ab",
]
# What a shell, Ansible or a playbook says of words that it does not understand.
NOT_UNDERSTOOD = re.compile(
    r"there is no option|belongs to no option|is said without a value|reserves this name|torn its words apart|unrecognized arguments"
    r"|could not be found|no hosts matched|Unable to parse|Traceback|syntax error|command not found|Unexpected Exception"
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git knows, with the virtual environment of this one."""
    copy = tmp_path_factory.mktemp("clone") / "fargate"
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).exists() or (ROOT / name).is_symlink():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name, follow_symlinks=False)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    (copy / "config").mkdir()
    (copy / "config/master.key").write_text("0123456789abcdef\n")
    (copy / "lost.json").write_text("[]")
    (copy / "FILE.json").write_text("[]")
    return copy


@pytest.fixture(scope="module")
def empty(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    """An AWS in which nothing is; the inventories of the copy lead to it with keys of their own accounts."""
    emulated = Emulated.start(tmp_path_factory.mktemp("empty") / "state.json")
    for folder, name in (("staging", "staging"), ("prod", "production")):
        hosts = {
            "railyard_endpoint_url": emulated.state.url,
            "railyard_access_key": f"AKIA{ACCOUNTS[name]}AAAA",
            "railyard_secret_key": "x",
        }
        (checkout / "inventories" / folder / "emulated.yml").write_text(yaml.safe_dump({"all": {"hosts": {f"shop_{name}": hosts}}}))
    yield emulated
    emulated.stop()


def typed(checkout: Path, emulated: Emulated, command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_", "MAKE"))}
    environment |= {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "ANSIBLE_NOCOLOR": "1",
        "RAILYARD_EMULATOR_STATE": str(emulated.path),
        "RAILS_MASTER_KEY": "0123456789abcdef",
    }
    return subprocess.run(
        ["bash", "-c", command], cwd=checkout, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


def left_out(command: str) -> bool:
    return command.startswith(tuple(LEFT_OUT))


def test_there_are_lines_of_each_file() -> None:
    where = {line.where for line in LINES}
    assert {"README.md", "docs/emulator.md", "docs/docsite/rst/operations.rst", "docs/docsite/rst/quickstart.rst"} <= where
    assert len([name for name in where if name.startswith("playbooks/")]) >= 12 and len(PLAYBOOKS) > 50


def test_playbooks_are_understood_as_they_are_typed(checkout: Path) -> None:
    wrong = {}
    for command in (command for command in PLAYBOOKS if not left_out(command)):
        ((program, *words),) = understood.handed_on(command, checkout)
        if program != "ansible-playbook" or (said := understood.refusal(words, checkout)):
            wrong[command] = said
    assert wrong == {}


@pytest.mark.parametrize("command", FORMS)
def test_one_of_each_form_is_run(command: str, checkout: Path, empty: Emulated) -> None:
    assert command in PLAYBOOKS
    done = typed(checkout, empty, command)
    said = done.stdout + done.stderr
    assert not NOT_UNDERSTOOD.search(said), said
    assert "PLAY [" in said and (done.returncode == 0 or "fatal: " in said), said


def test_what_is_not_there_is_not_understood(checkout: Path) -> None:
    """So that the test above can fail."""
    for words, said in {
        "deploy.yml": "there is no deploy.yml",
        "playbooks/deploy.yml -i inventories/prd": "there is no inventory",
        "railyard.fargate.deploy -i inventories/prod -e imgae=1": "the nearest is image",
        "playbooks/deploy.yml -i inventories/prod -e imgae=1": "the nearest is image",
        "playbooks/deploy.yml -i inventories/prod --chekc": "unrecognized arguments",
        "playbooks/run.yml -i inventories/prod -e command=bin/rails db:seed": "unrecognized arguments",
        "playbooks/unlock.yml -i inventories/prod -l nobody": "no host is meant",
    }.items():
        ((_, *handed),) = understood.handed_on(f"ansible-playbook {words}", checkout)
        assert said in understood.refusal(handed, checkout), words


def test_ansible_doc_is_asked_for_what_is_there(checkout: Path) -> None:
    lines = [line.command for line in LINES if line.command.startswith("ansible-doc ")]
    for command in lines:
        ((_, option, kind, name),) = understood.handed_on(command, checkout)
        folder = ROOT / ("roles" if kind == "role" else f"plugins/{kind}")
        assert option == "-t" and name.startswith("railyard.fargate.") and list(folder.glob(f"{name.rpartition('.')[2]}*")), command
    assert lines


def test_the_emulator_does_what_is_typed(checkout: Path, empty: Emulated, tmp_path: Path) -> None:
    """All lines in one shell, those that take everything away at the end."""
    ends = ("python -m emulator reset", "python -m emulator stop")
    lines = [line.command for line in LINES if line.command.startswith("python -m emulator ") and not left_out(line.command)]
    assert set(ends) < set(lines)
    own = empty.fork(tmp_path / "state.json")
    own.client("ecr").create_repository(repositoryName="shop-local")
    try:
        done = typed(checkout, own, "set -ex\n" + "\n".join([line for line in lines if line not in ends] + list(ends)))
    finally:
        process.stop(own.path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_line_is_one_of_these() -> None:
    kinds = ("ansible-playbook ", "ansible-doc ", "python -m emulator ", *LEFT_OUT)
    assert [line for line in LINES if not line.command.startswith(kinds)] == []


def test_targets_of_make_exist() -> None:
    targets = {line.command.split()[1] for line in LINES if line.command.startswith("make ")}
    made = set(re.findall(r"^([a-z-]+)(?: [a-z -]+)?:", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert targets and targets <= made, targets - made
