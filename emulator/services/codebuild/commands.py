"""The commands of one phase: one shell for them, another for those that are run in any case, and again when the phase says so.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.phases
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...executors.shell import NOT_STARTED, Shell, Wanted
from . import script
from .buildspec import ON_FAILURE, Phase
from .environment import PAUSE
from .folders import Folders
from .logs import Log

ATTEMPTS = 3


@dataclass(frozen=True)
class Failure:
    """Code and message of a phase's context. `fault`: nobody's commands are to blame."""

    code: str
    message: str
    fault: bool = False


@dataclass(frozen=True)
class Place:
    """Where commands run: which shell, in which folders, with which variables, and where what they say goes."""

    shell: str
    folders: Folders
    variables: Mapping[str, str]
    log: Log


class Commands:
    """`done` is called with the phase's failure, or None. `succeeding`: no phase has failed before."""

    def __init__(self, said: Phase, place: Place, succeeding: bool, done: Callable[[Failure | None], None]) -> None:
        self._said, self._place, self._done = said, place, done
        self._new = {"CODEBUILD_BUILD_SUCCEEDING": "1" if succeeding else "0"}
        self._mark = f"{secrets.token_hex(12)}-"
        self._shell: Shell | None = None
        self._failure: Failure | None = None
        self._commands, self._current, self._attempts = said.commands, -1, 1

    def begin(self) -> None:
        self._run(0)

    def kill(self) -> None:
        if self._shell is not None:
            self._shell.kill()
            self._write(self._shell)
            self._shell = None

    def heard(self, read: str) -> None:
        """What runs has sent a request (Shell.heard)."""
        if self._shell is not None:
            self._shell.heard(read)

    def _run(self, first: int) -> None:
        if first >= len(self._commands):
            self._ran()
            return
        self._current, place = first - 1, self._place
        written = script.write(place.folders.scripts, self._mark, self._commands, self._new, first)
        words = script.words(place.shell, written)
        paused = (place.folders.root / PAUSE).exists
        self._shell = Shell(Wanted(words, place.folders.source, dict(place.variables), self._seen, paused))

    def _seen(self) -> None:
        """There may be a new line of the shell, or its end."""
        shell = self._shell
        if shell is None:
            return
        code = shell.code
        self._write(shell)
        if code is None:
            return
        self._shell = None
        if code == 0:
            # A command may have left the shell without a failure.
            self._run(self._current + 1)
        else:
            self._fail(code)
            self._ran()

    def _fail(self, code: int) -> None:
        if code == NOT_STARTED and self._current < 0:
            self._failure = Failure("INTERNAL_SERVICE_ERROR", "the shell of the build could not be started", fault=True)
            return
        log, command = self._place.log, self._place.log.masked(self._commands[max(0, self._current)])
        log.said(f"Command did not exit successfully {command} exit status {code}")
        words = f"Error while executing command: {command}. Reason: exit status {code}"
        self._failure = self._failure or Failure("COMMAND_EXECUTION_ERROR", words)

    def _write(self, shell: Shell) -> None:
        """Log what the shell has said, and which commands it runs."""
        for line in shell.lines():
            before, mark, rest = line.partition(self._mark)
            if before or not mark:
                self._place.log.write([before])
            if mark:
                self._current = int(rest)
                shell.goes_on()
                self._place.log.said(f"Running command {self._commands[self._current]}")

    def _ran(self) -> None:
        """One of the two lists has ended."""
        if self._commands is not self._said.finally_:
            self._commands = self._said.finally_
            self._run(0)
        elif self._failure is not None and not self._failure.fault and self._again(self._failure.message):
            self._attempts, self._failure, self._commands = self._attempts + 1, None, self._said.commands
            self._run(0)
        else:
            self._done(self._failure)

    def _again(self, message: str) -> bool:
        """Whether the phase is tried once more: as often as it says, and for a failure that it describes."""
        found = ON_FAILURE.fullmatch(self._said.on_failure)
        if found is None or not self._said.on_failure.startswith("RETRY"):
            return False
        most, expression = found["count"], found["expression"]
        return self._attempts <= int(most or ATTEMPTS) and (not expression or re.search(expression, message) is not None)
