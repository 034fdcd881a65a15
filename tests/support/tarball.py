"""The collection as it is shipped: built from this clone, and installed somewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GALAXY = (str(Path(sys.executable).parent / "ansible-galaxy"), "collection")


def build(folder: Path) -> Path:
    """Its tarball, made in `folder`."""
    _quietly([*GALAXY, "build", "--force", "--output-path", str(folder)], ROOT)
    (tarball,) = folder.glob("railyard-fargate-*.tar.gz")
    return tarball


def install(tarball: Path, collections: Path) -> Path:
    """Where it is, installed below `collections` without what it depends on."""
    _quietly([*GALAXY, "install", "--force", "--offline", "--no-deps", str(tarball), "-p", str(collections)], collections)
    return collections / "ansible_collections" / "railyard" / "fargate"


def _quietly(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout)
