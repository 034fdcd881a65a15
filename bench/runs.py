"""One run of a tool against an emulator of its own: what was typed, how long it took, what it cost, what it asked of AWS."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator import latency, process
from tests.support.emulated import Emulated

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SPEED = 600
# Days that no description declares.
OTHER = 731
# Those of our site and of the peers' stack.
REGIONS = ("eu-west-1", "us-east-1")
TERRAFORM = "main.tf, terraform apply"
LATENCIES: dict[str, dict[str, float]] = {"off": {}, "aws": latency.AWS}
CHANGED = re.compile(r"ok=\d+ +changed=(\d+)|Resources: (\d+) added, (\d+) changed, (\d+) destroyed")
MAKES = re.compile(r"Create|Register|Put|Associate|Attach|Request|Run")


FOREIGN = ("ANSIBLE_", "AWS_", "RAILYARD_", "TF_")
PROVIDERS = ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR")  # where Terraform finds them on this machine


class Stack:
    """An emulator, and in it what one description, a file, has made. `remembers`: where a tool remembers what it has made."""

    def __init__(self, folder: Path, name: str, *remembers: Path, speed: float = SPEED) -> None:
        self.name, self.path = name, folder / f"emulator of {name}" / "state.json"
        self.state = process.start(self.path, speed, parent=os.getpid())
        self.emulated = Emulated(self.state, self.path)
        self.remembers = remembers
        self._seen = 0

    def forget(self) -> None:
        process.control(self.state, "reset")
        for file in self.remembers:
            file.unlink(missing_ok=True)

    def slow(self, table: dict[str, float], seed: int) -> None:
        """Every run of a round meets the same draws."""
        process.control(self.state, "latency", table=table, seed=seed)

    def change(self) -> None:
        """Somebody sets another retention of one log group."""
        clients = [self.emulated.client("logs", region) for region in REGIONS]
        found = [(logs, group) for logs in clients for group in logs.describe_log_groups()["logGroups"] if "retentionInDays" in group]
        logs, group = found[0]
        logs.put_retention_policy(logGroupName=group["logGroupName"], retentionInDays=OTHER)

    def calls(self) -> list[dict[str, Any]]:
        """The journal since it was last asked."""
        entries: list[dict[str, Any]] = process.control(self.state, "journal", since=self._seen)
        self._seen = max((entry["number"] for entry in entries), default=self._seen)
        return entries


@dataclass(frozen=True, eq=False)
class Way:
    """A command that makes a stack as it is described. `first`: its first converge is measured; `warms`: a run that is not measured
    comes before those that are, because the way remembers something between runs; `usual`: with all that makes it fast."""

    name: str
    stack: Stack
    command: tuple[str, ...]
    environment: dict[str, str]
    first: bool = True
    warms: bool = False
    usual: bool = False

    def begin(self) -> None:
        """Empty the account and forget what earlier runs of this way have kept."""
        self.stack.forget()
        self.forget()

    def forget(self) -> None:
        """As on a machine on which it has never run: no built modules, no record of reads, no keeper."""
        shutil.rmtree(self.environment["ANSIBLE_HOME"], ignore_errors=True)


@dataclass(frozen=True)
class Run:
    """Times are seconds since the epoch. `cpu`: seconds of the command and everything it started; `whole`: nothing of it is missing."""

    began: float
    ended: float
    cpu: float
    whole: bool
    lines: list[tuple[float, str]] = field(repr=False)
    calls: list[dict[str, Any]] = field(repr=False)

    @property
    def wall(self) -> float:
        return self.ended - self.began

    @property
    def writes(self) -> int:
        return sum(call["write"] for call in self.calls)

    @property
    def changed(self) -> int:
        """What the tool itself says: tasks or resources that it changed."""
        found = [match for _, line in self.lines if (match := CHANGED.search(line))]
        return sum(int(number) for match in found for number in match.groups() if number)

    @property
    def made(self) -> int:
        """Things that the run has made, counted alike for every tool: calls that make something, and succeeded."""
        return sum(call["changed"] and MAKES.match(call["operation"]) is not None for call in self.calls)


def busy(calls: list[dict[str, Any]], since: float = 0.0, until: float = float("inf")) -> float:
    """The seconds in which at least one call was under way."""
    spans = sorted((max(call["at"], since), min(call["at"] + call["ms"] / 1000, until)) for call in calls)
    total, reached = 0.0, since
    for begin, end in spans:
        total += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return total


def concurrency(calls: list[dict[str, Any]]) -> tuple[float, int]:
    """How many calls were under way at once: in the mean of the time in which any was, and at most."""
    edges = sorted([(call["at"], 1) for call in calls] + [(call["at"] + call["ms"] / 1000, -1) for call in calls])
    flying = peak = 0
    for _, step in edges:
        flying += step
        peak = max(peak, flying)
    return sum(call["ms"] for call in calls) / 1000 / (busy(calls) or 1.0), peak


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a run: no settings of the caller's for Ansible, AWS or Terraform, and a home of its own for what Ansible keeps."""
    kept = {name: value for name, value in os.environ.items() if name in PROVIDERS or not name.startswith(FOREIGN)}
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "ansible.cfg"
    config.write_text(f"[defaults]\ncollections_path = {ROOT / 'collections'}\ndeprecation_warnings = false\nlocalhost_warning = false\n")
    ours = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "ANSIBLE_CONFIG": str(config),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
    }
    return {**kept, **ours, "AWS_EC2_METADATA_DISABLED": "true", **more}


def nothing(way: Way) -> None:
    """The state in which the run before has left everything."""


def change(way: Way) -> None:
    way.stack.change()


def cold(way: Way) -> None:
    way.forget()


def run(way: Way, table: dict[str, float], seed: int, prepare: Callable[[Way], None] = nothing) -> Run:
    """Run it once, after `prepare`. Ends the program with what was printed if it fails."""
    prepare(way)
    way.stack.slow(table, seed)
    way.stack.calls()
    command = [sys.executable, str(ROOT / "bench" / "reaper.py"), *way.command]
    done = subprocess.run(command, cwd=ROOT, env=way.environment, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout)
    if told.pop("code"):
        raise SystemExit("\n".join([f"{way.name} failed:", *(line for _, line in told["lines"])]))
    return Run(**told, calls=way.stack.calls())
