"""Somebody at a terminal, in front of a program that `relay` runs."""

from __future__ import annotations

import json
import os
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pexpect

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST = 60.0


class Person:
    def __init__(
        self, folder: Path, words: Sequence[str], environment: dict[str, str], first_output: float = 60.0, imported: bool = True
    ) -> None:
        self.folder = folder
        plan = folder / "plan"
        wanted = {"words": list(words), "environment": environment, "first_output": first_output, "imported": imported}
        plan.write_text(json.dumps(wanted))
        command = ["-m", "tests.support.entering", str(plan)]
        self.screen: Any = pexpect.spawn(sys.executable, command, cwd=str(ROOT), timeout=LONGEST, dimensions=(30, 100), echo=True)
        # Keys are sent when they are asked for.
        self.screen.delaybeforesend = None
        self.modes = self.mode()

    def mode(self) -> list[Any]:
        return list(termios.tcgetattr(self.screen.child_fd))

    def sees(self, text: str | bytes) -> bytes:
        """Wait for a text; what came before it."""
        self.screen.expect_exact(text)
        return bytes(self.screen.before)

    def types(self, keys: str | bytes) -> None:
        self.screen.send(keys)

    @property
    def worker(self) -> int:
        return int((self.folder / "worker").read_text())

    def raw(self) -> None:
        """Wait until the terminal passes on every key."""
        until(lambda: self.mode() != self.modes)

    def over(self, why: str) -> None:
        """Let the watcher say that it is over."""
        (self.folder / "over").write_text(why)

    def ended(self) -> tuple[int | None, str]:
        """Wait for the end; (code, why). The worker must have restored the terminal by itself: the main process may be gone."""
        until((self.folder / "ended").exists)
        ended = json.loads((self.folder / "ended").read_text())
        assert ended["restored"]
        return ended["code"], ended["why"]

    def leave(self) -> None:
        self.screen.close(force=True)


def until(reached: Callable[[], Any], seconds: float = LONGEST, pause: float = 0.01) -> None:
    """Look until it is so, at most so many seconds, with such a `pause` between two looks."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it never came to that"
        os.sched_yield()
        time.sleep(pause)
