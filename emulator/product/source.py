"""`python -m emulator push FOLDER`: the files of a folder as a commit of the emulated GitHub."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .. import process, zips
from ..process import EmulatorError, State

AUTHOR = re.compile(r"(?P<name>[^<]*?)\s*(?:<(?P<email>[^>]*)>)?")
NOBODY = "developer"


def is_source(folder: Path) -> bool:
    """Whether a word on the command line is a folder of source, and no tag."""
    return folder.is_dir() and ((folder / "Dockerfile").is_file() or (folder / ".git").exists())


def push(state: State, folder: Path, repository: str, branch: str, message: str | None, author: str) -> list[str]:
    """What is to be told: the commit's id, and what it has started."""
    if not folder.is_dir():
        raise EmulatorError(f"{folder} is no folder")
    tree = encoded(folder)
    said = AUTHOR.fullmatch(author or _git(folder, "config", "user.name") or NOBODY)
    answer = process.control(
        state,
        "source",
        repository=repository,
        branch=branch,
        message=message or f"Files of {folder.resolve().name}",
        author=said["name"] if said else author,
        email=(said["email"] if said else "") or _git(folder, "config", "user.email"),
        tree=tree,
    )
    return [answer["commit"], *answer["started"]]


def changed(state: State, repository: str, branch: str, kind: str, reference: str) -> list[str]:
    """What is started by a tag of a branch's newest commit, or by a request to pull it into another branch; a line each."""
    more = {"event": "OPEN"} if kind == "pull_request" else {}
    answer = process.control(state, "codepipeline-change", repository=repository, branch=branch, kind=kind, reference=reference, **more)
    return [f"{line}\n" for line in answer["started"]]


def encoded(folder: Path) -> str:
    """The files as a zip in base64."""
    files = {name: folder / name for name in _files(folder)}
    if not files:
        raise EmulatorError(f"{folder} has no files")
    return base64.b64encode(zips.pack(files)).decode()


def _files(folder: Path) -> Iterator[str]:
    """Those that git tracks, as they are now, and those that it does not ignore; without git all. `.git` is none of them."""
    listed = _git(folder, "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", ".") if _is_git(folder) else ""
    names = listed.split("\0") if listed else [_relative(folder, place, name) for place, _, some in os.walk(folder) for name in some]
    for name in sorted({name for name in names if name and name.split("/")[0] != ".git"}):
        path = folder / name
        if path.is_symlink() or path.is_file():
            yield name


def _relative(folder: Path, place: str, name: str) -> str:
    return (Path(place) / name).relative_to(folder).as_posix()


def _is_git(folder: Path) -> bool:
    return _git(folder, "rev-parse", "--is-inside-work-tree") == "true" and bool(_git(folder, "ls-files", "--", "."))


def _git(folder: Path, *words: str) -> str:
    """What git says; "" where it fails, or is not there."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip("\n") if done.returncode == 0 else ""
