"""Whose credentials count: what the inventory names excludes what the environment names. Nothing of AWS_* is stripped here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.support.emulated import Emulated
from tests.support.playbooks import Played, play

UNLOCK = "playbooks/unlock.yml"
ROLE = "arn:aws:iam::123456789012:role/deployer"
# Modules that the playbook runs, each in a process of its own.
MODULES = 2
KEYS = {"AWS_ACCESS_KEY_ID": "AKIA999999999999AAAA", "AWS_SECRET_ACCESS_KEY": "other", "AWS_SESSION_TOKEN": "other"}
CONFIG = f"""
[profile base]
aws_access_key_id = EMULATOR
aws_secret_access_key = EMULATOR
[profile shop]
role_arn = {ROLE}
source_profile = base
[profile mfa]
role_arn = {ROLE}
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/anna
"""


class Shell:
    """A person's shell with an AWS configuration, and an inventory that names a profile of it instead of keys."""

    def __init__(self, emulated: Emulated, folder: Path) -> None:
        self.emulated, self.folder = emulated, folder
        (folder / "config").write_text(CONFIG)
        hosts = {"shop_local": {"railyard_access_key": "", "railyard_secret_key": ""}}
        (folder / "no_keys.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
        trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
        emulated.client("iam").create_role(
            RoleName="deployer", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
        emulated.client("s3").create_bucket(
            Bucket="shop-local-releases-123456789012", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        self.files = {"AWS_CONFIG_FILE": str(folder / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"), "HOME": str(folder)}

    def keys(self, **environment: str) -> Played:
        """With the keys of inventories/local."""
        return play(self.emulated, UNLOCK, more={**self.files, **environment})

    def profile(self, name: str, playbook: str = UNLOCK, **environment: str) -> Played:
        words = ("-e", f"railyard_profile={name}") if name else ()
        more = {**self.files, "AWS_ENDPOINT_URL_STS": self.emulated.state.url, **environment}
        inventory = ("inventories/local", str(self.folder / "no_keys.yml"))
        return play(self.emulated, playbook, *words, inventory=inventory, more=more)

    def assumed(self) -> int:
        return sum(entry["operation"] == "AssumeRole" for entry in self.emulated.journal())


@pytest.fixture
def shell(emulated: Emulated, tmp_path: Path) -> Shell:
    return Shell(emulated, tmp_path)


def test_keys_of_the_inventory_exclude_whatever_the_environment_names(shell: Shell) -> None:
    other = {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", **KEYS}
    for environment in ({"AWS_PROFILE": "shop"}, {"AWS_PROFILE": "not-there", "AWS_DEFAULT_PROFILE": "not-there", **other}):
        played = shell.keys(**environment)
        assert played.code == 0 and "Nobody holds the lock" in played.output, played.output


def test_a_profile_of_the_inventory_excludes_keys_and_its_role_is_assumed_for_all_runs(shell: Shell) -> None:
    """Also by the two clients of the pre-flight, which begin in the same moment."""
    assumed = []
    for _ in range(2):
        played = shell.profile("shop", **KEYS, AWS_PROFILE="not-there")
        assert played.code == 0 and "Nobody holds the lock" in played.output, played.output
        assumed.append(shell.assumed())
    assert assumed == [1, 1]
    # Neither do parts of keys exclude a profile of the environment.
    played = shell.profile("", AWS_PROFILE="base", AWS_SESSION_TOKEN="left over", AWS_SECRET_ACCESS_KEY="left over")
    assert played.code == 0 and "Nobody holds the lock" in played.output, played.output
    kept = list((shell.folder / ".aws/cli/cache").iterdir())
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]


def test_what_does_not_work_is_told_with_the_profile_and_what_to_type(shell: Shell) -> None:
    code = shell.profile("mfa")
    assert code.code != 0 and "profile mfa asks for an MFA code" in code.output, code.output
    assert "aws sts get-caller-identity --profile mfa" in code.output and "Module failed" not in code.output
    gone = shell.profile("", AWS_PROFILE="not-there")
    assert gone.code != 0 and "has no profile not-there, which AWS_PROFILE names" in gone.output, gone.output


def test_a_role_is_assumed_once_for_all_clients_of_a_module_where_nothing_can_be_kept(shell: Shell) -> None:
    """The clients of a module share a session; there are as many answers as modules have run."""
    (shell.folder / ".aws").write_text("no folder")
    played = shell.profile("shop")
    assert played.code == 0 and "Nobody holds the lock" in played.output, played.output
    asked = {entry["service"] for entry in shell.emulated.journal() if entry["service"] not in ("iam", "sts")}
    assert shell.assumed() == MODULES and len(asked) > 1
