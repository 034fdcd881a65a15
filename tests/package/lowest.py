"""An environment with the oldest versions that the collection is said to run with, made once in .cache/lowest.

amazon.aws comes out of the community's package of that time, because Galaxy is no package index.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINS = Path(__file__).with_name("lowest.txt")
# The package `ansible` that has amazon.aws in its oldest version, and that version.
COMMUNITY, AMAZON_AWS = "ansible==13.0.0", "10.1.2"


@dataclass(frozen=True)
class Lowest:
    """`programs`: the folder of ansible-playbook; `amazon_aws`: the collection's folder."""

    programs: Path
    amazon_aws: Path


def pins() -> dict[str, str]:
    """Version by name."""
    return dict(line.split("==") for line in PINS.read_text().splitlines() if "==" in line)


def environment() -> Lowest:
    """It is made anew where pins or Python are others than last time."""
    key = hashlib.sha256(f"{PINS.read_text()} {COMMUNITY} {sys.version}".encode()).hexdigest()[:16]
    folder = ROOT / ".cache" / "lowest" / key
    lowest = Lowest(folder / "venv" / "bin", folder / "aws")
    if not (folder / "ready").exists():
        _make(folder)
        (folder / "ready").touch()
    return lowest


def _make(folder: Path) -> None:
    shutil.rmtree(folder.parent, ignore_errors=True)
    python = str(folder / "venv" / "bin" / "python")
    _uv("venv", "--python", sys.executable, str(folder / "venv"))
    # Without its bytecode each module compiles what it imports.
    _uv("pip", "install", "--compile-bytecode", "--python", python, "--requirements", str(PINS))
    _uv("pip", "install", "--python", python, "--no-deps", "--target", str(folder / "community"), COMMUNITY)
    (folder / "community" / "ansible_collections" / "amazon" / "aws").rename(folder / "aws")
    shutil.rmtree(folder / "community")


def _uv(*words: str) -> None:
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    done = subprocess.run([uv, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout)
