"""The order of frames in one direction: numbers, acknowledgements, and what is sent again when.

https://github.com/aws/amazon-ssm-agent, agent/session/datachannel/datachannel.go
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .frames import Frame

# Seconds. The timeout follows the round trips that were seen, as TCP's does.
TIMEOUT, LONGEST_TIMEOUT, GRAIN = 0.2, 1.0, 0.01
MOST_EARLY = 100_000


@dataclass
class Waiting:
    raw: bytes
    at: float


@dataclass
class Sent:
    """Frames that are not acknowledged yet, oldest first."""

    waiting: dict[int, Waiting] = field(default_factory=dict)
    number: int = 0
    timeout: float = TIMEOUT
    _trip: float = 0.1
    _varies: float = 0.0

    def add(self, raw: bytes, now: float) -> None:
        self.waiting[self.number] = Waiting(raw, now)
        self.number += 1

    def acknowledged(self, number: int, now: float) -> None:
        known = self.waiting.pop(number, None)
        if known is None:
            return
        took = now - known.at
        self._varies += (abs(self._trip - took) - self._varies) / 4
        self._trip += (took - self._trip) / 8
        self.timeout = min(LONGEST_TIMEOUT, self._trip + max(GRAIN, 4 * self._varies))

    @property
    def due(self) -> float | None:
        """When the oldest one is to be sent again."""
        oldest = next(iter(self.waiting.values()), None)
        return oldest.at + self.timeout if oldest else None

    def again(self, now: float) -> bytes:
        """The oldest one. Only that is ever sent again."""
        oldest = next(iter(self.waiting.values()))
        oldest.at = now
        return oldest.raw


@dataclass
class Received:
    """What has come, in its order. What comes too early is kept, what comes again is dropped; both are acknowledged."""

    expected: int = 0
    early: dict[int, Frame] = field(default_factory=dict)

    def take(self, frame: Frame) -> list[Frame]:
        """What can be handled now."""
        if frame.number >= self.expected and len(self.early) < MOST_EARLY:
            self.early[frame.number] = frame
        ready = []
        while self.expected in self.early:
            ready.append(self.early.pop(self.expected))
            self.expected += 1
        return ready
