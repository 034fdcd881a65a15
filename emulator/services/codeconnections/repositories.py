"""The emulated GitHub: repositories of commits, outside of any account. `python -m emulator push FOLDER` fills it.

    pushed = repositories.push("acme/shop", "main", tree, "Totals of orders", Author("Ada", "ada@example.com"))
    repositories.head("acme/shop", "main"), repositories.commit("acme/shop", pushed.commit.id)

Whoever starts something when there is a new commit registers with `on_push`. Names keep their case, as they do in connections.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ... import registry, world


@dataclass(frozen=True)
class Author:
    name: str
    email: str = ""


@dataclass(frozen=True)
class Commit:
    """`tree`: the files as a zip. `changed`: paths that the commit adds, changes or removes, in order. `parent`: "" for the first."""

    id: str
    repository: str
    branch: str
    message: str
    author: Author
    time: datetime
    tree: bytes
    changed: tuple[str, ...]
    parent: str = ""


@dataclass(frozen=True)
class Push:
    """A branch that was moved to a commit. `created`: there was no such branch before."""

    commit: Commit
    created: bool

    @property
    def repository(self) -> str:
        return self.commit.repository

    @property
    def branch(self) -> str:
        return self.commit.branch


# Each is told of a push, and says what it has started, in a line each.
Hook = Callable[[Push], list[str]]
_hooks: list[Hook] = []
_branches: dict[tuple[str, str], str] = {}
_commits: dict[tuple[str, str], Commit] = {}


def on_push(hook: Hook) -> Hook:
    """Tell this function of each push, in the order of registration."""
    _hooks.append(hook)
    return hook


def exists(repository: str) -> bool:
    return any(name == repository for name, _ in _branches)


def branches(repository: str) -> list[str]:
    return sorted(branch for name, branch in _branches if name == repository)


def head(repository: str, branch: str) -> Commit | None:
    """The newest commit of a branch; None where there is no such repository or branch."""
    found = _branches.get((repository, branch))
    return _commits[repository, found] if found else None


def commit(repository: str, identity: str) -> Commit | None:
    """The commit of an id, of which the first seven characters are enough."""
    if len(identity) < 7:
        return None
    found = [each for (name, known), each in _commits.items() if name == repository and known.startswith(identity)]
    return found[0] if len(found) == 1 else None


def push(repository: str, branch: str, tree: bytes, message: str, author: Author, told: list[str] | None = None) -> Push:
    """Move a branch to a new commit, or create it. `told` gets what was started because of it. Raises zipfile.BadZipFile."""
    before, now = head(repository, branch), world.clock.utc()
    changed = _changed(before.tree if before else b"", tree)
    parent = before.id if before else ""
    text = "\0".join((repository, parent, message, author.name, author.email, now.isoformat(), hashlib.sha256(tree).hexdigest()))
    identity = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    made = Commit(identity, repository, branch, message, author, now, tree, changed, parent)
    _commits[repository, identity] = made
    _branches[repository, branch] = identity
    pushed = Push(made, before is None)
    for hook in _hooks:
        started = hook(pushed)
        if told is not None:
            told += started
    return pushed


def _changed(before: bytes, after: bytes) -> tuple[str, ...]:
    old, new = _contents(before), _contents(after)
    return tuple(sorted(name for name in {*old, *new} if old.get(name) != new.get(name)))


def _contents(tree: bytes) -> dict[str, tuple[int, int, int]]:
    """Check sum, size and mode of each file."""
    if not tree:
        return {}
    with zipfile.ZipFile(io.BytesIO(tree)) as packed:
        return {entry.filename: (entry.CRC, entry.file_size, entry.external_attr) for entry in packed.infolist() if not entry.is_dir()}


@registry.control_endpoint("source")
def _control(wanted: dict[str, Any]) -> dict[str, Any]:
    """A push from outside: `tree` is a zip in base64. Answers with the commit's id and what it has started."""
    if (repository := wanted["repository"]).count("/") != 1 or not all(repository.split("/")):
        raise ValueError(f"{repository} is not OWNER/NAME")
    told: list[str] = []
    author = Author(wanted.get("author", ""), wanted.get("email", ""))
    pushed = push(repository, wanted["branch"], base64.b64decode(wanted["tree"]), wanted["message"], author, told)
    return {"commit": pushed.commit.id, "created": pushed.created, "changed": list(pushed.commit.changed), "started": told}


@registry.on_reset
def _forget() -> None:
    _branches.clear()
    _commits.clear()
