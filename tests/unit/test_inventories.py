"""The inventories: environments declare the same things, and several can be read at once."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = sorted((ROOT / "inventories").glob("*/group_vars/*/main.yml"))


def keys(value: Any, above: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {above}
    return {above}.union(*(keys(item, f"{above}.{name}") for name, item in value.items()))


def test_every_environment_declares_the_same_keys() -> None:
    declared = {file.parent.name: keys(yaml.safe_load(file.read_text())) for file in ENVIRONMENTS}
    assert len(declared) >= 3
    everywhere = set.union(*declared.values())
    assert {name: everywhere - found for name, found in declared.items() if found != everywhere} == {}


@pytest.mark.parametrize("inventory", ["local", "prod", "staging"])
def test_the_shared_truth_is_one_file(inventory: str) -> None:
    link = ROOT / "inventories" / inventory / "group_vars" / "all" / "shared.yml"
    assert link.is_symlink() and not link.readlink().is_absolute()
    assert link.resolve() == ROOT / "inventories" / "group_vars" / "all" / "shared.yml"


def test_two_inventories_in_one_run_give_each_host_its_own_values() -> None:
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "-i", "inventories/staging", "-i", "inventories/prod", "--list"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    hosts = json.loads(done.stdout)["_meta"]["hostvars"]
    names = ("railyard_environment", "railyard_account_id", "railyard_cidr", "railyard_protection")
    assert {host: [hosts[host][name] for name in names] for host in hosts} == {
        "shop_staging": ["staging", "222222222222", "10.10.0.0/16", False],
        "shop_production": ["production", "111111111111", "10.20.0.0/16", True],
    }
    assert hosts["shop_staging"]["railyard_processes"] == hosts["shop_production"]["railyard_processes"]


def test_the_local_environment_never_reaches_a_real_account(tmp_path: Path) -> None:
    """Where the emulator cannot start, nothing is reached; where it runs, its address is the one."""
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "--host", "shop_local", "-i"]
    alone = subprocess.run([*command, "inventories/local/hosts.yml"], cwd=ROOT, capture_output=True, text=True, check=True)
    host = json.loads(alone.stdout)
    assert (
        host["railyard_endpoint_url"] == "http://127.0.0.1:9" and host["railyard_access_key"] == host["railyard_secret_key"] == "EMULATOR"
    )

    folder = tmp_path / "local"
    folder.mkdir()
    (folder / "hosts.yml").write_text((ROOT / "inventories" / "local" / "hosts.yml").read_text())
    (folder / "emulator.sh").write_text('#!/bin/sh\necho \'{"local": {"vars": {"railyard_endpoint_url": "http://127.0.0.1:4711"}}}\'\n')
    (folder / "emulator.sh").chmod(0o755)
    both = subprocess.run([*command, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(both.stdout)["railyard_endpoint_url"] == "http://127.0.0.1:4711"
