# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read-ahead in the server: starts the fetcher, and decides which modules may ask it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import asking, fetcher
from .writes import IDLE, SLOTS, WRITES, Writes

# Modules that call AWS through botocore or not at all. Any other module may call it by a command.
COLLECTIONS = ("ansible_collections.amazon.aws.", "ansible_collections.community.aws.", "ansible_collections.railyard.fargate.")
LOCAL = {f"ansible.modules.{name}" for name in ("copy", "file", "find", "ping", "setup", "slurp", "stat", "tempfile")}
# A module that reports its calls in its result makes them itself.
REPORTS = '"debug_botocore_endpoint_logs": true'


@dataclass(frozen=True)
class Process:
    """A module's. `slot`: of `Writes`, or None. `first`: the function that it calls first, or None."""

    slot: int | None = None
    first: Callable[[], None] | None = None


@dataclass(frozen=True)
class Ahead:
    """`free`: the slots of `writes` that no module's process has."""

    folder: Path
    writes: Writes
    free: list[int] = field(default_factory=lambda: list(range(1, SLOTS)))

    def begins(self, header: dict[str, Any]) -> Process:
        """Called before a module's process is forked."""
        if header["fqn"] in LOCAL:
            return Process()
        if not self.free:
            self.writes.close()
            return Process()
        slot = self.free.pop()
        if not header["fqn"].startswith(COLLECTIONS):
            self.writes.begin(slot, WRITES)
            return Process(slot)
        asks = REPORTS not in header["params"]
        return Process(slot, functools.partial(asking.begin, self.folder, header["host"], self.writes, slot, asks))

    def ended(self, process: Process, status: int) -> None:
        """Called before the controller learns that a module's process has ended. `status`: its wait status."""
        if process.slot is None:
            return
        if process.first is None and not os.WIFSIGNALED(status):
            self.writes.set(process.slot, IDLE)
        self.writes.end(process.slot)
        self.free.append(process.slot)


def start(folder: str, record: str, controller: int) -> Ahead | None:
    """Start the fetcher; None without a record. Must be called before a process is forked that shall ask."""
    if not record:
        return None
    writes = Writes()
    fetcher.start(Path(folder), Path(record), controller, writes)
    return Ahead(Path(folder), writes)
