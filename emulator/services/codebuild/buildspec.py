"""Build specifications, version 0.2. https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash", "powershell.exe", "powershell")
ON_FAILURE = re.compile(r"ABORT|CONTINUE|RETRY(?:-(?P<count>\d{1,3}))?(?:-(?P<expression>.+))?")
VERSIONS = ("0.1", "0.2")
ENVIRONMENT = ("shell", "variables", "parameter-store", "secrets-manager", "exported-variables", "git-credential-helper")


class Invalid(Exception):
    """What a specification has wrong, in AWS's words where they are known."""


@dataclass(frozen=True)
class Phase:
    commands: tuple[str, ...] = ()
    finally_: tuple[str, ...] = ()
    on_failure: str = ""


@dataclass(frozen=True)
class Artifacts:
    files: tuple[str, ...]
    base: str = "."
    exclude: tuple[str, ...] = ()
    discard: bool = False
    name: str = ""


@dataclass(frozen=True)
class Buildspec:
    """`variables`, `parameters` and `secrets`: what the specification says by names of variables. `phases` by names in lower case."""

    shell: str = "sh"
    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    exported: tuple[str, ...] = ()
    phases: Mapping[str, Phase] = field(default_factory=dict)
    artifacts: Artifacts | None = None
    secondary: Mapping[str, Artifacts] = field(default_factory=dict)


def parse(text: str) -> Buildspec:
    """Raises Invalid."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content, node = yaml.load(text, loader), yaml.compose(text, loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Invalid(f"{error.problem} at line {line}") from None
    except yaml.YAMLError as error:
        raise Invalid(str(error)) from None
    _check_commands(node)
    return read(content)


def _check_commands(node: Any) -> None:
    """A command that YAML takes for a mapping: AWS says on which line."""
    for name, phase in _members(_member(node, "phases")):
        commands = _member(phase, "commands") if name in PHASES else None
        for index, command in enumerate(commands.value if isinstance(commands, yaml.SequenceNode) else ()):
            if not isinstance(command, yaml.ScalarNode):
                line = command.start_mark.line + 1
                words = f"Expected Commands[{index}] to be of string type: found subkeys instead at line {line}"
                raise Invalid(f"{words}, value of the key tag on line {line - 1} might be empty")


def _members(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), value) for key, value in node.value)


def _member(node: Any, name: str) -> Any:
    return next((value for key, value in _members(node) if key == name), None)


def read(content: Any) -> Buildspec:
    """A specification that was parsed. Raises Invalid."""
    if not isinstance(content, dict):
        raise Invalid("wrong number of container tags, expected 1")
    if str(content.get("version")) not in VERSIONS:
        raise Invalid("Only the following build spec versions are supported: 0.1, 0.2")
    env, phases = _mapping(content, "env"), _mapping(content, "phases")
    if not phases:
        raise Invalid("at least one phase must be specified")
    for unknown in (name for name in phases if name not in PHASES):
        raise Invalid(f"invalid buildspec phase name: {unknown}. Expecting: {','.join(sorted(PHASES))}")
    for unknown in (name for name in env if name not in ENVIRONMENT):
        raise Invalid(f"unknown key {unknown} in env")
    shell = str(env.get("shell", "sh"))
    if shell not in SHELLS:
        raise Invalid(f"invalid shell: {shell}")
    artifacts = _mapping(content, "artifacts")
    secondary = _mapping(artifacts, "secondary-artifacts")
    return Buildspec(
        shell=shell.rpartition("/")[2],
        variables=_texts(env, "variables"),
        parameters=_texts(env, "parameter-store"),
        secrets=_texts(env, "secrets-manager"),
        exported=_list(env, "exported-variables"),
        phases={name: _phase(name, phases[name]) for name in PHASES if phases.get(name)},
        artifacts=_artifacts(artifacts) if artifacts.get("files") else None,
        secondary={name: _artifacts(said) for name, said in secondary.items()},
    )


def _phase(name: str, said: Any) -> Phase:
    if not isinstance(said, dict):
        raise Invalid(f"phase {name} is not a mapping")
    on_failure = str(said.get("on-failure") or "")
    if on_failure and not ON_FAILURE.fullmatch(on_failure):
        raise Invalid(f"invalid on-failure value: {on_failure}")
    return Phase(_list(said, "commands"), _list(said, "finally"), on_failure)


def _artifacts(said: Any) -> Artifacts:
    if not isinstance(said, dict) or not said.get("files"):
        raise Invalid("artifacts must have files")
    discard = str(said.get("discard-paths", "no")).lower() in ("yes", "true")
    return Artifacts(
        _list(said, "files"), str(said.get("base-directory") or "."), _list(said, "exclude-paths"), discard, str(said.get("name") or "")
    )


def _mapping(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = said.get(name) or {}
    if not isinstance(value, dict):
        raise Invalid(f"{name} is not a mapping")
    return value


def _texts(said: Mapping[str, Any], name: str) -> dict[str, str]:
    found = _mapping(said, name)
    for key, value in found.items():
        if isinstance(value, (dict, list)):
            raise Invalid(f"{name}: the value of {key} must be a string")
    return {str(key): _text(value) for key, value in found.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _list(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = said.get(name)
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    for index, item in enumerate(items):
        if isinstance(item, (dict, list)):
            raise Invalid(f"Expected {name.capitalize()}[{index}] to be of string type: found subkeys instead")
    return tuple(_text(item) for item in items)
