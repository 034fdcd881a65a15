"""Containers that only play: lines, end and health as their script says, in AWS's time. Nothing is executed."""

from __future__ import annotations

from functools import partial

from .. import world
from .running import Container, Exit


class Script:
    def __init__(self, container: Container) -> None:
        script = container.script
        self.address: tuple[str, int] | None = None
        self.healthy, self.status = script.healthy, script.answers
        self._seen, self._said = container.seen, list[str]()
        self._exit: Exit | None = None
        self._stopped = script.stopped
        for seconds, line in script.timed:
            world.clock.after(seconds, partial(self._say, line))
        if script.seconds is not None:
            world.clock.after(script.seconds, partial(self._end, Exit(script.exit_code, script.exit_reason, script.stop_code)))

    def lines(self) -> list[str]:
        said, self._said = self._said, []
        return said

    def exit(self) -> Exit | None:
        return self._exit

    def stop(self, seconds: float) -> None:
        self._exit = self._exit or Exit(self._stopped)

    def _say(self, line: str) -> None:
        self._said.append(line)
        self._seen()

    def _end(self, exit: Exit) -> None:
        if self._exit is None:
            self._exit = exit
            self._seen()


def begin(container: Container) -> Script:
    return Script(container)
