"""How long AWS takes to answer: a call lasts at least a time that is drawn for it. The emulator's own time counts towards it.

A table says milliseconds for patterns of `service:Operation`; the first that matches holds, and no pattern means no wait. The times are
log-normal: half of the calls are below the median, a few take much longer. A draw depends on nothing but the seed, the operation and how
many of the same came before, so that two tools of the same ways meet the same AWS, in whatever order their threads are served.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

SPREAD = 0.35  # sigma of the logarithm: one call in six takes more than 1.4 times the median, one in fifty more than twice
Line = tuple[str, float, float]

# Medians in milliseconds. Orders of magnitude as assumed for a client in the same Region, not measured.
AWS: dict[str, float] = {
    "s3:*": 40,
    "sts:*": 60,
    "iam:Create*": 180,
    "iam:*": 110,
    "ec2:Create*": 350,
    "ec2:RunInstances": 900,
    "ec2:AllocateAddress": 300,
    "ec2:Describe*": 130,
    "ec2:*": 220,
    "rds:Create*": 900,
    "rds:Modify*": 900,
    "rds:*": 200,
    "elbv2:CreateLoadBalancer": 900,
    "elbv2:Describe*": 110,
    "elbv2:*": 250,
    "ecs:CreateService": 450,
    "ecs:*": 130,
    "codepipeline:*": 250,
    "codebuild:*": 200,
    "codeconnections:*": 180,
    "codedeploy:*": 180,
    "kms:*": 90,
    "ecr:*": 110,
    "logs:*": 90,
    "ssm:*": 90,
    "sns:*": 80,
    "*": 120,
}


def read(word: str) -> dict[str, Any]:
    """What a person types, `aws`, `off`, milliseconds or a JSON file, as a table: a median or [median, spread] for each pattern."""
    table = AWS if word == "aws" else {} if word == "off" else _read(word)
    lines(table)
    return dict(table)


def _read(word: str) -> Any:
    try:
        return {"*": [float(word), 0.0]}
    except ValueError:
        pass
    try:
        return json.loads(Path(word).read_text())
    except OSError as error:
        raise ValueError(f"a latency is aws, off, a number of milliseconds or a JSON file, not {word!r} ({error.strerror})") from None
    except ValueError as error:
        raise ValueError(f"{word} is no JSON: {error}") from None


def lines(table: Any) -> tuple[Line, ...]:
    """A table, checked, as (pattern, median in ms, spread). Raises ValueError that says which line is wrong."""
    if not isinstance(table, dict):
        raise ValueError('a table of latencies is like {"ec2:Create*": 350, "*": [120, 0.35]}')
    return tuple((pattern, *_times(pattern, given)) for pattern, given in table.items())


def _times(pattern: str, given: Any) -> tuple[float, float]:
    pair = given if isinstance(given, list) else [given, SPREAD]
    if len(pair) != 2 or not all(type(number) in (int, float) and 0 <= number < 1e9 for number in pair):
        raise ValueError(f"the latency of {pattern!r} is a median in milliseconds or [median, spread], not {given!r}")
    return float(pair[0]), float(pair[1])


class Latency:
    """One table in use. `over` ends the waits of those that it holds back when another takes its place."""

    def __init__(self, lines: tuple[Line, ...] = (), seed: int = 0) -> None:
        self.lines, self.seed, self.over = lines, seed, threading.Event()
        self._ordinals: Counter[str] = Counter()
        self._lock = threading.Lock()

    def draw(self, name: str) -> float:
        """Seconds for the next call of `service:Operation`."""
        with self._lock:
            self._ordinals[name] += 1
            ordinal = self._ordinals[name]
        median, spread = next(((median, spread) for pattern, median, spread in self.lines if fnmatchcase(name, pattern)), (0.0, 0.0))
        return median / 1000 * random.Random(f"{self.seed}/{name}/{ordinal}").lognormvariate(0, spread)


_current = Latency()


def use(table: Any, seed: int = 0) -> None:
    """Use a table from now on, with every operation's first draw next."""
    global _current
    last, _current = _current, Latency(lines(table), seed)
    last.over.set()


def again() -> None:
    """The same table from its first draws."""
    use({pattern: [median, spread] for pattern, median, spread in _current.lines}, _current.seed)


def on() -> bool:
    return bool(_current.lines)


@contextmanager
def at_least(service: str, operation: str) -> Iterator[None]:
    """Let what is inside last at least the time drawn for this call."""
    started, latency = time.perf_counter(), _current
    wanted = latency.draw(f"{service}:{operation}")
    yield
    latency.over.wait(max(0.0, wanted - (time.perf_counter() - started)))
