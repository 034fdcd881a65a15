# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a program on a terminal of its own, and pass bytes, sizes and its end between that and the person's terminal.

Ctrl-C, Ctrl-Z and Ctrl-D are bytes like any others, so that none of them reaches ansible-playbook.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from .escape import Typed
from .raw import Noted, noted, raw

AT_ONCE = 1 << 16
LOOKING = 1.0
# A worker with a session of its own is told of no change of size: it looks while somebody is there.
SIZES = 0.25
SIZE_STRUCT = 8
GRACE = 3.0
LEFT = "left with ~."
Watch = Callable[[], str | None]


@dataclass(frozen=True)
class Ended:
    """`code`: the program's exit code, None when it was ended from here. `why`: what ended it, for a person."""

    code: int | None
    why: str


def relay(terminal: int, words: Sequence[str], environment: dict[str, str], watch: Watch, first_output: float = 60.0) -> Ended:
    """`watch` says why it is over, or None; it is asked each second and must not wait. `first_output`: seconds until something comes.

    The terminal is as it was afterwards, whatever happens. SIGTERM, SIGHUP and SIGINT end it, too.
    """
    with noted() as signals, _started(words, environment, _size(terminal)) as (program, outer), raw(terminal):
        why = _pass(_Both(terminal, outer), program, signals, _overseer(watch, first_output))
    code = program.returncode
    return Ended(code, f"it ended with exit code {code}" if code else "it ended") if why is None else Ended(None, why)


@contextmanager
def _started(words: Sequence[str], environment: dict[str, str], size: bytes) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """(the program, the outer side of its terminal). It has ended afterwards."""
    outer, inner = pty.openpty()
    try:
        try:
            _prepare(inner, size)
            program = subprocess.Popen(
                words, stdin=inner, stdout=inner, stderr=inner, env=environment, start_new_session=True, preexec_fn=_take_terminal
            )
        finally:
            os.close(inner)
        os.set_blocking(outer, False)
    except BaseException:
        os.close(outer)
        raise
    try:
        yield program, outer
    finally:
        os.close(outer)
        _end(program)


def _prepare(inner: int, size: bytes) -> None:
    """What comes from beyond has its carriage returns already, and what is typed is shown from there."""
    fcntl.ioctl(inner, termios.TIOCSWINSZ, size)
    mode = termios.tcgetattr(inner)
    mode[1] &= ~termios.OPOST
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(inner, termios.TCSANOW, mode)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _end(program: subprocess.Popen[bytes]) -> None:
    """Its terminal is gone, which ends it."""
    try:
        program.wait(GRACE)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


@dataclass
class _Way:
    """Bytes for a descriptor that does not take all at once. More than `AT_ONCE` wait where they come from."""

    sink: int
    waiting: bytearray = field(default_factory=bytearray)

    @property
    def full(self) -> bool:
        return len(self.waiting) >= AT_ONCE

    def flush(self) -> None:
        """Raises OSError once the other side is gone."""
        with contextlib.suppress(BlockingIOError):
            while self.waiting:
                del self.waiting[: os.write(self.sink, self.waiting)]


class _Both:
    """The person's terminal and the program's, and what is under way between them."""

    def __init__(self, terminal: int, outer: int) -> None:
        self.terminal, self.outer = terminal, outer
        self.typed, self.size = Typed(), _size(terminal)
        self.shown, self.forwarded = _Way(terminal), _Way(outer)
        self.heard = False

    def wait(self, more: int) -> list[int]:
        """What can be read now, after what can be written has been."""
        sources = [more]
        sources += [] if self.shown.full else [self.outer]
        sources += [] if self.forwarded.full else [self.terminal]
        sinks = [way.sink for way in (self.shown, self.forwarded) if way.waiting]
        return select.select(sources, sinks, [], SIZES)[0]

    def type(self) -> str | None:
        """Pass on what a person types; why to leave, or None."""
        data = _read(self.terminal)
        if data == b"":
            return "the terminal is closed"
        forward, shown, leave = self.typed.take(data or b"")
        self.shown.waiting += shown
        self.forwarded.waiting += forward
        return LEFT if leave else None

    def show(self) -> bool:
        """Pass on what the program writes; False at its end."""
        data = _read(self.outer)
        self.shown.waiting += data or b""
        self.heard = self.heard or bool(data)
        return data != b""

    def flush(self) -> str | None:
        """Why nothing can be shown any more, or None."""
        with contextlib.suppress(OSError):
            # A program that is gone takes no keys.
            self.forwarded.flush()
        try:
            self.shown.flush()
        except OSError:
            return "the terminal is closed"
        return None

    def resize(self) -> None:
        if (changed := _size(self.terminal)) != self.size:
            self.size = changed
            fcntl.ioctl(self.outer, termios.TIOCSWINSZ, changed)

    def finish(self) -> None:
        """Show the last of it to a terminal that takes it."""
        until = time.monotonic() + GRACE
        while self.flush() is None and self.shown.waiting and (left := until - time.monotonic()) > 0:
            select.select([], [self.terminal], [], left)


def _pass(both: _Both, program: subprocess.Popen[bytes], signals: Noted, over: Callable[[bool], str | None]) -> str | None:
    """None when the program has ended by itself, why it must be ended otherwise."""
    while True:
        # Something that the program has started may keep its terminal open after its end.
        gone = program.poll() is not None
        readable = both.wait(signals.descriptor)
        ended = (gone and not readable and not both.shown.waiting) or (both.outer in readable and not both.show())
        why = both.type() if both.terminal in readable else None
        if ended:
            both.finish()
            return None
        both.resize()
        why = why or both.flush() or (f"{signals.names[0]} came" if signals.names else None) or over(both.heard)
        if why is not None:
            return why


def _overseer(watch: Watch, first_output: float) -> Callable[[bool], str | None]:
    """Says why it must end, given whether something has been heard; None while it need not."""
    parent, began = os.getppid(), time.monotonic()
    looked = began

    def over(heard: bool) -> str | None:
        nonlocal looked
        now = time.monotonic()
        if os.getppid() != parent:
            return "ansible-playbook is gone"
        if not heard and now - began > first_output:
            return f"nothing came within {first_output:.0f} s"
        if now - looked < LOOKING:
            return None
        looked = now
        return watch()

    return over


def _size(terminal: int) -> bytes:
    try:
        return fcntl.ioctl(terminal, termios.TIOCGWINSZ, bytes(SIZE_STRUCT))
    except OSError:
        return bytes(SIZE_STRUCT)


def _read(descriptor: int) -> bytes | None:
    """b"" at the end: Linux says EIO once the other side of a terminal is closed. None: nothing is there after all."""
    try:
        return os.read(descriptor, AT_ONCE)
    except BlockingIOError:
        return None
    except OSError:
        return b""
