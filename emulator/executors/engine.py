"""podman or docker, whichever works on this machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from functools import cache
from typing import Any

NAMES = ("podman", "docker")
MISSING = "neither podman nor docker works on this machine. Debian: apt-get install podman runc catatonit"


@cache
def path() -> str:
    """Raises ValueError when none works."""
    for name in NAMES:
        found = shutil.which(name)
        if found and _run(found, "info").returncode == 0:
            return found
    raise ValueError(MISSING)


def has(image: str) -> bool:
    return _run(path(), "image", "inspect", image).returncode == 0


def state(container: str) -> dict[str, Any]:
    """https://docs.docker.com/reference/api/engine/, State of a container; {} for one that is not there."""
    done = _run(path(), "inspect", container)
    return dict(json.loads(done.stdout)[0]["State"]) if done.returncode == 0 else {}


def later(*words: str) -> None:
    """Let it do something, and wait for nothing."""
    threading.Thread(target=_run, args=(path(), *words), daemon=True).start()


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)
