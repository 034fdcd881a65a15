# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reads of a run, for the next one: a private file of requests, without answers and without credentials. Safe to delete."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from .request import Request

VERSION = 2
# A run that reads more than this is not the kind that this is for.
MOST = 5000
# Records of so many inventories and playbooks are kept.
KEPT = 50


@dataclasses.dataclass(frozen=True)
class Entry:
    """A request; the host that it was made for; which of the host's identities made it, as one host may use several; how many writes and
    sleeps were noticed before it; whether the next run is likely to make it, too."""

    host: str
    identity: int
    part: int
    request: Request
    likely: bool = True

    @property
    def same(self) -> tuple[str, int, Request]:
        return self.host, self.identity, self.request


def judged(entries: list[Entry], last: list[Entry], converges: bool) -> list[Entry]:
    """The entries of a run, with what is likely. `last`: those of the run before. `converges`: whether a run that has written is followed
    by one that reads the same, as one of `site.yml` is.

    Once a run has written, it asks for things that no other run will ask for, a task or a release: likely is what the run before it has
    asked for as well, and when there was none, what was read before the first write."""
    if not any(entry.part for entry in entries) or (converges and not last):
        return entries
    known = collections.Counter(entry.same for entry in last)
    found = []
    for entry in entries:
        known[entry.same] -= 1
        found.append(dataclasses.replace(entry, likely=known[entry.same] >= 0 if last else not entry.part))
    return found


def path(store: Path, playbook: str, *what: object) -> Path:
    """Where the record of runs of this kind is: inventories, playbooks, and whatever else makes them read something else.

    `playbook`: the name of the only one, when all of it is run, or ""."""
    digest = hashlib.sha256(json.dumps(what, default=str).encode()).hexdigest()
    return store / f"{playbook or 'part'}.{digest[:32]}.json"


def playbook(file: Path) -> str:
    return file.name.partition(".")[0]


def load(file: Path) -> list[Entry]:
    """The entries in their order; none when there is no record, or one that is not understood."""
    try:
        said = json.loads(file.read_text())
        if said["version"] != VERSION:
            return []
        return [Entry(**{**entry, "request": Request(**entry["request"])}) for entry in said["reads"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def save(file: Path, entries: Iterable[Entry]) -> None:
    """Replace the record at once and whole; readable for the user alone."""
    reads = [dataclasses.asdict(entry) for entry in entries]
    new = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        json.dump({"version": VERSION, "reads": reads[:MOST]}, opened)
    os.replace(new, file)
    _forget(file.parent)


def _forget(store: Path) -> None:
    """All but the newest records."""
    files = sorted(store.glob("*.json"), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in files[KEPT:]:
        old.unlink(missing_ok=True)
