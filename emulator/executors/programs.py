"""Which program of this machine an image stands for.

A file that `start --programs` takes, and the control endpoint `programs`, say it by patterns of images:

    {"*/shop:*": {"folder": "examples/shop", "command": ["bin/rails", "server"], "environment": {"LANG": "C.UTF-8"}}}
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from .. import registry
from ..process import CONTAINER, SCRIPT
from . import engine, keeper
from .running import Reaches


@dataclass(frozen=True)
class Program:
    """`folder`: what the image has in its working directory. `root`: a root file system around it, in which `folder` is a path; needs root.
    `image`: an image of podman or docker instead of both.

    `patience`: for how many real seconds the clock waits at most until it answers, or a one-off program has ended.
    `entry_point` and `command` are the image's own, which a task definition may replace. `environment` is the image's ENV.
    """

    folder: str = ""
    command: list[str] = field(default_factory=list)
    image: str = ""
    entry_point: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    root: str = ""
    patience: float = 30.0


@dataclass(frozen=True)
class Prepared:
    """What a new process needs. `inside`: its folder as the program sees it; `end` when it has ended."""

    words: list[str]
    folder: str
    environment: dict[str, str]
    inside: str
    ways: ExitStack

    def end(self) -> None:
        self.ways.close()
        shutil.rmtree(self.folder, ignore_errors=True)


# What is changed in the environment of a program: addresses that do not resolve here, by what it reaches. What is made for it is given up
# with the stack.
environments: list[Callable[[dict[str, str], Reaches, ExitStack], dict[str, str]]] = []
# Those of the machine's variables that programs have.
KEPT = ("PATH", "LANG", "TZ")
LEFT_OUT = shutil.ignore_patterns(".git", "log", "tmp")
_programs: dict[str, Program] = {}
_executor = SCRIPT


def use(executor: str) -> None:
    """From now on containers do what this one of `process.EXECUTORS` says."""
    global _executor
    _executor = executor


def executor() -> str:
    return _executor


def possible() -> bool:
    """Whether images may have programs."""
    return _executor != SCRIPT


def add(wanted: dict[str, Any]) -> list[str]:
    """Say which programs images stand for; the newest pattern that matches counts. Raises ValueError, for a missing folder too."""
    if not possible():
        raise ValueError("this emulator only plays scripts; stop it, and start it with --executor process")
    for pattern, said in wanted.items():
        program = Program(**said)
        if program.image:
            _check_image(program.image)
        elif not (Path(program.root or "/") / program.folder.lstrip("/")).is_dir():
            raise ValueError(f"{program.root}{program.folder} is not a folder")
        _programs.pop(pattern, None)
        _programs[pattern] = program
    return list(_programs)


def _check_image(image: str) -> None:
    if _executor != CONTAINER:
        raise ValueError("containers of podman or docker run where it was started with --executor container")
    if not engine.has(image):
        raise ValueError(f"{engine.path()} has no image {image}")


def read(path: Path) -> dict[str, Any]:
    """What a file says. A folder in it may be relative to the file's own. Raises ValueError."""
    try:
        said: dict[str, Any] = json.loads(path.read_text())
        return {pattern: {**one, "folder": _absolute(path.parent, one)} for pattern, one in said.items()}
    except (OSError, AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{path} does not say which programs images stand for: {error}") from error


def _absolute(beside: Path, said: dict[str, Any]) -> str:
    if said.get("image"):
        return ""
    return str(said["folder"] if said.get("root") else (beside / said["folder"]).resolve())


def find(image: str) -> Program | None:
    """The program of an image; None for one that only plays."""
    return next((program for pattern, program in reversed(_programs.items()) if fnmatchcase(image, pattern)), None)


def kept() -> dict[str, str]:
    return {variable: os.environ[variable] for variable in KEPT if variable in os.environ}


def prepare(program: Program, words: list[str], given: dict[str, str], reaches: Reaches) -> Prepared:
    """A copy of the program's folder, with the folders that its Dockerfile makes, and its environment."""
    name = uuid.uuid4().hex[:12]
    inside = f"{program.folder.rstrip('/')}-{name}" if program.root else str(keeper.folder() / name)
    folder = f"{program.root}{inside}"
    shutil.copytree(f"{program.root}{program.folder}", folder, symlinks=True, ignore=LEFT_OUT)
    for made in ("log", "tmp/pids"):
        Path(folder, made).mkdir(parents=True, exist_ok=True)
    ways = ExitStack()
    for change in environments:
        given = change(given, reaches, ways)
    environment = {**kept(), "HOME": inside, **program.environment, **given}
    if program.root:
        words = ["chroot", program.root, "/bin/sh", "-c", 'cd "$0" && exec "$@"', inside, *words]
    return Prepared(words, folder, environment, inside, ways)


@registry.control_endpoint("programs")
def _control(wanted: dict[str, Any]) -> list[str]:
    return add(wanted)


@registry.on_reset
def _forget() -> None:
    _programs.clear()
