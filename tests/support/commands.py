"""Commands of this checkout that find faults."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from . import players

ROOT = Path(__file__).resolve().parents[2]


def passes(*command: str) -> None:
    """Run a command from the root of the checkout; when it fails, so does the test, with what the command said."""
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with players.at_hand() as environment:
        done = subprocess.run(command, cwd=ROOT, env=environment, text=True, check=False, **how)  # type: ignore[call-overload]
    if done.returncode:
        pytest.fail(f"$ {' '.join(command)}\n{done.stdout}", pytrace=False)
