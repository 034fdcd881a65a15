"""A record of every call: service, operation, duration, concurrency, whether it can change something and did, and how it ended.

It holds no parameters and therefore no secrets, and of the newest 100,000 calls only.
"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from typing import Any

READ = re.compile(
    r"(Get|List|Describe|Head|Select|BatchGet|BatchCheck|BatchDescribe|Lookup|Search|Filter|Query|Scan|Simulate|Validate|Verify|Test|Preview"
    r"|Poll|AssumeRole|Decrypt|Encrypt|GenerateDataKey|StartQuery|StopQuery|StartLiveTail)"
)


@dataclass
class Entry:
    """`write`: the operation can change something; `changed`: it can, and it succeeded. `at` is in seconds since the epoch.

    `fault`: what went wrong on the way (faults.py).
    """

    number: int
    at: float
    service: str
    operation: str
    write: bool
    in_flight: int
    ms: float = 0.0
    status: int = 0
    error: str = ""
    fault: str = ""
    changed: bool = False


MOST = 100_000
_entries: deque[Entry] = deque(maxlen=MOST)
_numbers = itertools.count(1)
_flying = 0
_lock = threading.Lock()


@contextmanager
def record(service: str, operation: str) -> Iterator[Entry]:
    global _flying
    with _lock:
        _flying += 1
        entry = Entry(next(_numbers), time.time(), service, operation, not READ.match(operation), _flying)
        _entries.append(entry)
    started = time.perf_counter()
    try:
        yield entry
    finally:
        entry.ms = round((time.perf_counter() - started) * 1000, 2)
        entry.changed = entry.write and not entry.error and entry.status < 400
        with _lock:
            _flying -= 1


def entries(since: int = 0) -> list[dict[str, Any]]:
    with _lock:
        return [asdict(entry) for entry in _entries if entry.number > since]


def quiet() -> AbstractContextManager[Any]:
    """While this lasts no call begins or ends."""
    return _lock


def begin_anew() -> None:
    """In a fork, where the calls under way are another process's."""
    global _flying, _lock
    _flying, _lock = 0, threading.Lock()


def clear() -> None:
    with _lock:
        _entries.clear()
