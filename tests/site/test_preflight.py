"""The pre-flight as a person meets it: a copy of the production inventory with one fault in it, for each fault, all in one run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.support.emulated import Emulated
from tests.support.playbooks import ROOT, Played, play

FILES = ("inventories/group_vars/all/shared.yml", "inventories/prod/group_vars/production/main.yml")
ACCOUNT = "111111111111"

# What is written over what, and what the pre-flight then says: what is wrong, where, what would be right.
FAULTS = {
    "memory": (
        "cpu: 512, memory: 1024",
        "cpu: 512, memory: 600",
        "512 CPU units and 600 MiB",
        "railyard_sizes.web.memory",
        "1024, 2048, 3072 or 4096",
    ),
    "malformed": ("CIDR/16", "10.300.0.0/16", "'10.300.0.0/16' is no range", "railyard_cidr", "10.20.0.0/16 for example"),
    "overlapping": ("CIDR/16", "10.200.128.0/20", "overlaps 10.200.0.0/16 of overlapped", "railyard_cidr", "a range apart from it"),
    "overlapped": ("CIDR/16", "10.200.0.0/16", "overlaps 10.200.128.0/20 of overlapping", "railyard_cidr", "a range apart from it"),
    "health": ("health: /up", "health: up", "'up' is no path", "railyard_processes.web.health", "/up"),
    "long": ("railyard_app: shop", "railyard_app: international-shop-for-shoes", "target group", "railyard_app", "at most 26 characters"),
    "counts": (
        "min: 2, max: 10",
        "min: 20, max: 10",
        "a minimum of 20 tasks, and a maximum of 10",
        "railyard_sizes.web.min",
        "min at most 10",
    ),
    "unknown": (
        "railyard_protection",
        "railyard_protecton",
        "unknown variable railyard_protecton",
        "railyard_protecton",
        "did you mean railyard_protection?",
    ),
    "key": ("port: 3000", "prot: 3000", "unknown key prot", "railyard_processes.web.prot", "did you mean port?"),
    "role": (
        "railyard_protection",
        "rds_wait_timeout: an hour\nrailyard_protection",
        "unable to convert to int",
        "rds_wait_timeout",
        "a whole number: ",
    ),
    "missing": ("railyard_region: eu-west-1\n", "", "railyard_region is missing", "railyard_region", "a text: the AWS Region"),
    "template": ("CIDR/16", '"{{ nowhere }}"', "the template of railyard_cidr has no value", "railyard_cidr", "defined for this host"),
    "region": ("eu-west-1", "eu-west-7", "AWS has no Region eu-west-7", "railyard_region", "eu-west-1"),
    "account": (
        f'"{ACCOUNT}"',
        '"333333333333"',
        f"in account {ACCOUNT}, and the inventory declares account 333333333333",
        "railyard_account_id",
        "333333333333",
    ),
    "absent": (
        "- RAILS_MASTER_KEY",
        "- RAILS_MASTER_KEY",
        "/shop/absent/RAILS_MASTER_KEY is not in Parameter Store",
        "railyard_secrets[0]",
        "-l absent -e secret=",
    ),
    "plain": ("- RAILS_MASTER_KEY", "- PLAIN", "/shop/plain/PLAIN is a String", "railyard_secrets[0]", "aws ssm delete-parameter"),
    "profile": ("railyard_log", "railyard_profile: nobody\nrailyard_log", "has no profile nobody", "railyard_profile", "AWS_PROFILE"),
    "nokeys": ("railyard_branch: main", "railyard_branch: main", "no AWS credentials were found on this machine", "", "aws sso login"),
}
WITHOUT_KEYS = {"profile", "nokeys"}
FINE = "fine"


def described(fault: str, number: int) -> tuple[str, str]:
    """Shared and own variables of a copy of production with a fault; each copy is an environment of its own."""
    shared, own = ((ROOT / file).read_text() for file in FILES)
    own = own.replace("railyard_environment: production", f"railyard_environment: {fault}").replace("10.20.0.0/16", "CIDR/16")
    if fault not in WITHOUT_KEYS:
        own += f"railyard_access_key: AKIA{ACCOUNT}AAAA\nrailyard_secret_key: hush-hush\n"
    if fault in FAULTS:
        old, new, *_ = FAULTS[fault]
        assert old in shared + own, fault
        shared, own = shared.replace(old, new), own.replace(old, new)
    return shared, own.replace("CIDR/16", f"10.{number}.0.0/16")


@pytest.fixture(scope="module")
def run(_emulator: Emulated, tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Emulated, Path]:
    """One run of the first play of site.yml over an inventory with a host for each fault, and one without fault."""
    _emulator.reset()
    for name, kind in {"/shop/fine/RAILS_MASTER_KEY": "SecureString", "/shop/plain/PLAIN": "String"}.items():
        _emulator.client("ssm", account=ACCOUNT).put_parameter(Name=name, Type=kind, Value="hush-hush")
    inventory = tmp_path_factory.mktemp("inventory")
    hosts = [*FAULTS, FINE]
    for number, fault in enumerate(hosts):
        folder = inventory / "group_vars" / f"group_{fault}"
        folder.mkdir(parents=True)
        for name, text in zip(("shared", "main"), described(fault, number), strict=True):
            (folder / f"{name}.yml").write_text(text)
    groups = "".join(f"group_{fault}: {{hosts: {{{fault}: }}}}\n" for fault in hosts)
    (inventory / "hosts.yml").write_text(groups)
    everywhere = inventory / "group_vars" / "all.yml"
    here = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    everywhere.write_text(yaml.safe_dump({"railyard_endpoint_url": _emulator.state.url, **here}))
    first_play = inventory.parent / f"{inventory.name}.yml"
    first_play.write_text(yaml.safe_dump(yaml.safe_load((ROOT / "playbooks/site.yml").read_text())[:1]))
    before = len(_emulator.writes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(inventory.parent / "home"))
        played = play(_emulator, str(first_play), "--forks", "8", "-vvv", inventory=(str(inventory),))
    assert len(_emulator.writes()) == before
    return played, _emulator, inventory


def said(played: Played, fault: str) -> str:
    """The message for a host, on one line."""
    found = re.search(rf"^\[ERROR\]: Task failed: Action failed: ({fault}: .*?)^Origin: ", played.output, re.MULTILINE | re.DOTALL)
    assert found, played.output
    return " ".join(found[1].split())


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told_with_its_place_and_what_would_be_right(run: tuple[Played, Emulated, Path], fault: str) -> None:
    played, _, inventory = run
    _, _, what, where, right = FAULTS[fault]
    message = said(played, fault)
    assert message.startswith(f"{fault}: 1 problem. Nothing has been written. 1. "), message
    assert what in message and right in message.split("right: ")[1]
    if where:
        assert f"where: {where}" in message
    file = re.search(rf"{inventory}/group_vars/group_{fault}/\w+\.yml:(\d+)", message)
    if fault in ("missing", "nokeys"):
        assert not file
        return
    assert file
    line = Path(file[0].split(":")[0]).read_text().splitlines()[int(file[1]) - 1]
    assert where.replace("[0]", "").split(".")[-1] in line or line.strip().startswith("- "), line


def test_preflight_fails_with_a_fault_and_passes_without(run: tuple[Played, Emulated, Path]) -> None:
    played, _, _ = run
    assert played.code != 0
    assert all(played.count("failed", host=fault) == 1 for fault in FAULTS)
    assert played.count("failed", host=FINE) == 0 and played.count("ok", host=FINE) == 1


def test_no_secret_is_shown_not_even_with_vvv(run: tuple[Played, Emulated, Path]) -> None:
    assert "hush-hush" not in run[0].output


def test_aws_is_asked_little_and_only_where_the_description_is_right(run: tuple[Played, Emulated, Path]) -> None:
    calls = [entry["operation"] for entry in run[1].journal() if not entry["write"]]
    assert calls.count("GetCallerIdentity") == len(["account", "absent", "plain", FINE])
    assert calls.count("DescribeServices") == calls.count("GetCallerIdentity")
    looked = {
        "GetCallerIdentity",
        "GetParameters",
        "DescribeParameters",
        "DescribeServices",
        "DescribeDBInstances",
        "DescribeAvailabilityZones",
    }
    # Nothing is there yet: names that AWS does not list as ours are asked for one by one.
    owners = {"GetResources", "GetRole", "ListTagsForResource", "HeadBucket", "DescribeVpcs", "DescribeClusters"}
    owners |= {"DescribeLoadBalancers", "DescribeTargetGroups", "ListTaskDefinitionFamilies"}
    assert set(calls) == {*looked, *owners, "DescribeOrderableDBInstanceOptions"} and calls.count("GetResources") == 1
