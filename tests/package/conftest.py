"""The collection as a stranger installs it: from its tarball, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import tarball as shipped

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Installed:
    """An empty folder, in which commands find the collection and nothing of this clone."""

    folder: Path
    environment: dict[str, str]

    @property
    def collection(self) -> Path:
        return Path(self.environment["ANSIBLE_COLLECTIONS_PATH"]) / "ansible_collections" / "railyard" / "fargate"

    def run(self, *command: str | Path, programs: Path = BIN) -> subprocess.CompletedProcess[str]:
        words = [programs / command[0], *command[1:]]
        return subprocess.run(words, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shipped.build(tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="session")
def _collections(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("collections")
    shipped.install(tarball, place)
    return place


@pytest.fixture
def installed(_collections: Path, tmp_path: Path) -> Installed:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_"))}
    folder = tmp_path / "empty"
    folder.mkdir()
    own = {"ANSIBLE_COLLECTIONS_PATH": str(_collections), "HOME": str(tmp_path), "PWD": str(folder), "ANSIBLE_NOCOLOR": "1"}
    return Installed(folder, environment | own)
