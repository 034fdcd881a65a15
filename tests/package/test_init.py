"""From an empty folder to a converged environment, with nothing but the installed collection."""

from __future__ import annotations

import pytest
import yaml

from tests.support.emulated import Emulated

from .conftest import ACCOUNT, Installed, newcomer

INIT = newcomer("ansible-playbook", "railyard.fargate.init")


def test_a_newcomer_types_what_the_readme_says(installed: Installed, emulator: Emulated) -> None:
    """Up to what would be made; what is then made: test_lowest."""
    assert newcomer("ansible-galaxy") == "ansible-galaxy collection install railyard.fargate"
    requirements = newcomer("python -m pip install -r ~/.ansible/collections/ansible_collections/railyard/fargate/").rpartition(
        "/fargate/"
    )[2]
    assert (installed.collection / requirements).read_text().startswith("# What the modules and the console need")

    done = installed.type(INIT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ansible-playbook railyard.fargate.site -i inventories/staging" in done.stdout
    again = installed.type(INIT)
    assert again.returncode == 0 and "changed=0" in again.stdout, again.stdout
    hosts = yaml.safe_load((installed.folder / "inventories/staging/hosts.yml").read_text())
    assert list(hosts["staging"]["hosts"]) == ["shop_staging"]
    described = yaml.safe_load((installed.folder / "inventories/staging/group_vars/staging/main.yml").read_text())
    assert (described["railyard_account_id"], described["railyard_region"]) == (ACCOUNT, "eu-west-1")

    installed.fill_in(emulator)
    stored = installed.type(newcomer("ansible-playbook", "railyard.fargate.secret"))
    assert stored.returncode == 0, stored.stdout + stored.stderr
    site = installed.type(
        newcomer("ansible-playbook", "railyard.fargate.site -i inventories/staging --check").replace("--check", "-v --check")
    )
    assert site.returncode == 0, site.stdout + site.stderr
    assert "failed=0" in site.stdout
    # The warm connection works from wherever the collection is, and ansible.cfg has turned it on.
    assert "runs as with the connection local" not in site.stdout + site.stderr


def test_init_leaves_what_is_there(installed: Installed) -> None:
    own = installed.folder / "ansible.cfg"
    own.write_text("[defaults]\nforks = 3\n")
    assert installed.type(f"{INIT} -e app=till-roll -e region=eu-central-1").returncode == 0
    assert own.read_text() == "[defaults]\nforks = 3\n"
    hosts = yaml.safe_load((installed.folder / "inventories/staging/hosts.yml").read_text())
    assert list(hosts["staging"]["hosts"]) == ["till_roll_staging"]


@pytest.mark.parametrize("wrong", ["app='Till Roll'", "account_staging=33333", "ap=shop"])
def test_init_refuses_before_it_writes(installed: Installed, wrong: str) -> None:
    done = installed.type(f"{INIT} -e {wrong}")
    assert done.returncode != 0
    assert list(installed.folder.iterdir()) == []
