"""Objects of an environment's bucket as a version of this collection has written them: what it said of two releases, and its lock in the
middle of the second. A later version must read them; they are never written anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
VERSIONS = sorted(path.name for path in HERE.iterdir() if path.is_dir() and path.name[0].isdigit())


def objects(version: str) -> dict[str, dict[str, Any]]:
    """Each object by its key."""
    folder = HERE / version
    return {path.relative_to(folder).as_posix(): json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))}
