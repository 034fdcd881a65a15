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
    `pages`: what the application answers, [status, body] by path; else 200 and its image, revision and task.
    `lines` are spread over `seconds`, unless `at` says when each comes. `failure`: RunTask starts no such task; its answer has this reason.

    `late`: the last lines are shown only so many seconds after the task has stopped. `dropped`: lines that match it are lost when the
    log driver is non-blocking.

    `migrations` are those of an image, each {version, name, contract, fails, error, seconds}; such a script matches only commands that
    migrate, and what happens is as in emulator/migrations.py.
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
    failure: str = ""
    pages: dict[str, tuple[int, str]] = field(default_factory=dict)
    at: tuple[float, ...] = field(default=())
    migrations: tuple[dict[str, Any], ...] | None = None
    late: float | None = None
    dropped: str = ""

    @property
    def timed(self) -> list[tuple[float, str]]:
        """Each line with the seconds after which it comes."""
        spread = (self.seconds or 0.0) / max(1, len(self.lines))
        return [(self.at[number] if self.at else spread * number, line) for number, line in enumerate(self.lines)]


_scripts: list[Script] = []
LONG_RUNNING = Script()
ONE_OFF = Script(seconds=2.0, lines=("done",))
# An image of which nothing is said has no migrations.
MIGRATES_NOTHING = Script(migrations=())
RUNNER, RUNNER_VARIABLE = "runner", "RAILYARD_MIGRATE"


def script(**wanted: Any) -> dict[str, Any]:
    """Add a script; the newest one that matches counts."""
    for name in {"lines", "at", "migrations"} & set(wanted):
        wanted[name] = tuple(wanted[name])
    _scripts.insert(0, Script(**wanted))
    return asdict(_scripts[0])


def behaviour(image: str, command: list[str], *, service: bool) -> Script:
    """How a container of this image and command behaves, as part of a service or as a one-off task."""
    for candidate in _scripts:
        if candidate.migrations is not None and not migrates(command):
            continue
        if fnmatchcase(image, candidate.image) and fnmatchcase(" ".join(command), candidate.command):
            return candidate
    if service:
        return LONG_RUNNING
    if command[:1] == ["sleep"] and len(command) == 2:
        return Script(seconds=float(command[1]))
    return MIGRATES_NOTHING if migrates(command) else ONE_OFF


def migrates(command: list[str]) -> bool:
    """Whether a command is `db:migrate` of Rails, or our own runner of it."""
    return "db:migrate" in command or (RUNNER in command and RUNNER_VARIABLE in command[-1])


@registry.on_reset
def _forget() -> None:
    _scripts.clear()
