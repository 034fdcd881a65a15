"""The collection as a stranger installs it: from its tarball, in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.support import tarball as shipped
from tests.support.emulated import Emulated

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
ACCOUNT = "222222222222"


def newcomer(*words: str) -> str:
    """The command of README's section for whoever installs from Galaxy that begins with `words`, as it stands there."""
    section = (ROOT / "README.md").read_text().split("\n## From Galaxy\n")[1].split("\n## ")[0]
    lines = [line for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL) for line in block.splitlines()]
    return next(line for line in lines if line.startswith(" ".join(words)))


@dataclass(frozen=True)
class Installed:
    """An empty folder, in which commands find the collection and nothing of this clone."""

    folder: Path
    environment: dict[str, str]

    @property
    def collection(self) -> Path:
        return Path(self.environment["ANSIBLE_COLLECTIONS_PATH"]) / "ansible_collections" / "railyard" / "fargate"

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        words = [BIN / command[0], *command[1:]]
        return subprocess.run(words, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False)

    def type(self, line: str, programs: Path = BIN) -> subprocess.CompletedProcess[str]:
        """A command line in a shell that finds ansible-playbook in the folder `programs`."""
        environment = self.environment | {"PATH": f"{programs}:{os.defpath}"}
        return subprocess.run(["bash", "-c", line], cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def fill_in(self, emulator: Emulated) -> None:
        """What a newcomer does after `init`, with keys that lead to the emulator instead of an account."""
        keys = {
            "railyard_access_key": f"AKIA{ACCOUNT}AAAA",
            "railyard_secret_key": "nobodys-secret",
            "railyard_endpoint_url": emulator.state.url,
        }
        (self.folder / "inventories/staging/keys.yml").write_text(yaml.safe_dump({"all": {"hosts": {"shop_staging": keys}}}))
        (self.folder / "config").mkdir()
        (self.folder / "config/master.key").write_text("0123456789abcdef\n")


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulated]:
    emulated = Emulated.start(tmp_path / "state.json")
    yield emulated
    emulated.stop()


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
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_", "PYTHON"))}
    folder = tmp_path / "empty"
    folder.mkdir()
    own = {"ANSIBLE_COLLECTIONS_PATH": str(_collections), "HOME": str(tmp_path), "PWD": str(folder), "ANSIBLE_NOCOLOR": "1"}
    return Installed(folder, environment | own)
