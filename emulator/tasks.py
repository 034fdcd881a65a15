"""What a task does when it runs: one small interface, scripted here. Nothing is executed.

A script says, for images and commands that match, which lines the container writes, how many seconds it runs and how it exits.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from . import registry


@dataclass(frozen=True)
class Script:
    """How one container behaves.

    `seconds` None means that it runs until it is stopped; `reason` means that it never starts, and why, in AWS's words.
    `exit_reason` is what AWS adds to a container that ended (`OutOfMemoryError: …`). `healthy` False: no health check succeeds.
    """

    image: str = "*"
    command: str = "*"
    lines: tuple[str, ...] = field(default=())
    seconds: float | None = None
    exit_code: int | None = 0
    healthy: bool = True
    reason: str = ""
    stop_code: str = "EssentialContainerExited"
    exit_reason: str = ""


_scripts: list[Script] = []
LONG_RUNNING = Script()
ONE_OFF = Script(seconds=2.0, lines=("done",))


def script(**wanted: Any) -> dict[str, Any]:
    """Add a script; the newest one that matches counts."""
    wanted["lines"] = tuple(wanted.get("lines", ()))
    _scripts.insert(0, Script(**wanted))
    return asdict(_scripts[0])


def behaviour(image: str, command: list[str], *, service: bool) -> Script:
    """How a container of this image and command behaves, as part of a service or as a one-off task."""
    for candidate in _scripts:
        if fnmatchcase(image, candidate.image) and fnmatchcase(" ".join(command), candidate.command):
            return candidate
    return LONG_RUNNING if service else ONE_OFF


@registry.on_reset
def _forget() -> None:
    _scripts.clear()
