"""What the kernel says of processes; nothing of those that have ended."""

from __future__ import annotations

import contextlib
from pathlib import Path


def _read(process: int, name: str) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/{name}").read_text()
    return ""


def children(process: int) -> list[int]:
    return [int(word) for word in _read(process, f"task/{process}/children").split()]


def descendants(process: int) -> list[int]:
    """All that it has started and that still lives, and what these have started."""
    return [each for child in children(process) for each in (child, *descendants(child))]


def name(process: int) -> str:
    return _read(process, "comm").strip()


def command_line(process: int) -> str:
    return _read(process, "cmdline").replace("\0", " ")
