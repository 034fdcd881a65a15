"""Modules that keep a list: one run for all of its items, side by side, each with its own difference, error and result."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.module import ecs_stage
from tests.module.ecs_stage import CLUSTER, Stage
from tests.support.emulated import Emulated
from tests.support.walk import differences

MANY = [f"worker{number:02}" for number in range(12)]
CONTAINER = {"name": "web", "image": "shop:1"}


@pytest.fixture
def stage(emulated: Emulated) -> Stage:
    return ecs_stage.build(emulated)


def calls(stage: Stage, since: int) -> Counter[str]:
    return Counter(entry["operation"] for entry in stage.emulated.journal()[since:])


def task_definitions(stage: Stage, names: list[str], check: bool = False, **more: Any) -> dict[str, Any]:
    item = {"cpu": 256, "memory": 512, "execution_role_arn": stage.role, "containers": [CONTAINER]}
    items = [{"family": name, **item, **more.pop(name, {})} for name in names]
    return stage.emulated.run("ecs_task_definition", check=check, task_definitions=items, **more)


def services(stage: Stage, names: list[str], check: bool = False, **more: Any) -> dict[str, Any]:
    network = {"subnets": stage.subnets, "security_groups": [stage.group], "assign_public_ip": True}
    item = {"task_definition": stage.definition, "desired_count": 1, "network_configuration": network}
    items = [{"name": name, **item, **more.pop(name, {})} for name in names]
    return stage.emulated.run("ecs_service", check=check, cluster=CLUSTER, services=items, **more)


def targets(stage: Stage, names: list[str], check: bool = False, **more: Any) -> dict[str, Any]:
    item = {"min_capacity": 1, "max_capacity": 4}
    items = [{"resource_id": f"service/{CLUSTER}/{name}", **item, **more.pop(name, {})} for name in names]
    return stage.emulated.run("application_autoscaling_target", check=check, scalable_targets=items, **more)


def test_many_processes_are_read_by_few_calls(stage: Stage) -> None:
    assert len(task_definitions(stage, MANY)["task_definitions"]) == 12
    assert [one["service_name"] for one in services(stage, MANY)["services"]] == MANY
    assert [one["resource_id"].rpartition("/")[2] for one in targets(stage, MANY)["scalable_targets"]] == MANY
    for keep, reads in (
        (task_definitions, {"DescribeTaskDefinition": 12}),
        # Ten at once.
        (services, {"DescribeServices": 2}),
        # The policies of all, as there are few of others.
        (targets, {"DescribeScalableTargets": 1, "DescribeScalingPolicies": 1, "ListTagsForResource": 12}),
    ):
        before = len(stage.emulated.journal())
        again = keep(stage, MANY)
        assert not again["changed"] and again["diff"] == [] and dict(calls(stage, before)) == reads


def test_only_what_differs_is_written_and_shown_with_its_name(stage: Stage) -> None:
    names = ["a", "b", "c"]
    task_definitions(stage, names)
    before = len(stage.emulated.journal())
    changed = task_definitions(stage, names, b={"memory": 1024}, c={"cpu": 512, "memory": 1024})
    assert [(one["family"], one["revision"], one["revision_registered"]) for one in changed["task_definitions"]] == [
        ("a", 1, False),
        ("b", 2, True),
        ("c", 2, True),
    ]
    assert [list(one["difference"]) for one in changed["task_definitions"]] == [[], ["memory"], ["cpu", "memory"]]
    assert [one["before_header"] for one in changed["diff"]] == ["task definition b", "task definition c"]
    assert [(one["before"]["memory"], one["after"]["memory"]) for one in changed["diff"]] == [("512", "1024")] * 2
    assert calls(stage, before)["RegisterTaskDefinition"] == 2
    assert differences("ecs_task_definition", changed) == []


def test_nothing_is_written_when_one_item_is_wrong_and_all_of_them_are_named(stage: Stage) -> None:
    before = stage.emulated.writes()
    for check in (True, False):
        failed = task_definitions(stage, ["a", "b", "c"], check=check, b={"memory": 100}, c={"containers": [{"name": "web"}]})
        assert (
            failed["failed"] and "task definition b: " in failed["msg"] and "task definition c: container web has no image" in failed["msg"]
        )
        failed = services(stage, ["a", "b"], check=check, b={"desired_count_min": 3, "desired_count_max": 2})
        assert failed["failed"] and failed["msg"] == "service b: desired_count_min 3 is above desired_count_max 2"
        failed = targets(stage, ["a", "b"], check=check, b={"min_capacity": 5})
        assert failed["failed"] and "/b: min_capacity 5 and max_capacity 4 are no limits" in failed["msg"]
        failed = services(stage, ["a", "a"], check=check)
        assert failed["failed"] and failed["msg"] == "services: service a is there more than once"
    assert stage.emulated.writes() == before


def test_an_item_that_aws_refuses_is_named_and_the_others_are_kept(stage: Stage) -> None:
    services(stage, ["a"])
    failed = targets(stage, ["a", "nobody"])
    assert failed["failed"] and "nobody" in failed["msg"] and failed["error_code"] == "ValidationException"
    assert "\n" not in failed["msg"]
    assert not targets(stage, ["a"])["changed"]


def test_what_is_read_is_in_the_order_in_which_it_was_asked_for(stage: Stage) -> None:
    services(stage, ["a", "b"])
    targets(stage, ["b"])
    targets(stage, ["a"])
    asked = [f"service/{CLUSTER}/{name}" for name in ("a", "nobody", "b")]
    read = stage.emulated.run("application_autoscaling_target_info", resource_ids=asked)
    assert [one["resource_id"] for one in read["scalable_targets"]] == [asked[0], asked[2]]
    groups = stage.emulated.run("elbv2_target_group_info", names=["green", "nobody", "blue"])
    assert [one["target_group_name"] for one in groups["target_groups"]] == ["green", "blue"]


def test_what_is_gone_is_not_in_the_list(stage: Stage) -> None:
    services(stage, ["a", "b"])
    gone = services(stage, ["a"], state="absent")
    assert gone["changed"] and gone["services"] == []
    again = services(stage, ["a", "b"], state="absent", check=True)
    assert again["changed"] and [one["before_header"] for one in again["diff"]] == ["service b"]


def test_a_pair_of_target_groups_and_their_listeners(stage: Stage) -> None:
    emulated = stage.emulated
    vpc = emulated.client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.0.0/16"]}])["Vpcs"][0]["VpcId"]
    pair = [{"name": name, "vpc_id": vpc, "port": 3000} for name in ("one", "two")]
    listeners = [{"port": 8000}, {"port": 8001}]

    def keep(*which: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        groups = emulated.run("elbv2_target_group", target_groups=pair)
        front = {"load_balancer_name": "shop", "target_group_pair": ["one", "two"], "tags": {"application": "shop"}}
        return groups, emulated.run("elbv2_listener", listeners=list(which), **front)

    groups, made = keep(*listeners)
    assert [one["target_group_name"] for one in groups["target_groups"]] == ["one", "two"]
    assert [one["port"] for one in made["listeners"]] == [8000, 8001]
    assert {one["active_target_group_arn"] for one in made["listeners"]} == {groups["target_groups"][0]["target_group_arn"]}
    assert [one["after_header"] for one in made["diff"]] == ["listener at port 8000", "listener at port 8001"]
    assert differences("elbv2_listener", made) == [] and differences("elbv2_target_group", groups) == []

    before = len(emulated.journal())
    again = keep(*listeners)
    assert not any(one["changed"] for one in again)
    assert dict(calls(stage, before)) == {
        "DescribeTargetGroups": 2,
        "DescribeTargetGroupAttributes": 2,
        "DescribeTags": 2,
        "DescribeLoadBalancers": 1,
        "DescribeListeners": 1,
    }
    _groups, wrong = keep({"port": 8000}, {"port": 8001, "ssl_policy": "ELBSecurityPolicy-2016-08"})
    assert wrong["failed"] and "takes no ssl_policy" in wrong["msg"] and "8001" in wrong["msg"]
