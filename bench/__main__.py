"""Wall time, CPU seconds and API calls of a first and of no-op converges of inventories/local, on a fresh emulator for each connection.

`python -m bench [--rounds N]`: the first converge once, then N no-op converges; medians with their range.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from emulator import process

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = ("local", "railyard.fargate.warm")


@dataclass(frozen=True)
class Run:
    """One converge: seconds on the clock, CPU seconds of ansible with its children, API calls, tasks that changed something."""

    wall: float
    cpu: float
    calls: int
    writes: int
    changed: int


def converge(state: process.State, connection: str) -> Run:
    seen = len(process.door(state, "journal"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "site.yml", "-i", "inventories/local"]
    command += ["-e", f"ansible_connection={connection}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    entries = process.door(state, "journal")[seen:]
    changed = sum(int(line.split("changed=")[1].split()[0]) for line in done.stdout.splitlines() if "changed=" in line and "ok=" in line)
    return Run(wall, cpu, len(entries), sum(entry["write"] for entry in entries), changed)


def row(name: str, runs: list[Run]) -> str:
    def middle(values: list[float]) -> str:
        text = f"{statistics.median(values):.1f}"
        return text if len(values) == 1 else f"{text} ({min(values):.1f}..{max(values):.1f})"

    numbers = [middle([run.wall for run in runs]), middle([run.cpu for run in runs])]
    return f"{name:30} {numbers[0]:>20} {numbers[1]:>20} {runs[-1].calls:>8} {runs[-1].writes:>8} {runs[-1].changed:>8}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how many no-op converges")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        os.environ["RAILYARD_EMULATOR_STATE"] = str(path)
        print(f"{'':30} {'wall s':>20} {'CPU s':>20} {'calls':>8} {'writes':>8} {'changed':>8}", flush=True)
        for connection in CONNECTIONS:
            state = process.start(path, speed=600, parent=os.getpid())
            try:
                print(row(f"{connection}: first", [converge(state, connection)]), flush=True)
                print(row(f"{connection}: no-op", [converge(state, connection) for _ in range(rounds)]), flush=True)
            finally:
                process.stop(path)
    print("loopback, no TLS; medians with their range; API calls as the emulator's journal counts them; CPU of ansible-playbook and")
    print("its children: the server of the warm connection and the modules in it come on top, they outlive the tasks that ask for them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
