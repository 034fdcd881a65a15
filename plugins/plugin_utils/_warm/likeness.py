# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a process has from the one that starts it: a server may serve another run only where all of that is the same."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

PROCESS = Path("/proc/self")
# Lines of /proc/self/status: users, groups, capabilities, signals that are blocked or ignored, processors, umask.
STATUS = ("Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", "SigBlk", "SigIgn", "Cpus_allowed_list", "Umask")
FILES = ("limits", "cgroup", "oom_score_adj", "timerslack_ns", "personality", "attr/current")
LINKS = ("root", "exe", *(f"ns/{name}" for name in ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")))


def key(environment: dict[str, str], *what: Any) -> str:
    """A name for all that is alike. `environment`: the server's; `what`: what else it is started with, as far as JSON can tell it."""
    said = [what, environment, inherited()]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:32]


def inherited() -> dict[str, str]:
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
