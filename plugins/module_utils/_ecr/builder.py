# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Programs that build images on this machine: what they are called with, and which of them works.

https://docs.docker.com/reference/cli/docker/buildx/build/, https://github.com/containers/buildah/blob/main/docs/buildah-build.1.md
"""

from __future__ import annotations

import os
import selectors
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from .._core import interruption
from .._core.errors import RailyardError
from .._core.progress import Say

PROGRAMS = ("docker", "buildah")
# Buildah makes one image without attestations by itself.
OF_BUILDX = ("--provenance", "--sbom")
LAST = 15
PAUSE = 0.3
PAGES = {"Docker": "https://docs.docker.com/engine/install", "Buildah": "https://github.com/containers/buildah/blob/main/install.md"}
INSTALL = f"Install Docker with its plugin Buildx ({PAGES['Docker']}) and start it, or Buildah ({PAGES['Buildah']})"


@dataclass(frozen=True)
class Order:
    """`options`: words of `docker buildx build`. `reference`: repository and tag. `context`: a folder in that of the source."""

    options: tuple[str, ...]
    reference: str
    context: str


def find(wanted: str | None) -> str:
    """The first program that works, or the one that is wanted. Raises RailyardError with what each of them says, and what to install."""
    said = {name: _complaint(name) for name in ([wanted] if wanted else PROGRAMS)}
    works = next((name for name, complaint in said.items() if not complaint), None)
    if works is None:
        raise RailyardError(f"no image can be built here: {'; '.join(said.values())}. {INSTALL}")
    return works


def _complaint(name: str) -> str:
    """Why a program does not work; "" when it does."""
    if name == "buildah":
        return _tried(("buildah", "info"))[0]
    complaint, version = _tried(("docker", "buildx", "version"))
    if complaint:
        return complaint
    if "docker/buildx" not in version:
        return "docker is here another program, without buildx"
    return _tried(("docker", "info", "--format", "{{.ServerVersion}}"))[0]


def _tried(command: tuple[str, ...]) -> tuple[str, str]:
    """What is wrong with it, and what it printed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, check=False)
    except OSError:
        return f"there is no {command[0]}", ""
    words = [*done.stderr.strip().splitlines(), *done.stdout.strip().splitlines(), f"exit code {done.returncode}"]
    return (f"{' '.join(command[:2])} says: {words[0]}" if done.returncode else ""), done.stdout


def login(program: str, registry: str) -> list[str]:
    """The command that signs in at a registry; the password is typed into it."""
    return [program, "login", "--username", "AWS", "--password-stdin", registry]


def commands(program: str, order: Order) -> list[list[str]]:
    """What builds and pushes. Pure."""
    if program == "docker":
        return [["docker", "buildx", "build", *order.options, "--tag", order.reference, "--push", order.context]]
    options = [word for word in order.options if not word.startswith(OF_BUILDX)]
    build = ["buildah", "build", "--layers", *options, "--tag", order.reference, order.context]
    return [build, ["buildah", "push", order.reference]]


@dataclass(frozen=True)
class Runner:
    """Where commands run: `folder`, with `secrets` as variables of their environment, of which nothing is said."""

    folder: str
    secrets: Mapping[str, str]
    say: Say

    def run(self, command: list[str], typed: str = "") -> None:
        """Raises RailyardError with the last lines of a command that fails, and Interrupted when somebody wants the run to end."""
        environment = {**os.environ, **self.secrets}
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.folder, env=environment
        ) as process:
            try:
                last = self._follow(process, typed)
            except BaseException:
                process.terminate()
                raise
        if process.returncode:
            raise RailyardError("\n  ".join([f"{' '.join(command[:2])} has failed:", *last]))

    def _follow(self, process: subprocess.Popen[bytes], typed: str) -> list[str]:
        """Say its lines to its end; the last of them."""
        if process.stdin is None or process.stdout is None:
            raise ValueError("a process without pipes")
        # A program that fails at once reads nothing.
        with suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(typed.encode())
        last, rest = list[str](), b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while True:
                interruption.check()
                if not selector.select(PAUSE):
                    continue
                data = os.read(process.stdout.fileno(), 65536)
                *lines, rest = (rest + data).split(b"\n")
                last = [*last, *self._said([*lines, *([rest] if rest and not data else [])])][-LAST:]
                if not data:
                    return last

    def _said(self, lines: Iterable[bytes]) -> list[str]:
        hidden = [self._hidden(line.decode(errors="replace").rstrip("\r")) for line in lines]
        for line in hidden:
            self.say(line)
        return [line for line in hidden if line.strip()]

    def _hidden(self, line: str) -> str:
        for value in self.secrets.values():
            line = line.replace(value, "***") if value else line
        return line
