"""What goes wrong on the way between client and agent, because a test wants to see it survived."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Faults:
    """`handshake` None: only for sessions that need one, as agents do.

    `lost`: so many first frames of the client never arrive; `unheard`: so many of the agent's; both are sent again. `twice`: each frame of
    the agent comes twice. `cut`: after so many frames of the client the connection breaks, once. `silent`: nobody ever says a word; `mute`:
    after so many frames of the client nobody does any more. `pauses`: the service tells of pauses.
    """

    handshake: bool | None = None
    lost: int = 0
    unheard: int = 0
    twice: bool = False
    cut: int = 0
    silent: bool = False
    mute: int | None = None
    pauses: bool = False


@dataclass
class Way:
    """The way of one session, with what has been seen of it."""

    faults: Faults = field(default_factory=Faults)
    seen: int = 0
    said: int = 0
    was_cut: bool = False

    @property
    def dead(self) -> bool:
        """Whether nothing comes back any more."""
        return self.faults.silent or (self.faults.mute is not None and self.seen > self.faults.mute)

    def arrives(self) -> bool:
        """Count a frame of the client; whether it arrives."""
        self.seen += 1
        return self.seen > self.faults.lost and not self.dead

    def cuts(self) -> bool:
        """Whether the connection breaks now."""
        now = bool(self.faults.cut) and self.seen > self.faults.cut and not self.was_cut
        self.was_cut |= now
        return now

    def copies(self) -> int:
        """Count a frame of the agent; how often it comes."""
        self.said += 1
        if self.dead or self.said <= self.faults.unheard:
            return 0
        return 2 if self.faults.twice else 1
