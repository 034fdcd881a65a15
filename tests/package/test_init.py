"""From an empty folder to a converged environment, with nothing but the installed collection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.emulated import Emulated

from .conftest import Installed

ACCOUNT = "333333333333"
INIT = ("ansible-playbook", "railyard.fargate.init", "-e", "app=till-roll", "-e", f"account_staging={ACCOUNT}", "-e", "region=eu-central-1")


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulated]:
    emulated = Emulated.start(tmp_path / "state.json")
    yield emulated
    emulated.stop()


def test_init_writes_an_inventory_that_converges(installed: Installed, emulator: Emulated) -> None:
    """`site.yml` in check mode, as its newcomer types it first; keys lead to the emulator instead of an account."""
    done = installed.run(*INIT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ansible-playbook railyard.fargate.site -i inventories/staging" in done.stdout
    again = installed.run(*INIT)
    assert again.returncode == 0 and "changed=0" in again.stdout, again.stdout

    hosts = yaml.safe_load((installed.folder / "inventories/staging/hosts.yml").read_text())
    assert list(hosts["staging"]["hosts"]) == ["till_roll_staging"]
    described = yaml.safe_load((installed.folder / "inventories/staging/group_vars/staging/main.yml").read_text())
    assert (described["railyard_account_id"], described["railyard_region"]) == (ACCOUNT, "eu-central-1")

    ssm = emulator.client("ssm", region="eu-central-1", account=ACCOUNT)
    ssm.put_parameter(Name="/till-roll/staging/RAILS_MASTER_KEY", Type="SecureString", Value="0123456789abcdef")
    keys = {
        "railyard_access_key": f"AKIA{ACCOUNT}AAAA",
        "railyard_secret_key": "nobodys-secret",
        "railyard_endpoint_url": emulator.state.url,
    }
    (installed.folder / "keys.yml").write_text(yaml.safe_dump({"all": {"hosts": {"till_roll_staging": keys}}}))
    inventory = ("-i", "inventories/staging", "-i", "keys.yml")
    site = installed.run("ansible-playbook", "railyard.fargate.site", *inventory, "--check", "-v")
    assert site.returncode == 0, site.stdout + site.stderr
    assert "failed=0" in site.stdout
    # The warm connection works from wherever the collection is, and ansible.cfg has turned it on.
    assert "runs as with the connection local" not in site.stdout + site.stderr


def test_init_leaves_what_is_there(installed: Installed) -> None:
    own = installed.folder / "ansible.cfg"
    own.write_text("[defaults]\nforks = 3\n")
    assert installed.run(*INIT).returncode == 0
    assert own.read_text() == "[defaults]\nforks = 3\n"


@pytest.mark.parametrize("wrong", ["app=Till Roll", "account_staging=33333", "ap=shop"])
def test_init_refuses_before_it_writes(installed: Installed, wrong: str) -> None:
    done = installed.run(*INIT, "-e", wrong)
    assert done.returncode != 0
    assert list(installed.folder.iterdir()) == []
