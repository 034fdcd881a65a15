"""Containers that are containers of this machine, by podman or docker: an image of it for each image of ECS that has one.

They have the host's network and a free port of 127.0.0.1 in PORT, and the limits of their task. Else they are what processes are
(`process.py`): the client of podman or docker is the process that is watched, and passes on lines, SIGTERM and the exit code.
"""

from __future__ import annotations

import resource
import signal
import uuid
from contextlib import ExitStack

from . import engine, keeper, process, programs
from .programs import Prepared, Program
from .running import Container, Exit, Reaches

# As Fargate has it, and no more than podman may give.
FILES, PROCESSES = 65535, 32768
# How a moment begins that never came.
NEVER = "0001"


def begin(container: Container, program: Program) -> Contained:
    return Contained(container, program)


class Contained(process.Process):
    def _prepare(self, program: Program) -> Prepared:
        wanted = self._container
        limits = [f"--memory={wanted.memory}m", f"--memory-swap={wanted.memory}m"] if wanted.memory else []
        limits += [f"--cpus={wanted.cpu / 1024}"] if wanted.cpu else []
        entry_point, command = wanted.entry_point or program.entry_point, wanted.command or program.command
        return prepare(program, entry_point, command, self._environment(), wanted.reaches, *limits, *(["--init"] if wanted.init else []))

    def _signal(self, number: int) -> None:
        if number == signal.SIGKILL:
            self._killed = True
            engine.later("kill", self._prepared.inside)
        else:
            super()._signal(number)

    def _ended(self, code: int) -> Exit:
        if code in (125, 126, process.NOT_STARTED) and str(engine.state(self._prepared.inside).get("StartedAt", NEVER)).startswith(NEVER):
            said = self._lines[-1] if self._lines else ""
            self._lines.clear()
            return Exit(process.NOT_STARTED, f"CannotStartContainerError: {said}", "TaskFailedToStart")
        out_of_memory = code == 128 + signal.SIGKILL and not self._killed and self._container.memory
        return Exit(code, process.MEMORY if out_of_memory else "")

    def _too_large(self, pid: int) -> bool:
        """The kernel watches its memory."""
        return False


def prepare(
    program: Program, entry_point: list[str], command: list[str], given: dict[str, str], reaches: Reaches, *options: str
) -> Prepared:
    """The client that runs a container. The values of variables are in its environment, and in no argument and no file."""
    keeper.clean(engine.path())
    name, ways = f"{keeper.folder().name}-{uuid.uuid4().hex[:12]}", ExitStack()
    for change in programs.environments:
        given = change(given, reaches, ways)
    given = {**program.environment, **given}
    files = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], FILES)
    words = [engine.path(), "run", f"--name={name}", f"--label={keeper.LABEL}={keeper.folder().name}", "--network=host", "--pull=never"]
    words += ["--log-driver=none", f"--ulimit=nofile={files}:{files}", f"--ulimit=nproc={PROCESSES}:{PROCESSES}", *options]
    words += [word for variable in given for word in ("--env", variable)]
    words += [f"--entrypoint={entry_point[0]}"] if entry_point else []
    ways.callback(engine.later, "rm", "--force", name)
    folder = keeper.folder() / name
    folder.mkdir()
    return Prepared([*words, program.image, *entry_point[1:], *command], str(folder), {**programs.kept(), **given}, name, ways)
