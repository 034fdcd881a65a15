"""Following log lines: what 1,000 lines a second cost whoever follows them, and whether each is shown once.

The lines of three processes come in batches, as a log driver sends them, some of them late. Whoever follows is a process of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._logs import lines as rows
from ansible_collections.railyard.fargate.plugins.module_utils._logs import search
from ansible_collections.railyard.fargate.plugins.module_utils._logs.follower import Line
from tests.support.emulated import Emulated

RATE, SECONDS, AFTER = 1000, 60, 45
GROUPS = {f"/shop/production/{process}": process for process in ("web", "worker", "run")}


def follow(emulated: Emulated, start: int, pipe: Connection) -> None:
    """Until told to end; then what was shown, CPU seconds, seconds and calls."""
    shown: Counter[int] = Counter()
    table = rows.Shown(GROUPS, None)
    size = 0

    def show(found: list[Line]) -> None:
        nonlocal size
        size += len("\n".join(row for line in found for row in table.rows(line)))
        shown.update(json.loads(line.message)["number"] for line in found)

    reader = search.Reader(emulated.client("logs"))
    used, began = time.process_time(), time.monotonic()
    search.follow(reader, search.Wanted({group: {} for group in GROUPS}, start), show, pipe.poll)
    pipe.send((dict(shown), time.process_time() - used, time.monotonic() - began, reader.calls, reader.throttled))


def write(logs: Any, seconds: float) -> int:
    """A batch a second for each process; of its lines one in a hundred is of ten seconds ago. Returns how many lines there are."""
    chance, number, began = random.Random(1), 0, time.monotonic()
    while time.monotonic() - began < seconds:
        wanted = int((time.monotonic() - began) * RATE) - number
        for group in GROUPS:
            now = int(time.time() * 1000)
            events = []
            for _line in range(wanted // 3):
                late = 10_000 if chance.random() < 0.01 else chance.randint(0, 1000)
                message = {"level": "INFO", "method": "GET", "path": f"/orders/{number}", "status": 200, "ms": 12.5, "number": number}
                events.append({"timestamp": now - late, "message": json.dumps(message)})
                number += 1
            if events:
                events.sort(key=lambda event: int(str(event["timestamp"])))
                logs.put_log_events(logGroupName=group, logStreamName="a/a/3f2c1a", logEvents=events)
        time.sleep(1)
    return number


def lines(folder: Path) -> Iterator[str]:
    emulated = Emulated.start(folder / "logs.json", speed=1.0)
    try:
        logs = emulated.client("logs")
        for group in GROUPS:
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(logGroupName=group, logStreamName="a/a/3f2c1a")
        # A copy of this process would have this one's connections.
        apart = multiprocessing.get_context("spawn")
        here, there = apart.Pipe()
        process = apart.Process(target=follow, args=(emulated, int(time.time() * 1000) - 20_000, there), daemon=True)
        process.start()
        count = write(logs, SECONDS)
        time.sleep(AFTER)
        here.send("end")
        shown, used, seconds, calls, throttled = here.recv()
        process.join()
    finally:
        emulated.stop()
    lost, doubled = count - len(shown), sum(times > 1 for times in shown.values())
    yield f"  {count} lines in {SECONDS} s: {lost} lost, {doubled} shown twice"
    yield f"  {used:.1f} CPU s in {seconds:.0f} s, {100 * used / SECONDS:.1f} % of a core while they came"
    yield f"  {calls} calls, {calls / seconds:.1f} a second; {throttled} of them throttled"
