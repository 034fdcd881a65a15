"""A record of every call: service, operation, duration, concurrency, whether it can change something and did, and how it ended.

It holds no parameters and therefore no secrets, and of the newest 100,000 calls only. Of equal reads it has equal fingerprints.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import secrets
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

    `fault`: what went wrong on the way (faults.py). `request`: of a read, the fingerprint of parameters, account and Region.
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
    request: str = ""


MOST = 100_000
_entries: deque[Entry] = deque(maxlen=MOST)
_numbers = itertools.count(1)
_flying = 0
_lock = threading.Lock()
# Nobody guesses what a parameter was from its fingerprint.
_key = secrets.token_bytes(16)


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


def fingerprint(params: dict[str, Any], account: str, region: str) -> str:
    """Equal for equal requests to this emulator and its forks, and tells nothing of them."""
    text = json.dumps([account, region, params], sort_keys=True, default=repr)
    return hmac.new(_key, text.encode(), hashlib.sha256).hexdigest()[:16]


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
