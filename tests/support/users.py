"""Users of an emulated environment: requests through the load balancer, one after the other, until they go away."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request
from collections import Counter
from types import TracebackType

from .emulated import Emulated

# Seconds that a user rests after an answer: whoever never rests takes the processor from what is tested.
REST = 0.02


def get(emulated: Emulated, url: str) -> tuple[int, str]:
    """Status and body of an answer, through the emulator as a proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": emulated.state.url}))
    try:
        with opener.open(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode()


def begin(emulated: Emulated, url: str) -> http.client.HTTPConnection:
    """A request that is sent, and whose answer nobody has read yet."""
    connection = http.client.HTTPConnection(emulated.state.url.removeprefix("http://"), timeout=30)
    connection.request("GET", url)
    return connection


def answer(emulated: Emulated, url: str) -> tuple[int, str | None]:
    """Status of an answer and where it sends whoever asks, through the emulator as a proxy."""
    connection = begin(emulated, url)
    try:
        found = connection.getresponse()
        return found.status, found.getheader("Location")
    finally:
        connection.close()


class Users:
    """`with Users(...) as users: …`. `statuses` counts answers, `images` those with 200 by the image that gave them."""

    def __init__(self, emulated: Emulated, url: str) -> None:
        self.statuses: Counter[int] = Counter()
        self.images: Counter[str] = Counter()
        self._emulated, self._url = emulated, url
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Users:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._gone.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._gone.wait(REST):
            status, body = get(self._emulated, self._url)
            self.statuses[status] += 1
            if status == 200:
                self.images[body.split()[0]] += 1
