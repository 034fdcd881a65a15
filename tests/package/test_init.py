"""From an empty folder to a converged environment, with nothing but the installed collection."""

from __future__ import annotations

import yaml

from tests.support.emulated import Emulated

from .conftest import ACCOUNT, Installed, newcomer

INIT = newcomer("ansible-playbook", "railyard.fargate.init")


def test_a_newcomer_types_what_the_readme_says(installed: Installed, emulator: Emulated) -> None:
    """Up to what would be made; that the secret is stored and all is made: test_lowest."""
    assert newcomer("ansible-galaxy") == "ansible-galaxy collection install railyard.fargate"
    requirements = newcomer("python -m pip install -r ~/.ansible/collections/ansible_collections/railyard/fargate/").rpartition(
        "/fargate/"
    )[2]
    assert (installed.collection / requirements).read_text().startswith("# What the modules and the console need")

    done = installed.type(INIT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ansible-playbook railyard.fargate.site -i inventories/staging" in done.stdout
    hosts = yaml.safe_load((installed.folder / "inventories/staging/hosts.yml").read_text())
    assert list(hosts["staging"]["hosts"]) == ["shop_staging"]
    described = yaml.safe_load((installed.folder / "inventories/staging/group_vars/staging/main.yml").read_text())
    assert (described["railyard_account_id"], described["railyard_region"]) == (ACCOUNT, "eu-west-1")

    installed.fill_in(emulator)
    emulator.client("ssm", account=ACCOUNT).put_parameter(Name="/shop/staging/RAILS_MASTER_KEY", Type="SecureString", Value="0" * 32)
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
    first, second = (installed.type(f"{INIT} -e app=till-roll -e region=eu-central-1") for _time in ("first", "second"))
    assert first.returncode == 0, first.stdout + first.stderr
    assert second.returncode == 0 and "changed=0" in second.stdout, second.stdout
    assert own.read_text() == "[defaults]\nforks = 3\n"
    hosts = yaml.safe_load((installed.folder / "inventories/staging/hosts.yml").read_text())
    assert list(hosts["staging"]["hosts"]) == ["till_roll_staging"]


def test_init_writes_into_the_folder_that_is_named(installed: Installed) -> None:
    """A path that begins at the root is meant as it is; others begin here."""
    for folder, place in ((installed.folder / "one", "one"), ("two/deep", "two/deep")):
        done = installed.type(f"{INIT} -e folder={folder}")
        assert done.returncode == 0, done.stdout + done.stderr
        assert (installed.folder / place / "inventories/staging/hosts.yml").exists()
        assert f"{installed.folder / place} holds" in done.stdout
    assert sorted(path.name for path in installed.folder.iterdir()) == ["one", "two"]


def test_init_refuses_before_it_writes(installed: Installed) -> None:
    done = installed.type(f"{INIT} -e account_staging=33333")
    assert done.returncode != 0 and "Given were app shop, account_staging 33333" in done.stdout + done.stderr
    assert list(installed.folder.iterdir()) == []
