# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module could notice of the process that started it: the keeper serves a run only when all of it is equal.

Left out is what a module cannot see (control group, out-of-memory score, slack of timers) and what comes with each run or request
(working folder, umask, the variables that a shell sets itself).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

PROCESS = Path("/proc/self")
# Lines of /proc/self/status: users, groups, capabilities, signals that are blocked or ignored, processors.
STATUS = ("Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", "SigBlk", "SigIgn", "Cpus_allowed_list")
FILES = ("limits", "personality", "attr/current")
LINKS = ("root", *(f"ns/{name}" for name in ("ipc", "mnt", "net", "pid", "time", "user", "uts")))


def fingerprint(environment: dict[str, str], *more: Any) -> str:
    """Hex digest of this process's attributes, of `environment` (the variables that the server is started with) and of `more` (JSON)."""
    return digest(more, environment, attributes())


def digest(*values: Any) -> str:
    """32 hex digits for values that JSON can express."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:32]


def attributes() -> dict[str, str]:
    """The attributes of this process that its children inherit, by name."""
    found = {"nice": str(os.getpriority(os.PRIO_PROCESS, 0))}
    for line in (PROCESS / "status").read_text().splitlines():
        if line.startswith(STATUS):
            name, _colon, value = line.partition(":")
            found[name] = value.strip()
    for name in FILES:
        # Not every kernel has all of them, and not every user may read them.
        with contextlib.suppress(OSError):
            found[name] = (PROCESS / name).read_text()
    for name in LINKS:
        with contextlib.suppress(OSError):
            found[name] = os.readlink(PROCESS / name)
    return found
