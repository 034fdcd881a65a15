# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of processes: size, count, scaling, and the health check of `web`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._ecs.fargate import SIZES
from .problem import Path, Problem, nearest, one_of

SIZED = ("cpu", "memory", "min", "max")
MOST_TASKS = 5000
# Families and log groups of these names belong to one-off tasks, the console and releases.
RESERVED = ("run", "console", "release")


def sized(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every process with the sizes of this environment over what all environments share."""
    sizes = description.get("railyard_sizes", {})
    return {name: {**process, **sizes.get(name, {})} for name, process in description.get("railyard_processes", {}).items()}


def located(description: dict[str, Any], process: str, key: str) -> Path:
    """The path of a process's value: in the environment's sizes when they have it, else in `railyard_processes`."""
    shared = key in description.get("railyard_processes", {}).get(process, {})
    own = key in description.get("railyard_sizes", {}).get(process, {})
    return ("railyard_processes", process, key) if shared and not own else ("railyard_sizes", process, key)


def web(description: dict[str, Any]) -> Iterator[Problem]:
    """One process, `web`, stands behind the load balancer."""
    processes = description.get("railyard_processes")
    if processes is None:
        return
    if "web" not in processes:
        example = "web: {port: 3000, health: /up}"
        close = nearest("web", list(processes))
        right = f"{example}{f' ({close})' if close.startswith('did') else ''}"
        yield Problem("no process is called web, the one behind the load balancer", ("railyard_processes", "web"), right)
        return
    process = processes["web"]
    for key, example in {"port": "the port on which the server listens, 3000 for example", "health": "a path such as /up"}.items():
        if key not in process:
            yield Problem(f"web has no {key}", ("railyard_processes", "web", key), example)


def names(description: dict[str, Any]) -> Iterator[Problem]:
    for name in description.get("railyard_processes", {}):
        if name in RESERVED:
            yield Problem(f"no process can be called {name}: the name is taken", ("railyard_processes", name), f"not {one_of(RESERVED)}")


def ports(description: dict[str, Any]) -> Iterator[Problem]:
    for name, process in description.get("railyard_processes", {}).items():
        port = process.get("port")
        if port is not None and not 1 <= port <= 65535:
            yield Problem(f"there is no port {port}", ("railyard_processes", name, "port"), "1 to 65535, 3000 for example")


def health_paths(description: dict[str, Any]) -> Iterator[Problem]:
    for name, process in description.get("railyard_processes", {}).items():
        path = process.get("health")
        where = ("railyard_processes", name, "health")
        if path is None:
            continue
        if not path.startswith("/"):
            yield Problem(f"{path!r} is no path: it does not begin with a slash", where, f"/{path}")
        elif len(path) > 1024 or any(character.isspace() for character in path):
            yield Problem(f"{path!r} is no path that a load balancer can ask for", where, "at most 1024 characters, none of them a space")


def commands(description: dict[str, Any]) -> Iterator[Problem]:
    """Problems of commands: a command is a list of words of which the first is a program. It is not split, and no shell runs it."""
    for variable in ("railyard_processes", "railyard_schedules"):
        for name, entry in description.get(variable, {}).items():
            yield from _command(entry.get("command"), (variable, name, "command"))


def _command(words: list[Any] | None, path: Path) -> Iterator[Problem]:
    if words is None or (words and not isinstance(words[0], str)):
        return
    schedule = path[0] == "railyard_schedules"
    if not words:
        right = "a list of words" if schedule else "a list of words; left out, what the image runs is run"
        yield Problem("the command has no words", path, right)
    elif not words[0].strip():
        yield Problem("the command begins with an empty word", path, "the name of a program first, bundle for example")
    elif len(words[0].split()) > 1:
        split = f"[{', '.join([*words[0].split(), *(str(word) for word in words[1:])])}]"
        yield Problem(f"the program would be {words[0]!r}, one word with blanks in it", path, f"each word by itself: {split}")


def fargate(description: dict[str, Any]) -> Iterator[Problem]:
    """Problems of pairs of CPU and memory that Fargate does not have (rule ECS-T3)."""
    for name, process in sized(description).items():
        cpu, memory = process.get("cpu"), process.get("memory")
        if cpu is not None and cpu not in SIZES:
            yield Problem(f"Fargate has no size with {cpu} CPU units", located(description, name, "cpu"), one_of(SIZES))
        elif cpu is not None and memory is not None and memory not in SIZES[cpu]:
            what = f"Fargate has no size with {cpu} CPU units and {memory} MiB of memory"
            yield Problem(what, located(description, name, "memory"), f"with cpu {cpu}: {one_of(SIZES[cpu])}")


def complete(description: dict[str, Any]) -> Iterator[Problem]:
    """Each process needs a size; its environment says which."""
    if "railyard_sizes" not in description:
        return
    for name, process in sized(description).items():
        missing = [key for key in SIZED if key not in process]
        if missing:
            path: Path = ("railyard_sizes", name)
            yield Problem(f"{name} has no {one_of(missing)}", path, f"{name}: {{cpu: 256, memory: 512, min: 1, max: 2}}")


def counts(description: dict[str, Any]) -> Iterator[Problem]:
    """How many tasks there may be (rule AAS-1)."""
    for name, process in sized(description).items():
        least, most = process.get("min"), process.get("max")
        if least is not None and least < (1 if name == "web" else 0):
            right = "1 or more: with none, nobody answers" if name == "web" else "0 or more"
            yield Problem(f"{name} cannot have a minimum of {least} tasks", located(description, name, "min"), right)
        if most is not None and not 1 <= most <= MOST_TASKS:
            yield Problem(f"{name} cannot have a maximum of {most} tasks", located(description, name, "max"), f"1 to {MOST_TASKS}")
        elif least is not None and most is not None and least > most:
            what = f"{name} has a minimum of {least} tasks, and a maximum of {most}"
            yield Problem(what, located(description, name, "min"), f"min at most {most}, or max at least {least}")


def scaling(description: dict[str, Any]) -> Iterator[Problem]:
    """Targets of automatic scaling: percent of CPU and memory, requests a minute and task."""
    for name, process in sized(description).items():
        path = located(description, name, "scale")
        for key, value in (process.get("scale") or {}).items():
            if value is None:
                continue
            if key == "requests" and name != "web":
                yield Problem(f"{name} gets no requests from the load balancer to scale by", (*path, key), "cpu or memory")
            elif key == "requests" and value < 1:
                yield Problem(f"{value} requests a minute and task is no target", (*path, key), "1 or more, 800 for example")
            elif key != "requests" and not 1 <= value <= 100:
                yield Problem(f"{value} percent is no target", (*path, key), "1 to 100, 60 for example")
