"""What a container does when it runs, as scripts say. Nothing is executed.

A script says, for images and commands that match, which lines the container writes, how many seconds it runs and how it exits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from . import registry


@dataclass(frozen=True)
class Script:
    """How one container behaves.

    `seconds` None means that it runs until it is stopped; `reason` means that it never starts, and why, in AWS's words.
    `exit_reason` is what AWS adds to a container that ended (`OutOfMemoryError: …`). `healthy` False: no health check succeeds; `answers`
    is the status that it gets then, 0 where nobody listens.
    `pages`: what the application answers, [status, body] by path, and perhaps after how many real seconds; else 200 and its image, revision
    and task.
    `lines` are spread over `seconds`, unless `at` says when each comes. `failure`: RunTask starts no such task; its answer has this reason.

    `late`: the last lines are shown only so many seconds after the task has stopped. `dropped`: lines that match it are lost when the
    log driver is non-blocking.

    `stopped`: its exit code when it is stopped from outside.

    `told`: what is said to commands that somebody has registered (`commands`), by their names. Such a script matches those commands only.
    """

    image: str = "*"
    command: str = "*"
    lines: tuple[str, ...] = field(default=())
    seconds: float | None = None
    exit_code: int | None = 0
    healthy: bool = True
    answers: int = 0
    reason: str = ""
    stop_code: str = "EssentialContainerExited"
    exit_reason: str = ""
    failure: str = ""
    pages: dict[str, tuple[int, str] | tuple[int, str, float]] = field(default_factory=dict)
    at: tuple[float, ...] = field(default=())
    late: float | None = None
    dropped: str = ""
    stopped: int = 143
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def timed(self) -> list[tuple[float, str]]:
        """Each line with the seconds after which it comes."""
        spread = (self.seconds or 0.0) / max(1, len(self.lines))
        return [(self.at[number] if self.at else spread * number, line) for number, line in enumerate(self.lines)]


_scripts: list[Script] = []
LONG_RUNNING = Script()
ONE_OFF = Script(seconds=2.0, lines=("done",))
# Commands that do more than a script says, by name: whether a container's words are one of them.
commands: dict[str, Callable[[list[str]], bool]] = {}


def script(**wanted: Any) -> dict[str, Any]:
    """Add a script; the newest one that matches counts. What is said to a registered command has that command's name."""
    for name in {"lines", "at"} & set(wanted):
        wanted[name] = tuple(wanted[name])
    told = {name: wanted.pop(name) for name in set(commands) & set(wanted)}
    _scripts.insert(0, Script(**wanted, told=told))
    return asdict(_scripts[0])


@registry.control_endpoint("scripts")
def _door(wanted: dict[str, Any]) -> dict[str, Any]:
    return script(**wanted)


def behaviour(image: str, command: list[str], *, service: bool) -> Script:
    """How a container of this image and command behaves, as part of a service or as a one-off task."""
    for candidate in _scripts:
        if not all(commands[name](command) for name in candidate.told):
            continue
        if fnmatchcase(image, candidate.image) and fnmatchcase(" ".join(command), candidate.command):
            return candidate
    if service:
        return LONG_RUNNING
    if command[:1] == ["sleep"] and len(command) == 2:
        return Script(seconds=float(command[1]))
    # To a registered command of which nothing is said, nothing is told.
    told = {name: () for name, is_one in commands.items() if is_one(command)}
    return Script(told=told) if told else ONE_OFF


@registry.on_reset
def _forget() -> None:
    _scripts.clear()
