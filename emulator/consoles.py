"""What is at the other end of sessions, and what goes wrong on the way: said by tests, in the manner of `tasks.script`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from . import registry
from .sessions.faults import Faults

FOLDER = "/"


@dataclass(frozen=True)
class Said:
    """`program`: words of a command of this machine; () for a small console that calculates. `port`: one of this machine that stands for
    wherever forwarded ports lead. `deregisters`: consoles that start from now on take their node with them when their task is stopped.
    `faults`: see sessions/faults.py.
    """

    program: tuple[str, ...] = ()
    port: int | None = None
    deregisters: bool = False
    faults: Faults = field(default_factory=Faults)


_said = Said()


def say(**wanted: Any) -> dict[str, Any]:
    """From the next session on."""
    global _said
    own = {name: wanted.pop(name) for name in ("port", "deregisters") if name in wanted}
    program = tuple(wanted.pop("program", ()))
    _said = Said(program=program, **own, faults=Faults(**wanted))
    return asdict(_said)


def said() -> Said:
    return _said


@registry.on_reset
def _forget() -> None:
    global _said
    _said = Said()
