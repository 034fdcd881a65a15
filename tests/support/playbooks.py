"""Playbooks as a person types them, against an emulator of the test's own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import player
from .called import recorded
from .emulated import Emulated

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SETTINGS: dict[str, str] = {}


@dataclass(frozen=True)
class Played:
    """What a run printed, and how it ended."""

    code: int
    output: str

    def count(self, what: str, host: str = r"\S+") -> int:
        """A number of the recap, `changed` for example, summed over the hosts that match."""
        return sum(int(found) for found in re.findall(rf"^{host}\s+: .*\b{what}=(\d+)", self.output, re.MULTILINE))

    @property
    def changed_tasks(self) -> list[str]:
        """Names of the tasks that changed something, or would."""
        task, changed = "", []
        for line in self.output.splitlines():
            if found := re.match(r"TASK \[(.*)\]", line):
                task = found[1]
            elif line.startswith("changed: ") and task not in changed:
                changed.append(task)
        return changed


@dataclass(frozen=True)
class Playing:
    """A run that goes on, in a process group of its own."""

    process: subprocess.Popen[str]

    def end(self) -> Played:
        """Wait for its end."""
        output, _ = self.process.communicate()
        return Played(self.process.returncode, output)

    def kill(self, number: int = signal.SIGKILL) -> Played:
        """Send a signal to all of it, as a terminal does, and wait for its end."""
        os.killpg(self.process.pid, number)
        return self.end()


def begin(emulated: Emulated, playbook: str, *arguments: str, inventory: tuple[str, ...] = ("inventories/local",)) -> Playing:
    """`play`, without waiting for its end."""
    process = subprocess.Popen(
        _command(playbook, arguments, inventory),
        cwd=ROOT,
        env=_environment(emulated),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return Playing(process)


def _environment(emulated: Emulated) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_"))}
    own = {"RAILYARD_EMULATOR_STATE": str(emulated.path), "PATH": f"{BIN}:{os.environ['PATH']}"}
    return {**kept, **own, **player.OF_ANSIBLE, **SETTINGS}


def _command(playbook: str, arguments: tuple[str, ...], inventory: tuple[str, ...]) -> list[str]:
    return ["ansible-playbook", playbook, *[word for path in inventory for word in ("-i", path)], *arguments]


def play(
    emulated: Emulated,
    playbook: str,
    *arguments: str,
    inventory: tuple[str, ...] = ("inventories/local",),
    more: Mapping[str, str] | None = None,
    typed: bytes = b"",
) -> Played:
    """Run a playbook from the root of the checkout. `arguments` are further words of the command line; `more` is put into the environment,
    and `typed` into standard input."""
    environment = {**_environment(emulated), **(more or {})}
    with recorded(emulated, playbook):
        code, said, complained = player.play(_command(playbook, arguments, inventory)[1:], environment, typed)
    return Played(code, (said + complained).decode(errors="replace"))


def converge(emulated: Emulated, *arguments: str) -> Played:
    """`site.yml` on inventories/local; it must end well."""
    played = play(emulated, "site.yml", *arguments)
    assert played.code == 0 and played.count("failed") == 0, played.output
    return played
