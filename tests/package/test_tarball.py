"""The tarball, as a stranger installs it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import process

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

ALLOWED = [
    r"(CHANGELOG|CONTRIBUTING|README)\.md",
    r"LICENSE",
    r"(MANIFEST|FILES)\.json",
    r"changelogs/(changelog|config)\.yaml",
    r"docs/[\w./-]+\.(md|rst|yml|svg|png)",
    r"meta/(runtime|execution-environment)\.yml",
    r"meta/ee-requirements\.txt",
    r"playbooks/\w+\.yml",
    r"playbooks/templates/[\w.]+\.j2",
    r"plugins/(action|connection|doc_fragments|filter|modules|plugin_utils|callback)/\w+\.py",
    r"plugins/(module|plugin)_utils/(\w+/){0,2}\w+\.py",
    r"roles/\w+/README\.md",
    r"roles/\w+/(defaults|vars|meta|tasks)/\w+\.yml",
    r"roles/\w+/templates/\w+\.j2",
]


@pytest.fixture(scope="module")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("build")
    subprocess.run([BIN / "ansible-galaxy", "collection", "build", "--output-path", out], cwd=ROOT, check=True, capture_output=True)
    return next(out.glob("railyard-fargate-*.tar.gz"))


def test_it_holds_nothing_that_does_not_belong_to_it(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        files = [member.name for member in archive if not member.isdir()]
    assert [name for name in files if not any(re.fullmatch(allowed, name) for allowed in ALLOWED)] == []
    assert "playbooks/site.yml" in files and "plugins/modules/codedeploy_deployment_group.py" in files


@pytest.fixture
def elsewhere(tarball: Path, tmp_path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with the collection installed, an inventory of the own, and an emulator."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_"))}
    environment |= {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"), "HOME": str(tmp_path)}
    install = [BIN / "ansible-galaxy", "collection", "install", "--offline", "--no-deps", tarball, "-p", tmp_path / "collections"]
    subprocess.run(install, cwd=tmp_path, env=environment, check=True, capture_output=True)
    subprocess.run(["cp", "-RL", ROOT / "inventories" / "local", tmp_path / "inventory"], check=True)
    state = tmp_path / "emulator.json"
    script = tmp_path / "inventory" / "emulator.sh"
    command = shlex.join([sys.executable, "-m", "emulator", "inventory", "--state", str(state), "--speed", "600"])
    script.write_text(f"#!/bin/sh\ncd {shlex.quote(str(ROOT))} && exec {command}\n")
    yield tmp_path, environment
    process.stop(state)


def test_installed_elsewhere_it_converges_by_its_own_name(elsewhere: tuple[Path, dict[str, str]]) -> None:
    folder, environment = elsewhere
    command = [BIN / "ansible-playbook", "railyard.fargate.site", "-i", folder / "inventory", "--check", "-v"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed=0" in done.stdout
    # The warm connection works from wherever the collection is, too.
    assert "runs as with the connection local" not in done.stdout
