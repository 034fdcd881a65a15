"""application_autoscaling_target, _target_info and _policy against the emulated Application Auto Scaling."""

import pytest

from tests.module import ecs_stage
from tests.module.ecs_stage import CLUSTER
from tests.support.emulated import Emulated
from tests.support.walk import differences

RESOURCE = f"service/{CLUSTER}/web"
LABEL = "app/shop/1111111111111111/targetgroup/{}/2222222222222222"


@pytest.fixture
def served(emulated: Emulated) -> Emulated:
    """With an ECS service."""
    stage = ecs_stage.build(emulated)
    network = {"subnets": stage.subnets, "security_groups": [stage.group]}
    made = emulated.run(
        "ecs_service", name="web", cluster=CLUSTER, task_definition=stage.definition, desired_count=2, network_configuration=network
    )
    assert made["changed"]
    return emulated


def target(emulated: Emulated, **params):
    wanted = {"resource_id": RESOURCE, "min_capacity": 2, "max_capacity": 10, "tags": {"application": "shop"}}
    return emulated.run("application_autoscaling_target", **{**wanted, **params})


def policy(emulated: Emulated, **params):
    wanted = {"name": "cpu", "resource_id": RESOURCE, "predefined_metric": "ECSServiceAverageCPUUtilization", "target_value": 60}
    return emulated.run("application_autoscaling_policy", **{**wanted, **params})


def test_target_check_create_again_change_delete(served: Emulated) -> None:
    before = served.writes()
    predicted = target(served, check=True)
    assert predicted["changed"] and served.writes() == before

    created = target(served)
    assert created["changed"] and differences("application_autoscaling_target", created) == []
    assert predicted["scalable_target"].items() <= created["scalable_target"].items()
    assert not target(served)["changed"]
    assert not target(served, min_capacity=None, max_capacity=None, tags=None)["changed"]

    changed = target(served, max_capacity=12, tags={"team": "checkout"})
    assert (changed["diff"]["before"]["max_capacity"], changed["diff"]["after"]["max_capacity"]) == (10, 12)
    assert changed["scalable_target"]["tags"] == {"team": "checkout"}
    assert changed["scalable_target"]["min_capacity"] == 2

    assert target(served, state="absent", check=True)["changed"]
    assert target(served, state="absent")["scalable_target"] is None
    assert not target(served, state="absent")["changed"]


def test_suspend_and_resume(served: Emulated) -> None:
    target(served)
    held = target(served, suspended=True, min_capacity=None, max_capacity=None, tags=None)
    assert held["changed"] and all(held["scalable_target"]["suspended_state"].values())
    assert not target(served)["changed"], "a converge in the middle of a deployment leaves scaling suspended"
    assert not target(served, suspended=True)["changed"]
    partly = target(served, suspended_state={"scheduled_scaling_suspended": False})
    assert list(partly["scalable_target"]["suspended_state"].values()) == [True, True, False]
    assert not any(target(served, suspended=False)["scalable_target"]["suspended_state"].values())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"min_capacity": 11}, "min_capacity 11 and max_capacity 10 are no limits"),
        ({"max_capacity": None}, "is no scalable target yet; max_capacity must be given to register it"),
    ],
)
def test_limits_that_cannot_be(emulated: Emulated, change, said) -> None:
    failed = target(emulated, **change)
    assert failed["failed"] and said in failed["msg"]


def test_policy_check_create_again_change_delete(served: Emulated) -> None:
    assert policy(served, check=True)["changed"], "on an account without a target"
    target(served)
    before = served.writes()
    predicted = policy(served, check=True)
    assert predicted["changed"] and served.writes() == before

    created = policy(served)
    assert created["changed"] and differences("application_autoscaling_policy", created) == []
    assert predicted["scaling_policy"].items() <= created["scaling_policy"].items()
    assert not policy(served)["changed"]
    assert not target(served)["changed"]

    changed = policy(served, target_value=70, scale_in_cooldown=300)
    assert changed["diff"]["before"]["target_tracking_scaling_policy_configuration"]["target_value"] == 60
    assert changed["scaling_policy"]["target_tracking_scaling_policy_configuration"]["target_value"] == 70
    assert not policy(served, target_value=70)["changed"], "a cooldown that is left out stays"

    assert policy(served, state="absent", check=True)["changed"]
    assert policy(served, state="absent")["scaling_policy"] is None
    assert not policy(served, state="absent")["changed"]


def test_requests_of_either_target_group(served: Emulated) -> None:
    target(served)
    blue, green = LABEL.format("blue"), LABEL.format("green")
    requests = {"name": "requests", "predefined_metric": "ALBRequestCountPerTarget", "target_value": 800}
    pair = [blue, green]
    assert policy(served, **requests, resource_label=blue, resource_label_pair=pair)["changed"]
    assert not policy(served, **requests, resource_label=green, resource_label_pair=pair)["changed"]
    assert policy(served, **requests, resource_label=green, check=True)["changed"]
    failed = policy(served, resource_label=blue)
    assert failed["failed"] and "resource_label is for ALBRequestCountPerTarget only" in failed["msg"]


def test_a_metric_of_ones_own(served: Emulated) -> None:
    target(served)
    metric = {"namespace": "shop", "metric_name": "QueueLatency", "statistic": "Average"}
    queue = {"name": "queue", "resource_id": RESOURCE, "customized_metric_specification": metric, "target_value": 30}
    assert served.run("application_autoscaling_policy", **queue)["changed"]
    assert not served.run("application_autoscaling_policy", **queue)["changed"]


def test_info_has_policies(served: Emulated) -> None:
    target(served)
    policy(served)
    read = served.run("application_autoscaling_target_info", resource_ids=[RESOURCE, f"service/{CLUSTER}/nobody"])
    assert [item["resource_id"] for item in read["scalable_targets"]] == [RESOURCE]
    assert [item["policy_name"] for item in read["scalable_targets"][0]["policies"]] == ["cpu"]
    assert read["scalable_targets"][0]["tags"] == {"application": "shop"}
    assert served.run("application_autoscaling_target_info")["scalable_targets"] == read["scalable_targets"]
