"""A session at a terminal: how long a key takes to come back, how fast much output comes, and what it costs while nobody types.

Everything is measured through the relay and our client, to a program beyond an emulated node on this machine and back.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from tests.support import nodes
from tests.support.emulated import Emulated
from tests.support.persons import Person

KEYS, SIZE, IDLE = 300, 10_000_000, 10.0
OURS = "ansible_collections.railyard.fargate.plugins.plugin_utils._session.choose.PLUGIN"
ECHO = "import os, tty; tty.setraw(0); os.write(1, b'ready')\nwhile data := os.read(0, 99): os.write(1, data)"
WRITE = f"""
import os, tty
tty.setraw(0)
os.write(1, b"ready")
os.read(0, 1)
left = {SIZE}
while left:
    left -= os.write(1, b"x" * min(left, 65536))
os.read(0, 1)
"""


@dataclass(frozen=True)
class Cost:
    """`cpu` seconds, and how often it began to run because something happened."""

    cpu: float
    wakes: int

    @classmethod
    def of(cls, process: int) -> Cost:
        used = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines() if ":\t" in line)
        return cls((int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK"), int(status["voluntary_ctxt_switches"]))

    def __sub__(self, before: Cost) -> Cost:
        return Cost(self.cpu - before.cpu, self.wakes - before.wakes)


def client(person: Person) -> int:
    return int(Path(f"/proc/{person.worker}/task/{person.worker}/children").read_text().split()[0])


def keys(person: Person) -> Iterator[str]:
    took = []
    for _ in range(KEYS):
        began = time.perf_counter()
        person.types("x")
        person.sees("x")
        took.append((time.perf_counter() - began) * 1000)
    tenths = statistics.quantiles(took, n=10)
    yield f"key to echo: median {statistics.median(took):.1f} ms, 9 of 10 within {tenths[-1]:.1f} ms ({KEYS} keys)"


def idle(person: Person) -> Iterator[str]:
    for name, process in (("relay", person.worker), ("client", client(person))):
        before = Cost.of(process)
        time.sleep(IDLE)
        cost = Cost.of(process) - before
        yield f"idle, {name}: {100 * cost.cpu / IDLE:.1f} % of a CPU, {cost.wakes / IDLE:.1f} wake-ups a second"


def output(person: Person) -> Iterator[str]:
    processes = {"relay": person.worker, "client": client(person)}
    before = {name: Cost.of(process) for name, process in processes.items()}
    began, left = time.perf_counter(), SIZE
    person.types("g")
    while left:
        left -= len(person.screen.read_nonblocking(min(left, 1 << 16), timeout=20))
    took = time.perf_counter() - began
    yield f"output: {SIZE / took / 1e6:.1f} MB/s ({SIZE // 1_000_000} MB, with an emulator that takes its share of the same CPUs)"
    for name, process in processes.items():
        cost = Cost.of(process) - before[name]
        yield f"output, {name}: {SIZE / 1e6 / cost.cpu:.0f} MB for each second of CPU"


def lines(folder: Path) -> Iterator[str]:
    """What was measured, as it is."""
    emulated = Emulated.start(folder / "console.json")
    try:
        with patch(OURS, "no such client"):
            node = nodes.build(emulated)
            for number, (program, measures) in enumerate(((ECHO, (keys, idle)), (WRITE, (output,)))):
                emulated.consoles(program=[sys.executable, "-c", program])
                place = folder / f"person-{number}"
                place.mkdir()
                person = Person(place, *node.client()[:2])
                try:
                    person.sees("ready")
                    for measure in measures:
                        yield from measure(person)
                finally:
                    person.leave()
    finally:
        emulated.stop()
