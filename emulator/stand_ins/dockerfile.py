"""What a Dockerfile says, as far as an image is described by it. https://docs.docker.com/reference/dockerfile/"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)(?::-(?P<default>[^}]*))?\}|(?P<plain>\w+))")
HEREDOC = re.compile(r"<<-?['\"]?(\w+)['\"]?")


class BuildError(Exception):
    """What docker says on its last line."""


@dataclass
class Stage:
    """`steps` are instructions with their words, in order. `base` is an image, or another stage's name."""

    name: str
    base: str
    number: int
    steps: list[tuple[str, str]] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.name or f"stage-{self.number}"

    def uses(self) -> Iterator[str]:
        """Names of stages or images that it copies from or mounts."""
        for _, words in self.steps:
            yield from re.findall(r"--from=(\S+)|(?<=,)from=([^,\s]+)", words) and [
                name for pair in re.findall(r"--from=(\S+)|(?<=,)from=([^,\s]+)", words) for name in pair if name
            ]


def read(path: Path, shown: str, arguments: Mapping[str, str]) -> list[Stage]:
    """The stages. `shown` is the path as it was said; `arguments` are those of --build-arg. Raises BuildError."""
    if not path.is_file():
        raise BuildError(f"failed to solve: failed to read dockerfile: open {shown}: no such file or directory")
    stages, known = list[Stage](), dict[str, str]()
    for instruction, words in _instructions(path.read_text(errors="replace")):
        if instruction == "ARG" and not stages:
            name, _, default = words.partition("=")
            known[name.strip()] = arguments.get(name.strip(), default.strip("'\""))
        elif instruction == "FROM":
            stages.append(_stage(words, known, len(stages)))
        elif not stages:
            raise BuildError("failed to solve: dockerfile parse error: no build stage in current context")
        else:
            stages[-1].steps.append((instruction, words))
    if not stages:
        raise BuildError(
            "failed to solve: the Dockerfile cannot be empty" if not path.read_text().strip() else "no build stage in current context"
        )
    return stages


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = iter(text.splitlines())
    for line in lines:
        whole = line.strip()
        if not whole or whole.startswith("#"):
            continue
        while whole.endswith("\\"):
            more = next(lines, "").strip()
            whole = whole if more.startswith("#") else f"{whole[:-1].rstrip()} {more}"
        for end in HEREDOC.findall(whole):
            for inner in lines:
                if inner.strip() == end:
                    break
        instruction, _, words = whole.partition(" ")
        yield instruction.upper(), words.strip()


def _stage(words: str, known: Mapping[str, str], number: int) -> Stage:
    parts = [part for part in substitute(words, known).split() if not part.startswith("--platform")]
    if not parts:
        raise BuildError("failed to solve: dockerfile parse error: FROM requires either one or three arguments")
    name = parts[2] if len(parts) == 3 and parts[1].upper() == "AS" else ""
    return Stage(name.lower(), parts[0], number)


def substitute(text: str, known: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return known.get(found["braced"] or found["plain"], found["default"] or "") or found["default"] or ""

    return VARIABLE.sub(value, text)


def needed(stages: list[Stage], target: str) -> list[Stage]:
    """The stages that a target is built of, the target last. Raises BuildError."""
    by_name = {stage.name or str(stage.number): stage for stage in stages} | {str(stage.number): stage for stage in stages}
    wanted = by_name.get(target.lower()) if target else stages[-1]
    if wanted is None:
        raise BuildError(f'failed to solve: target stage "{target}" could not be found')
    found: dict[int, Stage] = {}

    def add(stage: Stage) -> None:
        for name in (stage.base, *stage.uses()):
            other = by_name.get(name.lower())
            if other is not None and other.number < stage.number and other.number not in found:
                add(other)
        found[stage.number] = stage

    add(wanted)
    return list(found.values())


def bases(stages: list[Stage]) -> list[str]:
    """The images that are pulled, each once."""
    names = {stage.name for stage in stages if stage.name} | {str(stage.number) for stage in stages}
    pulled = [name for stage in stages for name in (stage.base, *stage.uses())]
    return list(dict.fromkeys(name for name in pulled if name.lower() not in names and name != "scratch"))


def copied(stage: Stage) -> Iterator[str]:
    """What a stage copies out of the context."""
    for instruction, words in stage.steps:
        if instruction in ("COPY", "ADD") and "--from=" not in words and "<<" not in words:
            parts = json.loads(words) if words.lstrip().startswith("[") else shlex.split(words)
            sources = [part for part in parts if not part.startswith("--")][:-1]
            yield from (part for part in sources if not re.match(r"https?://|git@", part) and "$" not in part)


def config(stages: list[Stage], arguments: Mapping[str, str]) -> dict[str, object]:
    """The configuration of an image of the last stage: environment, command, user and so on."""
    known, found, labels, environment = dict[str, str](), dict[str, object](), dict[str, str](), list[str]()
    for instruction, words in (step for stage in stages if stage in _line(stages) for step in stage.steps):
        if instruction == "ARG":
            name, _, default = words.partition("=")
            known[name.strip()] = arguments.get(name.strip(), default.strip("'\""))
        elif instruction in ("ENV", "LABEL"):
            pairs = [pair.partition("=") for pair in shlex.split(substitute(words, known)) if "=" in pair]
            known |= {name: value for name, _, value in pairs} if instruction == "ENV" else {}
            environment += [f"{name}={value}" for name, _, value in pairs] if instruction == "ENV" else []
            labels |= {name: value for name, _, value in pairs} if instruction == "LABEL" else {}
        elif instruction in ("CMD", "ENTRYPOINT"):
            said = json.loads(words) if words.startswith("[") else ["/bin/sh", "-c", words]
            found["Cmd" if instruction == "CMD" else "Entrypoint"] = said
        elif instruction in ("USER", "WORKDIR"):
            found["User" if instruction == "USER" else "WorkingDir"] = substitute(words, known)
    return {**found, "Env": environment, "Labels": labels}


def _line(stages: list[Stage]) -> list[Stage]:
    """The last stage and those that it is based on."""
    line = [stages[-1]]
    while (before := next((stage for stage in stages if stage.name and stage.name == line[0].base.lower()), None)) is not None:
        line.insert(0, before)
    return line


def declared(stages: list[Stage]) -> set[str]:
    """Arguments that the stages use, which alone make a difference."""
    return {words.partition("=")[0].strip() for stage in stages for instruction, words in stage.steps if instruction == "ARG"}
