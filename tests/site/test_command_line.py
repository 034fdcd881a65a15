"""The command line of the playbooks, as a shell hands it on: what is not right ends the run before AWS is asked anything."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from tests.support.emulated import Emulated
from tests.support.playbooks import ROOT, play


def refused(emulated: Emulated, playbook: str, *arguments: str, inventory: tuple[str, ...] = ("inventories/local",)) -> str:
    """What it said. Nothing was asked of AWS."""
    before = len(emulated.journal())
    played = play(emulated, playbook, *arguments, inventory=inventory)
    assert played.code != 0 and "was not started" in played.output, played.output
    assert len(emulated.journal()) == before
    return played.output


def test_wrong_options_are_refused(emulated: Emulated) -> None:
    """The other inputs of this kind: tests/unit/lookup/test_hosts.py."""
    output = refused(emulated, "playbooks/run.yml", "-e", "command=bin/rails db:seed", "-e", "imgae=3f2c1ab")
    assert "-e 'command=\"bin/rails db:seed\"'" in output and "the nearest is image" in output
    assert "hush" not in refused(emulated, "playbooks/secret.yml", "-e", "secret_value=hush")


def test_help_is_printed_without_any_environment(emulated: Emulated) -> None:
    played = play(emulated, "playbooks/deploy.yml", "-e", "help=yes", inventory=("nowhere,",))
    assert played.code == 0 and "-e image=3f2c1ab" in played.output and "PLAY" not in played.output, played.output


def test_an_inventory_sets_no_option(emulated: Emulated, tmp_path: Path) -> None:
    """A team's own `force: true` opens no lock, and its `release: yes` does not either."""
    mine = {"all": {"vars": {"force": True, "release": True, "sweep": True, "limit": "many", "format": "json"}}}
    (tmp_path / "mine.yml").write_text(yaml.safe_dump(mine))
    inventory = ("inventories/local", str(tmp_path / "mine.yml"))
    emulated.client("s3").create_bucket(
        Bucket="shop-local-releases-123456789012", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    shown = play(emulated, "playbooks/unlock.yml", inventory=inventory)
    assert shown.code == 0 and "Nobody holds the lock" in shown.output and "Opened" not in shown.output, shown.output
    assert emulated.writes()[-1:] == ["s3:CreateBucket"]


def test_an_inventory_that_is_not_there_fails(emulated: Emulated) -> None:
    """By our own check, too, where no ansible.cfg of ours is read."""
    for more in ({}, {"ANSIBLE_INVENTORY_UNPARSED_FAILED": "false", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "false"}):
        gone = play(emulated, "playbooks/deploy.yml", inventory=("inventories/prd",), more=more)
        assert gone.code != 0 and "inventories/prd" in gone.output, gone.output
    assert play(emulated, "site.yml", "-l", "typo").code != 0
    assert not emulated.journal()


def test_two_inventories_with_one_host_are_refused(emulated: Emulated, tmp_path: Path) -> None:
    twin = shutil.copytree(ROOT / "inventories/staging", tmp_path / "twin", symlinks=False)
    hosts = yaml.safe_load((twin / "hosts.yml").read_text())
    hosts["staging"]["hosts"]["shop_production"] = hosts["staging"]["hosts"].pop("shop_staging")
    (twin / "hosts.yml").write_text(yaml.safe_dump(hosts))
    output = refused(emulated, "site.yml", inventory=("inventories/prod", str(twin)))
    assert "shop_production is shop production in inventories/prod" in output and "shop staging" in output
