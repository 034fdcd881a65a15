"""Containers that are programs of this machine: real lines, real exit codes, signals, and a port that answers.

Each has a copy of its image's folder as its own, and a free port of 127.0.0.1 in PORT. Its first seconds and its last are real ones: the
clock is held until it has answered a health check, until a one-off program has ended, and after SIGTERM until it is gone.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import threading
import time
from collections import deque
from pathlib import Path

from .. import world
from . import keeper, programs
from .programs import Prepared, Program
from .running import LONGEST, Container, Exit, at_work

# Real seconds: between two looks at a program, at first and later; until it has to answer.
SOON, BETWEEN, ANSWERING = 0.1, 0.5, 5.0
NOT_STARTED = 127
MEMORY = "OutOfMemoryError: Container killed due to memory usage"


def begin(container: Container, program: Program) -> Process:
    return Process(container, program)


class Process:
    def __init__(self, container: Container, program: Program) -> None:
        self._port = keeper.free_port()
        self.address: tuple[str, int] | None = ("127.0.0.1", self._port)
        self.healthy = self._answers = False
        self.status = 0
        self._container, self._out_of_memory, self._killed = container, False, False
        self._exit: Exit | None = None
        self._lines: deque[str] = deque()
        self._prepared = self._prepare(program)
        self._hold(program.patience)
        self._start()
        at_work.append(self)

    def lines(self) -> list[str]:
        return [self._lines.popleft() for _ in range(len(self._lines))]

    def exit(self) -> Exit | None:
        return self._exit

    def stop(self, seconds: float) -> None:
        if self._process is not None and self._exit is None:
            self._hold(seconds + ANSWERING, stopping=True)
            self._signal(signal.SIGTERM)
            timer = threading.Timer(seconds, self._signal, (signal.SIGKILL,))
            timer.daemon = True
            timer.start()

    def look(self) -> None:
        """Tell whoever began it what is new, and hold the clock no longer than it must be."""
        if self._exit is not None or self._steady() or time.monotonic() > self._held_until:
            world.clock.release(self)
        if self._exit is not None:
            at_work.remove(self)
        self._container.seen()

    def end(self) -> None:
        """Without any grace."""
        world.clock.release(self)
        self._signal(signal.SIGKILL)

    def _prepare(self, program: Program) -> Prepared:
        words = [*(self._container.entry_point or program.entry_point), *(self._container.command or program.command)]
        return programs.prepare(program, words, self._environment(), self._container.reaches)

    def _environment(self) -> dict[str, str]:
        return {**self._container.environment(), "PORT": str(self._port)}

    def _signal(self, number: int) -> None:
        """To all that run in it."""
        if self._process is not None and self._exit is None:
            keeper.kill(self._process.pid, number)

    def _ended(self, code: int) -> Exit:
        return Exit(128 - code if code < 0 else code, MEMORY if self._out_of_memory else "")

    def _too_large(self, pid: int) -> bool:
        return bool(self._container.memory and resident(pid) > self._container.memory << 20)

    def _hold(self, seconds: float, *, stopping: bool = False) -> None:
        self._stopping, self._held_until = stopping, time.monotonic() + seconds
        world.clock.hold(self)

    def _steady(self) -> bool:
        """Whether it neither starts nor stops."""
        return not self._stopping and (self._answers if self._container.check else not self._container.one_off)

    def _start(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(
                self._prepared.words,
                cwd=self._prepared.folder,
                env=self._prepared.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._prepared.end()
            self._exit = Exit(NOT_STARTED, f"CannotStartContainerError: {error}", "TaskFailedToStart")
            return
        keeper.keep(self._process.pid)
        reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        reader.start()
        threading.Thread(target=self._wait, args=(self._process, reader), daemon=True).start()
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        while line := process.stdout.readline(LONGEST):
            self._lines.append(line.decode(errors="replace").rstrip("\r\n"))

    def _wait(self, process: subprocess.Popen[bytes], reader: threading.Thread) -> None:
        code = process.wait()
        # A container ends with its first program.
        keeper.kill(process.pid)
        keeper.leave(process.pid)
        reader.join(ANSWERING)
        exit = self._ended(code)
        self._prepared.end()
        self._exit = exit

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        check = self._container.check
        while process.poll() is None:
            if check is not None:
                status = answered(self._port, check.path)
                self.healthy, self.status = status is not None and check.passing(status), status or 0
                self._answers = self._answers or status is not None
            if self._too_large(process.pid):
                self._out_of_memory = True
                self._signal(signal.SIGKILL)
            time.sleep(BETWEEN if self._answers or check is None else SOON)


def answered(port: int, path: str) -> int | None:
    """The status of the answer to a health check; None without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWERING)
    try:
        connection.request("GET", path, headers={"User-Agent": "ELB-HealthChecker/2.0", "Connection": "close"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def resident(pid: int) -> int:
    """Bytes of memory that a process has; 0 where nobody says so."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
