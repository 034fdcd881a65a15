# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A commit of a git checkout, as a folder of exactly its files: what a pipeline would be given of it.

What git ignores is not in it, so that no key and no log beside the source gets into an image. A checkout with changes is a tree of its own,
which is written to a temporary folder; nothing of the repository is touched.
https://git-scm.com/docs/git#_environment_variables, https://git-scm.com/docs/git-archive
"""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .._core.errors import RailyardError

SHORT = 12
NAMED = 5


@dataclass(frozen=True)
class Source:
    """`folder` has the files. `revision`: the whole commit, with `-dirty` behind it where something has changed since. `tag`: its first 12
    characters; with changes, also what says which."""

    folder: str
    revision: str
    tag: str


@contextmanager
def opened(folder: str, dirty: bool) -> Iterator[Source]:
    """The source of the checkout that `folder` is in. Raises RailyardError where there is none, and for changes unless `dirty`."""
    root = _git(folder, "rev-parse", "--show-toplevel")
    commit = _git(root, "rev-parse", "--verify", "HEAD^{commit}")
    changed = _git(root, "status", "--porcelain").splitlines()
    if changed and not dirty:
        raise RailyardError(_refusal(root, commit, changed))
    with tempfile.TemporaryDirectory(prefix="railyard-source-") as kept:
        own = _apart(root, kept) if changed else {}
        tree = _tree(root, own) if changed else commit
        target = Path(kept, "source")
        _unpack(root, tree, target, own)
        named = (f"{commit}-dirty", f"{commit[:SHORT]}-dirty-{tree[:8]}") if changed else (commit, commit[:SHORT])
        yield Source(str(target), *named)


def _refusal(root: str, commit: str, changed: list[str]) -> str:
    names = ", ".join(line[3:] for line in changed[:NAMED]) + (f" and {len(changed) - NAMED} more" if len(changed) > NAMED else "")
    what = f"{root} is not as commit {commit[:SHORT]} says: {names}"
    return f"{what}. Commit it, or build it as it is with -e dirty=yes, under a tag that says so"


def _apart(root: str, kept: str) -> dict[str, str]:
    """An index and a store of objects beside those of the repository."""
    objects = Path(root, _git(root, "rev-parse", "--git-path", "objects"))
    own = Path(kept, "objects")
    own.mkdir()
    return {"GIT_INDEX_FILE": f"{kept}/index", "GIT_OBJECT_DIRECTORY": str(own), "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects)}


def _tree(root: str, own: Mapping[str, str]) -> str:
    """The checkout as it is, as a tree."""
    _git(root, "read-tree", "HEAD", own=own)
    _git(root, "add", "--all", own=own)
    return _git(root, "write-tree", own=own)


def _unpack(root: str, tree: str, target: Path, own: Mapping[str, str]) -> None:
    target.mkdir()
    with tarfile.open(fileobj=io.BytesIO(_output(root, ("archive", "--format=tar", tree), own))) as archive:
        archive.extractall(target, filter="tar")


def _git(folder: str, *words: str, own: Mapping[str, str] | None = None) -> str:
    return _output(folder, words, own or {}).decode(errors="replace").rstrip("\n")


def _output(folder: str, words: tuple[str, ...], own: Mapping[str, str]) -> bytes:
    """What git prints. Raises RailyardError with its words."""
    try:
        done = subprocess.run(["git", "-C", folder, *words], capture_output=True, check=False, env={**os.environ, **own})
    except FileNotFoundError as error:
        raise RailyardError("there is no git on this machine, which says what is built; install it") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise RailyardError(f"{folder} cannot be built: {said or 'git has failed'}")
    return done.stdout
