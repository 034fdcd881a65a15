"""Run a command and say what it and everything it started cost: `python bench/reaper.py COMMAND …` prints one line of JSON.

What a command leaves behind, as ansible-playbook does the server of the warm connection, is not waited for by the command, and so its CPU
seconds are nowhere counted. This process takes the place of init for all that are left (PR_SET_CHILD_SUBREAPER, Linux) and waits for
them. Keepers outlive it; they are older than the command, or go on after it, and what they and their forks have used meanwhile is added.
The time on the clock ends with the command itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 30  # seconds for what was left to end
KEEPER = "railyard-keeper"
HOME = os.environ.get("ANSIBLE_HOME")
TICKS = os.sysconf("SC_CLK_TCK")


def adopt() -> bool:
    """Become the parent of every orphan among the descendants. False where the system cannot."""
    try:
        return bool(ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (AttributeError, OSError):
        return False


def keepers() -> dict[int, float]:
    """CPU seconds of each keeper of this ANSIBLE_HOME and of the forks that it has waited for, by process."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            _, _, rest = (process / "stat").read_text().partition(" (")
            name, _, words = rest.rpartition(") ")
            if name == KEEPER and HOME and os.fsencode(HOME) in (process / "cmdline").read_bytes():
                found[int(process.name)] = sum(map(int, words.split()[11:15])) / TICKS
    return found


def children(process: int) -> set[int]:
    try:
        return set(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))
    except OSError:
        return set()


def ended() -> bool:
    """Whether nothing is left but keepers without a run."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    there = keepers()
    return children(os.getpid()) <= there.keys() and not any(map(children, there))


def reap() -> bool:
    """Wait for all that the command has left. False when some of it did not end."""
    deadline = time.monotonic() + PATIENCE
    while not ended():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def listen(stream: IO[str], lines: list[tuple[float, str]]) -> None:
    lines.extend((time.time(), line.rstrip("\n")) for line in stream)


def main(command: list[str]) -> int:
    adopted, lines, before, began = adopt(), list[tuple[float, str]](), keepers(), time.time()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        listener = threading.Thread(target=listen, args=(process.stdout, lines))
        listener.start()
        code = process.wait()
        end = time.time()
        whole = reap() and adopted
        listener.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    kept = sum(cpu - before.get(keeper, 0.0) for keeper, cpu in keepers().items())
    cpu = used.ru_utime + used.ru_stime + kept
    print(json.dumps({"code": code, "began": began, "ended": end, "cpu": cpu, "whole": whole, "lines": lines}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
