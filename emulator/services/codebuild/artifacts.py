"""Which files the artifacts of a build are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .buildspec import Artifacts, Buildspec
from .folders import Unmatched
from .folders import collect as files_of
from .logs import Log

Files = Mapping[str, Path]


def collect(spec: Buildspec, outputs: Sequence[str] | None, source: Path, log: Log) -> dict[str, Files]:
    """Files by their names in each artifact. Raises Unmatched."""
    found: dict[str, Files] = {}
    for name, said in _wanted(spec, outputs).items():
        found[name], lines = files_of(said, source)
        log.said(*lines)
    return found


def _wanted(spec: Buildspec, outputs: Sequence[str] | None) -> dict[str, Artifacts]:
    """By the names of outputs; the primary one of a build that is part of no pipeline is "" (Request.outputs)."""
    if outputs is None:
        return {**({"": spec.artifacts} if spec.artifacts else {}), **spec.secondary}
    if len(outputs) == 1 and outputs[0] not in spec.secondary:
        if spec.artifacts is None:
            raise Unmatched("no definition of artifacts found in the buildspec", [])
        return {outputs[0]: spec.artifacts}
    for name in outputs:
        if name not in spec.secondary:
            raise Unmatched(f"no definition for output artifact {name} found in secondary-artifacts of the buildspec", [])
    return {name: spec.secondary[name] for name in outputs}
