"""A shell of this machine that does a part of a build: its lines, its exit code, and an end when it is told.

Its work takes real seconds. The clock is held until it has ended, but not while it waits for AWS: whoever asks the same again and again
waits for something that only AWS's time brings.
"""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .. import world
from . import keeper
from .running import LONGEST, at_work

# Real seconds without a request after which a shell that waited for AWS is taken to work again.
WORKING = 20.0
# How often the same is asked by whoever waits.
WAITING = 2
# What a shell says that could not be started, and that was killed.
NOT_STARTED, KILLED = 127, 137
JOIN = 5.0


@dataclass(frozen=True)
class Wanted:
    """`words` are run in `folder`. `seen` is to be called when there may be a new line or an end. `paused`: it waits for a person."""

    words: list[str]
    folder: Path
    environment: dict[str, str]
    seen: Callable[[], None]
    paused: Callable[[], bool] = lambda: False


class Shell:
    """`code`: how it has ended, None as long as it runs."""

    def __init__(self, wanted: Wanted) -> None:
        self.code: int | None = None
        self._wanted, self._lines = wanted, deque[str]()
        self._asked, self._waits, self._heard = Counter[str](), False, time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None
        world.clock.hold(self)
        at_work.append(self)
        self._start()

    def lines(self) -> list[str]:
        """What it has written since the last time."""
        return [self._lines.popleft() for _ in range(len(self._lines))]

    def kill(self) -> None:
        """Without any grace, with all that it has started."""
        if self._process is not None and self.code is None:
            keeper.kill(self._process.pid, signal.SIGKILL)

    def heard(self, read: str) -> None:
        """It has sent a request: a read of this fingerprint, or "" for one that can change something."""
        self._asked[read] += 1
        self._waits, self._heard = bool(read) and self._asked[read] >= WAITING, time.monotonic()
        if self._waits:
            world.clock.release(self)
        elif self.code is None:
            world.clock.hold(self)

    def goes_on(self) -> None:
        """It does something else now."""
        self._asked.clear()

    def look(self) -> None:
        ended = self.code is not None
        if ended:
            at_work.remove(self)
        elif self._wanted.paused():
            self._waits, self._heard = True, -WORKING
            world.clock.release(self)
        elif self._waits and time.monotonic() - self._heard > WORKING:
            self._waits = False
            world.clock.hold(self)
        self._wanted.seen()
        # What comes next holds the clock before this one releases it.
        if ended:
            world.clock.release(self)

    def end(self) -> None:
        world.clock.release(self)
        self.kill()

    def _start(self) -> None:
        wanted = self._wanted
        try:
            process = subprocess.Popen(
                wanted.words,
                cwd=wanted.folder,
                env=wanted.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            self._lines.append(str(error))
            self.code = NOT_STARTED
            return
        self._process = process
        keeper.keep(process.pid)
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        threading.Thread(target=self._wait, args=(process, reader), daemon=True).start()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        while line := process.stdout.readline(LONGEST):
            self._lines.append(line.decode(errors="replace").rstrip("\r\n"))

    def _wait(self, process: subprocess.Popen[bytes], reader: threading.Thread) -> None:
        code = process.wait()
        # What it has left in the background ends with it.
        keeper.kill(process.pid)
        keeper.leave(process.pid)
        reader.join(JOIN)
        self.code = KILLED if code < 0 else code
