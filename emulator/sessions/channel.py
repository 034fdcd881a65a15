"""The channel of one session, from its first connection to its end: order, acknowledgement, retransmission, and faults on the way.

Its numbers outlive a connection, so that a client that comes back with a new token goes on where it was.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import deque

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection

from . import frames
from .agent import Agent, Host, Terms
from .faults import Faults, Way
from .frames import Frame
from .order import Received, Sent

# An agent keeps so many that nobody has acknowledged. Here they are fewer, and whoever has more to say waits.
MOST_WAITING = 4000
LAST_WORDS = 10.0  # Seconds in which a client must have acknowledged what a program that has ended said last.


class Channel:
    """`over`: nothing comes any more. `token`s and connections come and go meanwhile."""

    def __init__(self, terms: Terms, host: Host, faults: Faults | None = None) -> None:
        self.session, self._host = terms.session, host
        self.agent = Agent(terms, host, self)
        self.over = False
        self._closes = False
        self._way = Way(faults or Faults())
        self._changed = threading.Condition(threading.RLock())
        self._connection: ServerConnection | None = None
        self._out: deque[bytes] = deque()
        self._sent, self._received = Sent(), Received()
        self._greeted = False

    def serve(self, connection: ServerConnection) -> None:
        """One connection, until it or the session is over. The one before is forgotten."""
        with self._changed:
            if self.over:
                return
            self._connection = connection
            self._out = deque(each.raw for each in self._sent.waiting.values())
            first, self._greeted = not self._greeted, True
            self._changed.notify_all()
        writer = threading.Thread(target=self._write, args=(connection,), daemon=True)
        writer.start()
        if first and not self._way.faults.silent:
            self.agent.greet()
        try:
            for message in connection:
                if isinstance(message, bytes) and not self.over and not self._take(frames.read(message), connection):
                    break
        finally:
            self._drop(connection)
            writer.join()

    # the agent's side (agent.Channel)

    def say(self, content: int, payloads: list[bytes]) -> None:
        with self._changed:
            for payload in payloads:
                while len(self._sent.waiting) >= MOST_WAITING and not self.over:
                    self._changed.wait()
                number = self._sent.number
                raw = frames.write("output_stream_data", payload, number, content, flags=1 if number == 0 else 0)
                self._sent.add(raw, time.monotonic())
                self._post(raw)

    def tell(self, word: str) -> None:
        with self._changed:
            self._post(frames.write(word, {"SessionId": self.session}))

    def drained(self) -> None:
        """Wait until the client has heard everything, for a while."""
        with self._changed:
            self._changed.wait_for(lambda: self.over or not self._sent.waiting, timeout=LAST_WORDS)

    def close(self, said: str = "") -> None:
        """The service ends the session: it was terminated, it is too old, or its program has ended. Then the client is told."""
        if not self.vanish():
            return
        words = {"MessageType": "channel_closed", "SchemaVersion": 1, "SessionId": self.session, "Output": said}
        with self._changed:
            self._closes = True
            self._post(frames.write("channel_closed", words))

    def vanish(self) -> bool:
        """The session is over, and nobody tells the client. False when it was before."""
        with self._changed:
            if self.over:
                return False
            self.over = True
            self._changed.notify_all()
        self.agent.end()
        self._host.ended()
        return True

    def cut(self) -> None:
        """Break the connection."""
        connection = self._connection
        if connection is not None:
            _break(connection)

    def forsake(self) -> None:
        """In a copy of this process: program, threads and connections are the other's, and the lock may be held by one of those threads."""
        self.agent.program, self._connection, self.over = None, None, True
        self._changed = threading.Condition(threading.RLock())

    # the way to the client

    def _post(self, raw: bytes) -> None:
        self._out.extend([raw] * self._way.copies())
        self._changed.notify_all()

    def _write(self, connection: ServerConnection) -> None:
        """Send what is to be sent, and the oldest frame again when it is due, as long as this is the connection."""
        while (batch := self._batch(connection)) is not None:
            try:
                with connection.send_context():
                    for raw in batch:
                        connection.protocol.send_binary(raw)
            except ConnectionClosed:
                return
        if self._closes:
            connection.close()

    def _batch(self, connection: ServerConnection) -> list[bytes] | None:
        """What is to be sent; waits for it. None at the end."""
        with self._changed:
            while self._connection is connection:
                now, due = time.monotonic(), self._sent.due
                if due is not None and due <= now and not self.over:
                    self._post(self._sent.again(now))
                if self._out:
                    batch = list(self._out)
                    self._out.clear()
                    return batch
                if self._closes:
                    return None
                self._changed.wait(None if due is None or self.over else max(0.0, due - now))
        return None

    def _drop(self, connection: ServerConnection) -> None:
        with self._changed:
            if self._connection is connection:
                self._connection = None
            self._changed.notify_all()

    # the way from the client

    def _take(self, frame: Frame, connection: ServerConnection) -> bool:
        """Whether the connection is still there."""
        if frame.kind == "acknowledge":
            number = frame.json()["AcknowledgedMessageSequenceNumber"]
            with self._changed:
                self._sent.acknowledged(number, time.monotonic())
                self._changed.notify_all()
            return True
        arrives = self._way.arrives()
        if self._way.cuts():
            _break(connection)
            return False
        expected = frame.number == self._received.expected
        if not arrives or (expected and not self.agent.ready(frame)):
            return True
        with self._changed:
            self._post(frames.acknowledge(frame))
            ready = self._received.take(frame)
        for each in ready:
            self.agent.do(each)
        return True


def _break(connection: ServerConnection) -> None:
    try:
        connection.socket.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
