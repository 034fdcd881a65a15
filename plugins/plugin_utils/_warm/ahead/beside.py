# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read-ahead in the server: starts the fetcher, and decides which modules may ask it."""

from __future__ import annotations

import functools
import mmap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import asking, fetcher

# Modules that call AWS through botocore or not at all. Any other module may call it by a command, so that the cache must not be used.
COLLECTIONS = ("ansible_collections.amazon.aws.", "ansible_collections.community.aws.", "ansible_collections.railyard.fargate.")
LOCAL = {f"ansible.modules.{name}" for name in ("copy", "file", "find", "ping", "setup", "slurp", "stat", "tempfile")}
# A module that reports its calls in its result makes them itself.
REPORTS = '"debug_botocore_endpoint_logs": true'


@dataclass(frozen=True)
class Ahead:
    """`written`: a byte that all processes of the run share; not 0 after the first write."""

    folder: Path
    written: mmap.mmap

    def asker(self, header: dict[str, Any]) -> Callable[[], None] | None:
        """The function that a module's process calls first, or None. Called before the fork, so that no later module uses the cache."""
        if not header["fqn"].startswith(COLLECTIONS):
            if header["fqn"] not in LOCAL:
                self.written[0] = 1
            return None
        if REPORTS in header["params"]:
            return None
        return functools.partial(asking.begin, self.folder, header["host"], self.written)


def start(folder: str, record: str, controller: int) -> Ahead | None:
    """Start the fetcher; None without a record. Must be called before a process is forked that shall ask."""
    if not record:
        return None
    written = mmap.mmap(-1, 1)
    fetcher.start(Path(folder), Path(record), controller, written)
    return Ahead(Path(folder), written)
