# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session from its first byte to its last: the channel's frames over a link, resumed when the connection breaks.

One thread and one `select`: nothing wakes up while nothing happens.
"""

from __future__ import annotations

import contextlib
import itertools
import select
import time
from collections.abc import Callable, Iterator
from typing import Any

from .channel import Channel, Closed, Event, Output
from .frames import Broken
from .link import Link

PING = 300.0
RESUMES = 5
PAUSE, LONGEST_PAUSE = 0.2, 5.0
# Frames that are not acknowledged yet. Whoever sends more has to wait.
MOST_WAITING = 500


class Lost(Exception):
    """The connection is gone and cannot be had back; the words say why."""


class Session:
    """`answer`: StartSession's {SessionId, StreamUrl, TokenValue}. `resume(session id)`: a new token, None or "" when it is over.

    `resume` raises ConnectionError when it is to be asked again.
    """

    def __init__(self, answer: dict[str, str], channel: Channel, resume: Callable[[str], str | None]) -> None:
        self.answer, self.channel, self.resume = answer, channel, resume
        self.link = Link(answer["StreamUrl"], answer["TokenValue"])
        self.pinged = time.monotonic()
        self.sources: Callable[[], list[Any]] = list

    def events(self) -> Iterator[Event | Any]:
        """All that happens until the session is over: events of the channel, and each of `sources()` that can be read. Raises Lost."""
        while True:
            try:
                self._flush()
                sources = self.sources() if self.channel.ready and self.channel.waiting < MOST_WAITING else []
                readable = select.select([self.link, *sources], [], [], self._patience())[0]
                events = self._received() if self.link in readable else []
            except ConnectionError as error:
                self._resume(error)
                continue
            yield from events
            if any(isinstance(event, Closed) for event in events):
                return
            yield from (source for source in readable if source is not self.link)

    def _received(self) -> list[Event]:
        now, events = time.monotonic(), []
        for raw in self.link.receive():
            # What came broken is not acknowledged, and comes again.
            with contextlib.suppress(Broken):
                events += self.channel.receive(raw, now)
        return _joined(events)

    def _flush(self) -> None:
        now = time.monotonic()
        self.channel.resend(now)
        if now - self.pinged > PING:
            self.pinged = now
            self.link.ping()
        if self.channel.out:
            self.channel.out, frames = [], self.channel.out
            self.link.send(frames)

    def _patience(self) -> float:
        now = time.monotonic()
        due = self.channel.due()
        return max(min(PING - (now - self.pinged), PING if due is None else due - now), 0.0)

    def _resume(self, error: Exception) -> None:
        """The same address with a new token; numbers go on."""
        self.link.close()
        pause = PAUSE
        for _attempt in range(RESUMES):
            try:
                token = self.resume(self.answer["SessionId"])
                if not token:
                    break
                self.link = Link(self.answer["StreamUrl"], token)
            except OSError:
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            self.channel.resumed(time.monotonic())
            return
        raise Lost(f"the connection to the session is lost: {error}") from error

    def close(self) -> None:
        self.link.close()


def _joined(events: list[Event]) -> list[Event]:
    """Output that came together is written together: a frame is a kilobyte only."""
    joined: list[Event] = []
    for kind, group in itertools.groupby(events, type):
        some = list(group)
        joined += [Output(b"".join(event.data for event in some if isinstance(event, Output)))] if kind is Output else some
    return joined
