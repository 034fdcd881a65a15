"""The bounds of what the collection needs: the lowest, which are run here. The newest are uv.lock's, with which everything else is run."""

from __future__ import annotations

import json
import re
import sysconfig
import tomllib
from pathlib import Path

import yaml

from tests.support.emulated import Emulated

from . import lowest
from .conftest import ROOT, Installed, newcomer


def test_what_is_said_to_be_needed_is_what_is_run() -> None:
    said = {
        "ansible-core": yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"],
        **dict(re.findall(r"^(\w+)(>=.*)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)),
    }
    assert said == {name: f">={version}" for name, version in lowest.pins().items()}
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    assert galaxy["dependencies"] == {"amazon.aws": f">={lowest.AMAZON_AWS}"}


def test_the_readme_names_both_ends() -> None:
    text = " ".join((ROOT / "README.md").read_text().split("\n## Versions and licence\n")[1].split())
    newest = {each["name"]: each["version"] for each in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    newest["amazon.aws"] = amazon_aws(Path(sysconfig.get_paths()["purelib"]) / "ansible_collections" / "amazon" / "aws")
    oldest = {**lowest.pins(), "amazon.aws": lowest.AMAZON_AWS}
    assert [name for name in oldest if f"{name} {oldest[name]} to {newest[name]}" not in text] == []


def amazon_aws(folder: Path) -> str:
    return str(json.loads((folder / "MANIFEST.json").read_text())["collection_info"]["version"])


def test_the_lowest_versions_converge(installed: Installed, emulator: Emulated) -> None:
    """As README has it for a newcomer, and once more: nothing changes. Modules run in the warm connection's server."""
    oldest = lowest.environment()
    assert amazon_aws(oldest.amazon_aws) == lowest.AMAZON_AWS
    beside = installed.folder.parent / "beside" / "ansible_collections" / "amazon"
    beside.mkdir(parents=True)
    (beside / "aws").symlink_to(oldest.amazon_aws)
    installed.environment["ANSIBLE_COLLECTIONS_PATH"] += f":{beside.parents[1]}"

    done = installed.type(newcomer("ansible-playbook", "railyard.fargate.init"), oldest.programs)
    assert done.returncode == 0, done.stdout + done.stderr
    installed.fill_in(emulator)
    done = installed.type(newcomer("ansible-playbook", "railyard.fargate.secret"), oldest.programs)
    assert done.returncode == 0, done.stdout + done.stderr
    site = f"{newcomer('ansible-playbook', 'railyard.fargate.site -i inventories/staging  ')}".replace("#", "-v #")
    first, second = (installed.type(site, oldest.programs) for _time in ("first", "second"))
    assert first.returncode == 0 and "failed=0" in first.stdout, first.stdout + first.stderr
    assert second.returncode == 0 and "changed=0" in second.stdout, second.stdout + second.stderr
    assert "runs as with the connection local" not in first.stdout + second.stdout, first.stdout
