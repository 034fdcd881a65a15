"""application_autoscaling_target and _target_info against the emulated Application Auto Scaling."""

import pytest

from ansible_collections.railyard.fargate.plugins.filter.scaling_policies import scaling_policies
from ansible_collections.railyard.fargate.plugins.module_utils._autoscaling import target as autoscaling_target
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import apply_plan
from tests.module import ecs_stage
from tests.module.ecs_stage import CLUSTER
from tests.support import one
from tests.support.emulated import Emulated
from tests.support.walk import differences

RESOURCE = f"service/{CLUSTER}/web"
IDENTITY = {"service_namespace": "ecs", "scalable_dimension": "ecs:service:DesiredCount"}
CONFIGURATION = "target_tracking_scaling_policy_configuration"
LABEL = "app/shop/1111111111111111/targetgroup/{}/2222222222222222"


@pytest.fixture
def served(emulated: Emulated) -> Emulated:
    """With an ECS service."""
    stage = ecs_stage.build(emulated)
    network = {"subnets": stage.subnets, "security_groups": [stage.group]}
    made = one.run(
        emulated,
        "ecs_service",
        name="web",
        cluster=CLUSTER,
        task_definition=stage.definition,
        desired_count=2,
        network_configuration=network,
    )
    assert made["changed"]
    return emulated


def target(emulated: Emulated, **params):
    wanted = {"resource_id": RESOURCE, "min_capacity": 2, "max_capacity": 10, "tags": {"application": "shop"}}
    return one.run(emulated, "application_autoscaling_target", **{**wanted, **params})


CPU = {"name": "cpu", "predefined_metric": "ECSServiceAverageCPUUtilization", "target_value": 60}


def kept(emulated: Emulated, *policies, **params):
    """The target with these policies."""
    return target(emulated, policies=list(policies), **params)


def names(result) -> list[str]:
    return [item["policy_name"] for item in result["scalable_target"]["policies"]]


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


def test_other_limits_leave_alone_what_a_release_has_suspended_meanwhile(served: Emulated) -> None:
    """A converge may have read before a release has suspended scaling; only who says something of it changes it."""
    target(served)
    client = served.client("application-autoscaling")
    (live,) = autoscaling_target.find_each(client, [{"resource_id": RESOURCE, **IDENTITY}])
    wanted = {**dict.fromkeys(("suspended", "suspended_state", "tags", "policies", "min_capacity")), "state": "present", "max_capacity": 12}
    wanted |= {"resource_id": RESOURCE, "purge_tags": False, "purge_policies": False, **IDENTITY}
    target(served, suspended=True)
    apply_plan(client, autoscaling_target.make_plan(client, wanted, live))
    found = target(served, max_capacity=12)
    assert not found["changed"] and all(found["scalable_target"]["suspended_state"].values())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"min_capacity": 11}, "min_capacity 11 and max_capacity 10 are no limits"),
        ({"max_capacity": None}, "is no scalable target yet; max_capacity must be given to register it"),
    ],
)
def test_invalid_limits_are_refused(emulated: Emulated, change, said) -> None:
    failed = target(emulated, **change)
    assert failed["failed"] and said in failed["msg"]


def test_policies_check_create_again_change_delete(served: Emulated) -> None:
    before = served.writes()
    predicted = kept(served, CPU, check=True)
    assert predicted["changed"] and served.writes() == before
    assert names(predicted) == ["cpu"] and predicted["diff"]["before"] == {}

    created = kept(served, CPU)
    assert created["changed"] and differences("application_autoscaling_target", created) == []
    assert predicted["scalable_target"]["policies"][0].items() <= created["scalable_target"]["policies"][0].items()
    assert not kept(served, CPU)["changed"]
    assert not target(served)["changed"], "without the option policies stay"

    warmer = {**CPU, "target_value": 70, "scale_in_cooldown": 300}
    checked = kept(served, warmer, check=True)
    changed = kept(served, warmer)
    assert changed["changed"] and checked["diff"] == changed["diff"]
    before, after = (changed["diff"][side]["policies"][0][CONFIGURATION] for side in ("before", "after"))
    assert (before["target_value"], after["target_value"]) == (60, 70)
    assert changed["scalable_target"]["policies"][0][CONFIGURATION] == after
    assert not kept(served, {**CPU, "target_value": 70})["changed"], "a cooldown that is left out stays"

    assert kept(served, check=True)["scalable_target"]["policies"] == []
    assert names(target(served)) == ["cpu"]
    assert kept(served)["scalable_target"]["policies"] == []
    assert not kept(served)["changed"]


def test_policies_on_an_empty_account(emulated: Emulated) -> None:
    predicted = kept(emulated, CPU, check=True)
    assert predicted["changed"] and names(predicted) == ["cpu"] and emulated.writes() == []


def test_undeclared_policies_are_deleted_by_default(served: Emulated) -> None:
    memory = {"name": "memory", "predefined_metric": "ECSServiceAverageMemoryUtilization", "target_value": 70}
    kept(served, CPU)
    assert names(kept(served, memory, purge_policies=False)) == ["cpu", "memory"]
    assert names(kept(served, {**CPU, "name": "average"}, memory)) == ["average", "memory"], "a policy gets another name"
    reads = [entry["operation"] for entry in served.journal() if not entry["write"] and entry["service"] == "application-autoscaling"]
    assert not kept(served, {**CPU, "name": "average"}, memory)["changed"]
    again = [entry["operation"] for entry in served.journal() if not entry["write"] and entry["service"] == "application-autoscaling"]
    assert sorted(again[len(reads) :]) == ["DescribeScalableTargets", "DescribeScalingPolicies", "ListTagsForResource"]


def test_requests_of_either_target_group(served: Emulated) -> None:
    blue, green = LABEL.format("blue"), LABEL.format("green")
    requests = {"name": "requests", "predefined_metric": "ALBRequestCountPerTarget", "target_value": 800}
    pair = [blue, green]
    assert kept(served, {**requests, "resource_label": blue, "resource_label_pair": pair})["changed"]
    assert not kept(served, {**requests, "resource_label": green, "resource_label_pair": pair})["changed"]
    assert kept(served, {**requests, "resource_label": green}, check=True)["changed"]


def test_a_metric_of_ones_own(served: Emulated) -> None:
    metric = {"namespace": "shop", "metric_name": "QueueLatency", "statistic": "Average"}
    queue = {"name": "queue", "customized_metric_specification": metric, "target_value": 30}
    balancer = {
        "load_balancer_arn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/1111111111111111",
        "target_group_arns": [f"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{name}/2222222222222222" for name in "bg"],
    }
    requests = scaling_policies({"scale": {"requests": 800}}, balancer)
    assert names(kept(served, queue, *requests)) == ["queue", "requests"]
    assert not kept(served, queue, *requests)["changed"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"resource_label": "blue"}, "resource_label is for ALBRequestCountPerTarget only"),
        ({"customized_metric_specification": {"namespace": "shop"}}, "mutually exclusive"),
        ({"predefined_metric": None}, "one of the following is required"),
        ({"predefined_metric": "ALBRequestCountPerTarget"}, "resource_label"),
        ({"target_value": None}, "target_value"),
        ({"target_value": -1}, "must be above 0"),
    ],
)
def test_invalid_policies_are_refused(emulated: Emulated, given, said) -> None:
    failed = kept(emulated, {name: value for name, value in {**CPU, **given}.items() if value is not None})
    assert failed["failed"] and said in failed["msg"] and emulated.writes() == []


def test_info_has_policies(served: Emulated) -> None:
    kept(served, CPU)
    read = served.run("application_autoscaling_target_info", resource_ids=[RESOURCE, f"service/{CLUSTER}/nobody"])
    assert [item["resource_id"] for item in read["scalable_targets"]] == [RESOURCE]
    assert [item["policy_name"] for item in read["scalable_targets"][0]["policies"]] == ["cpu"]
    assert read["scalable_targets"][0]["tags"] == {"application": "shop"}
    assert served.run("application_autoscaling_target_info")["scalable_targets"] == read["scalable_targets"]
    assert target(served)["scalable_target"] == read["scalable_targets"][0]
