"""What is at the other end of sessions, and what goes wrong on the way, from the next session on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .. import registry
from .faults import Faults


@dataclass(frozen=True)
class Settings:
    """`program`: words of a command of this machine; () for the default one. `port`: one of this machine that stands for wherever
    forwarded ports lead. `faults`: see faults.py.
    """

    program: tuple[str, ...] = ()
    port: int | None = None
    faults: Faults = field(default_factory=Faults)


_settings = Settings()
_default: tuple[str, ...] = ("cat",)


def use(program: list[str] | tuple[str, ...] = (), port: int | None = None, **faults: Any) -> Settings:
    """Take these from the next session on; what is not said is as usual."""
    global _settings
    _settings = Settings(tuple(program), port, Faults(**faults))
    return _settings


def use_default(program: tuple[str, ...]) -> None:
    """What runs in sessions of which no program is said."""
    global _default
    _default = program


def current() -> Settings:
    return _settings


def program() -> tuple[str, ...]:
    """The words of the command that runs in a session."""
    return _settings.program or _default


@registry.on_reset
def _forget() -> None:
    use()
