"""The folders of a build, and the files of its artifacts.

Paths that a specification names are matched as CodeBuild does: `*` within a folder, `**/*` in all.
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.files
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...executors import keeper
from .buildspec import Artifacts


class Unmatched(Exception):
    """Artifacts that are not there, in AWS's words, and what is logged of the search."""

    def __init__(self, message: str, log: list[str]) -> None:
        super().__init__(message)
        self.message, self.log = message, log


@dataclass(frozen=True)
class Folders:
    """`scripts` is what the runner itself keeps there."""

    root: Path
    source: Path
    home: Path
    scripts: Path

    @classmethod
    def make(cls, name: str) -> Folders:
        root = keeper.folder() / f"build-{name}"
        made = cls(root, root / "src" / "src", root / "root", root / "scripts")
        for folder in (made.source, made.home, made.scripts, root / "tmp"):
            folder.mkdir(parents=True)
        return made

    def further(self, number: int) -> Path:
        """The folder of an input beside the first."""
        folder = self.root / f"src{number}"
        folder.mkdir()
        return folder

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


def files(folder: Path) -> Iterator[str]:
    """All files below a folder, by their paths in it, in order."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for path in (Path(place) / name for name in sorted([*names, *links])):
            if path.is_symlink() or path.is_file():
                yield path.relative_to(folder).as_posix()


def pattern(text: str) -> re.Pattern[str]:
    """A path of a specification as a regular expression."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", text.removeprefix("./"))
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(known.get(part) or re.escape(part) for part in parts))


def collect(said: Artifacts, source: Path) -> tuple[dict[str, Path], list[str]]:
    """The files of an artifact by their names in it, and what is logged of the search. Raises Unmatched."""
    base = _base(said.base, source)
    log = [f"Expanding base directory path: {said.base}", "Assembling file list", f"Expanding {said.base}"]
    log += [f"Expanding file paths for base directory {said.base}", "Assembling file list"]
    there = list(files(base))
    left_out = [pattern(each) for each in said.exclude]
    found: dict[str, Path] = {}
    for wanted in said.files:
        log.append(f"Expanding {wanted}")
        matched = [name for name in _matched(wanted, base, there) if not any(each.fullmatch(name) for each in left_out)]
        log.append(f"Found {len(matched)} file(s)" if matched else f"Skipping invalid file path {wanted}")
        found |= {Path(name).name if said.discard else name: base / name for name in matched}
    if not found:
        raise Unmatched("no matching artifact paths found", log)
    return found, log


def _matched(wanted: str, base: Path, there: Sequence[str]) -> list[str]:
    """Below the base by their paths in it; one that is said with its whole path by its name."""
    if wanted.startswith("/"):
        path = Path(wanted)
        return [os.path.relpath(path, base)] if path.is_file() else []
    regular = pattern(wanted)
    return [name for name in there if regular.fullmatch(name)]


def _base(said: str, source: Path) -> Path:
    if "*" not in said and "?" not in said:
        found = [source / said] if (source / said).is_dir() else []
    else:
        regular = pattern(said)
        folders = (Path(place).relative_to(source).as_posix() for place, _, _ in os.walk(source))
        found = [source / name for name in sorted(folders) if regular.fullmatch(name)]
    if not found:
        raise Unmatched(f"no matching base directory path found for {said}", [f"Expanding base directory path: {said}"])
    return found[0]
