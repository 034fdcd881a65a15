# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which process holds something, and whether it is surely dead. Known on Linux only; elsewhere nobody is surely dead."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypedDict

PROC = Path("/proc")
DEAD = ("Z", "X")


class Process(TypedDict):
    """A process: its kernel's boot, the namespace of its id (a container has its own), its id, its start in ticks since the boot.

    None is what this system does not tell.
    """

    boot_id: str | None
    namespace: str | None
    pid: int
    started: int | None


def this() -> Process:
    """This process."""
    return identity(os.getpid())


def identity(pid: int) -> Process:
    """The process of this machine with this id."""
    state = _stat(pid)
    return {
        "boot_id": _text(PROC / "sys/kernel/random/boot_id"),
        "namespace": _namespace(),
        "pid": pid,
        "started": state[1] if state else None,
    }


def is_gone(process: Process) -> bool:
    """Whether a process of this machine has ended. Where starts are not known, whoever has its id is taken for it."""
    return is_dead(process) or not _exists(process["pid"])


def is_dead(process: Process | None) -> bool:
    """Whether it ran on this kernel, in this namespace, and runs no more. An id that another process has got since does not count."""
    mine = this()
    if not process or not process.get("pid") or not mine["boot_id"] or not mine["namespace"]:
        return False
    if (process.get("boot_id"), process.get("namespace")) != (mine["boot_id"], mine["namespace"]):
        return False
    if not _exists(process["pid"]):
        return True
    # The process of another user may be hidden (mount option hidepid): then it is not surely dead.
    state = _stat(process["pid"])
    return state is not None and (state[0] in DEAD or state[1] != process.get("started"))


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _stat(pid: int) -> tuple[str, int] | None:
    """State and start of a process. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 3 and 22, after the command."""
    text = _text(PROC / str(pid) / "stat")
    if not text:
        return None
    fields = text.rpartition(")")[2].split()
    return fields[0], int(fields[19])


def _namespace() -> str | None:
    try:
        return os.readlink(PROC / "self/ns/pid")
    except OSError:
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None
