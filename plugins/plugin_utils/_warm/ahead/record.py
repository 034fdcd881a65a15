# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reads of a run, for the next one: a private file of requests, without answers and without credentials. Safe to delete."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from .request import Request

VERSION = 1
# A run that reads more than this is not the kind that this is for.
MOST = 5000
# Records of so many inventories and playbooks are kept.
KEPT = 50
# A request with the host it was made for and which of the host's identities made it: one host may use several.
Entry = tuple[str, int, Request]


def path(store: Path, *what: object) -> Path:
    """Where the record of runs of this kind is: inventories, playbooks, and whatever else makes them read something else."""
    digest = hashlib.sha256(json.dumps(what, default=str).encode()).hexdigest()
    return store / f"{digest[:32]}.json"


def load(file: Path) -> list[Entry]:
    """The entries in their order; none when there is no record, or one that is not understood."""
    try:
        said = json.loads(file.read_text())
        if said["version"] != VERSION:
            return []
        return [(entry["host"], entry["identity"], Request(**entry["request"])) for entry in said["reads"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def save(file: Path, entries: Iterable[Entry]) -> None:
    """Replace the record at once and whole; readable for the user alone."""
    reads = [{"host": host, "identity": identity, "request": dataclasses.asdict(request)} for host, identity, request in entries]
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
