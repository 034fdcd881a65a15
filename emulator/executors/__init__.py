"""What a container does when it runs. An executor has a function `begin(container) -> Running`; what it begins has three more
(`running.py`).

`script` plays what scripts say, in AWS's time. `process` runs a program of this machine for each container whose image has one
(`programs.py`), and `postgres` is its database. An emulator has the second only if it was started with it.
"""

from __future__ import annotations

from . import postgres, process, programs, script
from .running import Container, Running

__all__ = ["begin", "postgres", "process", "programs", "real", "script"]


def real(image: str) -> bool:
    """Whether containers of an image run really."""
    return programs.find(image) is not None


def begin(container: Container) -> Running:
    program = programs.find(container.image)
    return script.begin(container) if program is None else process.begin(container, program)
