"""What is at the other end of sessions, and what goes wrong on the way: said by tests, in the manner of `tasks.script`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from . import registry
from .sessions.channel import Faults

FOLDER = "/"


@dataclass(frozen=True)
class Said:
    """`program`: words of a command of this machine; () for a small console that calculates. `faults`: see sessions/channel.py."""

    program: tuple[str, ...] = ()
    faults: Faults = field(default_factory=Faults)


_said = Said()


def say(**wanted: Any) -> dict[str, Any]:
    """From the next session on."""
    global _said
    program = tuple(wanted.pop("program", ()))
    _said = Said(program, Faults(**wanted))
    return asdict(_said)


def said() -> Said:
    return _said


@registry.on_reset
def _forget() -> None:
    global _said
    _said = Said()
