"""What an executor is given, what it answers, and which processes of this machine are at work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .. import registry, world
from ..scripts import Script

# Bytes of the longest line; the log driver cuts longer ones. https://github.com/moby/moby/blob/master/daemon/logger/awslogs/cloudwatchlogs.go
LONGEST = 262_118


@dataclass(frozen=True)
class Exit:
    """How a container has ended. `reason` is what AWS adds to the container."""

    code: int | None
    reason: str = ""
    stop_code: str = "EssentialContainerExited"


@dataclass(frozen=True)
class Check:
    """The load balancer's health check of a container: its path, and whether a status passes."""

    path: str
    passing: Callable[[int], bool]


# Whether security groups let a container reach a port of a host, at the time of the call.
Reaches = Callable[[str, int], bool]


@dataclass(frozen=True)
class Container:
    """What is to run. `entry_point` and `command` replace the image's; `environment` reads the secrets at the time of the call. `memory` is
    MiB and `cpu` 1024ths of a processor, 0 for no limit. `init`: its first process only passes on signals. `one_off`: it is expected to end
    by itself.

    `seen` is to be called when there may be a new line or an end.
    """

    image: str
    entry_point: list[str]
    command: list[str]
    environment: Callable[[], dict[str, str]]
    memory: int
    cpu: int
    init: bool
    check: Check | None
    reaches: Reaches
    one_off: bool
    script: Script
    seen: Callable[[], None]


class Running(Protocol):
    """A container that was begun. `address`: host and port at which it answers requests; None for one that only plays.

    `healthy`: whether its last health check passed; `status`: what it answered, 0 without an answer.
    """

    address: tuple[str, int] | None
    healthy: bool
    status: int

    def lines(self) -> list[str]:
        """What it has written since the last time."""
        ...

    def exit(self) -> Exit | None:
        """How it has ended; None as long as it runs."""
        ...

    def stop(self, seconds: float) -> None:
        """SIGTERM now, and SIGKILL after so many seconds. Does not wait."""
        ...


class Work(Protocol):
    """A process of this machine for which the clock may be held."""

    def look(self) -> None:
        """Tell whoever began it what is new; out of `at_work` once it has ended."""
        ...

    def end(self) -> None:
        """Without any grace."""
        ...


at_work: list[Work] = []


def alive() -> int:
    """How many processes are at work."""
    return len(at_work)


def _look() -> None:
    for work in list(at_work):
        work.look()


@registry.on_reset
def _forget() -> None:
    for work in at_work:
        work.end()
    at_work.clear()


world.clock.looks.append(_look)
