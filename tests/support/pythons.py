"""Other versions of Python on this machine."""

from __future__ import annotations

import shutil
import subprocess


def find(*minors: int, code: str = "") -> str | None:
    """The first of these versions (3.<minor>) that is here and can run some code; a shim of pyenv may be there without its version."""
    for minor in minors:
        found = shutil.which(f"python3.{minor}")
        if found and not subprocess.run([found, "-c", code], capture_output=True, check=False).returncode:
            return found
    return None
