"""From a live DB subnet group to the declared one."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._rds.subnet_group import make_plan

WANTED: dict[str, Any] = {
    "name": "Shop",
    "description": "Private subnets",
    "subnets": ["subnet-2", "subnet-1"],
    "state": "present",
    "tags": {"a": "1"},
    "purge_tags": True,
}
LIVE: dict[str, Any] = {
    "name": "shop",
    "arn": "arn:group",
    "description": "Private subnets",
    "vpc_id": "vpc-1",
    "subnets": ["subnet-1", "subnet-2"],
    "tags": {"a": "1"},
}
GROUP = {"DBSubnetGroupName": "shop", "DBSubnetGroupDescription": "Private subnets", "SubnetIds": ["subnet-1", "subnet-2"]}


@pytest.mark.parametrize(
    ("live", "changes", "steps"),
    [
        (LIVE, {}, []),
        (LIVE, {"tags": None}, []),
        (LIVE, {"subnets": ["subnet-1", "subnet-2", "subnet-1"]}, []),
        (LIVE, {"subnets": ["subnet-3", "subnet-1"]}, [("ModifyDBSubnetGroup", {**GROUP, "SubnetIds": ["subnet-1", "subnet-3"]})]),
        (LIVE, {"description": "Others"}, [("ModifyDBSubnetGroup", {**GROUP, "DBSubnetGroupDescription": "Others"})]),
        (
            LIVE,
            {"tags": {"b": 2}},
            [
                ("AddTagsToResource", {"ResourceName": "arn:group", "Tags": [{"Key": "b", "Value": "2"}]}),
                ("RemoveTagsFromResource", {"ResourceName": "arn:group", "TagKeys": ["a"]}),
            ],
        ),
        (None, {}, [("CreateDBSubnetGroup", {**GROUP, "Tags": [{"Key": "a", "Value": "1"}]})]),
        (LIVE, {"state": "absent"}, [("DeleteDBSubnetGroup", {"DBSubnetGroupName": "shop"})]),
        (None, {"state": "absent"}, []),
    ],
)
def test_plan(live: dict[str, Any] | None, changes: dict[str, Any], steps: list[tuple[str, dict[str, Any]]]) -> None:
    plan = make_plan({**WANTED, **changes}, live)
    assert [(step.operation, step.params) for step in plan.steps] == steps and plan.before == live
