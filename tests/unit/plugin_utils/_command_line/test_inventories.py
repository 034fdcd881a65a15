"""Hosts that nobody is, and environments that become one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader

from ansible_collections.railyard.fargate.plugins.plugin_utils._command_line import inventories

GROUPS = {"all": ["shop_staging", "shop_prod"], "ungrouped": [], "staging": ["shop_staging"], "prod": ["shop_prod"]}


@pytest.mark.parametrize(
    ("pattern", "subset", "hosts"),
    [
        ("all", None, ["shop_staging", "shop_prod"]),
        ("prod", None, ["shop_prod"]),
        ("shop_*", "prod", ["shop_prod"]),
        ("all:!prod", None, ["shop_staging"]),
        ("typo", None, []),
        ("staging", "prod", []),
    ],
)
def test_which_hosts_are_meant(pattern: str, subset: str | None, hosts: list[str]) -> None:
    assert inventories.matching(DataLoader(), GROUPS, pattern, subset) == hosts


def test_an_inventory_that_is_not_there(tmp_path: Path) -> None:
    assert inventories.absent([str(tmp_path), "one,two", str(tmp_path / "prd")]) == [str(tmp_path / "prd")]


def inventory(folder: Path, host: str, group: str, **variables: Any) -> str:
    (folder / "group_vars").mkdir(parents=True)
    (folder / "hosts.yml").write_text(yaml.safe_dump({group: {"hosts": {host: {}}}}))
    named = {f"railyard_{name}": value for name, value in {"app": "shop", **variables}.items()}
    (folder / "group_vars" / f"{group}.yml").write_text(yaml.safe_dump(named))
    return str(folder)


def test_environments_side_by_side_stay_what_they_are(tmp_path: Path) -> None:
    one = inventory(tmp_path / "one", "shop_one", "one", environment="one", account_id="1")
    two = inventory(tmp_path / "two", "shop_two", "two", environment="two", account_id="2")
    (tmp_path / "more.yml").write_text(yaml.safe_dump({"all": {"hosts": {"shop_one": {"railyard_account_id": "3"}}}}))
    assert list(inventories.merged([one, two])) == []
    assert list(inventories.merged([one, str(tmp_path / "more.yml")])) == []


@pytest.mark.parametrize(("host", "group"), [("shop_one", "two"), ("shop_two", "one")])
def test_a_host_or_a_group_of_one_name_makes_two_environments_one(tmp_path: Path, host: str, group: str) -> None:
    one = inventory(tmp_path / "one", "shop_one", "one", environment="one", account_id="1")
    two = inventory(tmp_path / "two", host, group, environment="two", account_id="2")
    found = list(inventories.merged([one, two]))
    assert found and "shop_one is shop one in" in found[0] and "it would be shop two" in found[0]
