"""What a container does when it runs. An executor has a function `begin(container) -> Running`; what it begins has three more
(`running.py`).

`script` plays what scripts say, in AWS's time. `process` runs a program of this machine for each container whose image has one
(`programs.py`), `container` an image of podman or docker, and `postgres` is their database. An emulator has the second only if it was
started with it, or with the third. `shell` is none: it does a part of a build, in every emulator.
"""

from __future__ import annotations

from . import container as containers
from . import postgres, process, programs, script, shell
from .running import Container, Running, alive

__all__ = ["alive", "begin", "containers", "postgres", "process", "programs", "real", "script", "shell"]


def real(image: str) -> bool:
    """Whether containers of an image run really."""
    return programs.find(image) is not None


def begin(container: Container) -> Running:
    program = programs.find(container.image)
    if program is None:
        return script.begin(container)
    return containers.begin(container, program) if program.image else process.begin(container, program)
