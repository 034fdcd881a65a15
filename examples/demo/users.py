"""Users of examples/shop, who read orders and make some, one request after the other each."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from urllib.parse import urlsplit

ORDER = json.dumps({"order": {"item": "tea", "quantity": 2}})


class Users:
    """`users` of them, who rest for `pause` seconds after each answer. At the end of a `with` there were `number` requests at least.

    `answers` counts by version; `failed` has what was neither 200 nor 201.
    """

    def __init__(self, url: str, number: int = 0, users: int = 1, pause: float = 0.0) -> None:
        self.answers: Counter[str] = Counter()
        self.failed: list[str] = []
        self._place, self._number, self._pause, self._asked = urlsplit(url).netloc, number, pause, 0
        self._lock, self._gone = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(users)]

    def __enter__(self) -> Users:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        while kind is None and sum(self.answers.values()) < self._number and not self.failed:
            time.sleep(0.05)
        self._gone.set()
        for thread in self._threads:
            thread.join()

    def until(self, holds: Callable[[Users], bool], seconds: float = 120.0) -> None:
        """Wait until it holds. Raises AssertionError when it does not in time, or when a request has failed."""
        deadline = time.monotonic() + seconds
        while not holds(self):
            assert time.monotonic() < deadline and not self.failed, (self.answers, self.failed)
            time.sleep(0.05)

    def _run(self) -> None:
        while not self._gone.is_set():
            self.ask()
            time.sleep(self._pause)

    def ask(self, makes: bool | None = None) -> None:
        """One request, which makes an order or reads them; of five, one makes one unless it is said."""
        connection = http.client.HTTPConnection(self._place, timeout=60)
        with self._lock:
            makes = self._asked % 5 == 0 if makes is None else makes
            self._asked += 1
        try:
            if makes:
                connection.request("POST", "/orders", ORDER, {"Content-Type": "application/json"})
            else:
                connection.request("GET", "/orders")
            answer = connection.getresponse()
            text = answer.read()
            with self._lock:
                self.answers[answer.headers.get("X-Version", "?")] += 1
                if answer.status not in (200, 201):
                    self.failed.append(f"{answer.status} {text[:200]!r}")
        except (OSError, http.client.HTTPException) as error:
            self.failed.append(repr(error))
        finally:
            connection.close()

    def words(self) -> str:
        by = ", ".join(f"version {version} answered {count}" for version, count in sorted(self.answers.items()))
        return f"{sum(self.answers.values())} requests: {by}; {len(self.failed)} failed" + (f" ({self.failed[0]})" if self.failed else "")


class Awaiting:
    """Whoever asks four times a second until an application answers. `seconds`: after how many it did."""

    def __init__(self, url: str) -> None:
        self.seconds = 0.0
        self._place, self._gone = urlsplit(url).netloc, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Awaiting:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._gone.set()
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._gone.wait(0.25):
            if self._status() == 200 and not self.seconds:
                self.seconds = time.monotonic() - began

    def _status(self) -> int:
        connection = http.client.HTTPConnection(self._place, timeout=60)
        try:
            connection.request("GET", "/up")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
