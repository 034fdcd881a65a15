"""What is sent to ECS for a service, and what is left to the deployer and the scaler."""

from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecs.service_plan import make_plan

ECS = boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
OPTIONS = (
    "task_definition",
    "keep_image_of",
    "desired_count_min",
    "desired_count_max",
    "launch_type",
    "capacity_provider_strategy",
    "platform_version",
    "network_configuration",
    "load_balancers",
    "target_group_pair",
    "deployment_configuration",
    "health_check_grace_period_seconds",
    "enable_execute_command",
    "enable_ecs_managed_tags",
    "propagate_tags",
    "availability_zone_rebalancing",
    "tags",
)
NETWORK = {"subnets": ["b", "a"], "security_groups": ["s"], "assign_public_ip": True}
BLUE = {"target_group_arn": "blue", "container_name": "web", "container_port": 3000, "advanced_configuration": None}
GREEN = {**BLUE, "target_group_arn": "green"}
WEB = {
    "deployment_controller": "CODE_DEPLOY",
    "task_definition": "web:1",
    "network_configuration": NETWORK,
    "load_balancers": [BLUE],
    "target_group_pair": ["blue", "green"],
}


def wanted(**given: Any) -> dict[str, Any]:
    chosen = {"name": "web", "cluster": "shop", "state": "present", "desired_count": 0, "deployment_controller": "ECS", "release": False}
    return {**dict.fromkeys(OPTIONS), **chosen, "purge_tags": True, "wait": True, "wait_timeout": 900, **given}


def live(**members: Any) -> dict[str, Any]:
    return {
        "service_name": "web",
        "service_arn": "arn:web",
        "status": "ACTIVE",
        "desired_count": 4,
        "deployment_controller": "CODE_DEPLOY",
        "task_definition": "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1",
        "launch_type": "FARGATE",
        "platform_version": "1.4.0",
        "network_configuration": {"subnets": ["a", "b"], "security_groups": ["s"], "assign_public_ip": True},
        "load_balancers": [{"target_group_arn": "blue", "container_name": "web", "container_port": 3000}],
        "deployment_configuration": {
            "maximum_percent": 200,
            "minimum_healthy_percent": 100,
            "alarms": {"enable": False, "rollback": False},
        },
        "enable_execute_command": False,
        "enable_ecs_managed_tags": False,
        "propagate_tags": "NONE",
        "availability_zone_rebalancing": "ENABLED",
        "tags": {"a": "1"},
        **members,
    }


def sent(plan: Any) -> dict[str, Any]:
    """What UpdateService gets besides the names of cluster and service; {} when it is not called."""
    updates = [step for step in plan.steps if step.operation == "UpdateService"]
    for update in updates:
        assert (update.params["cluster"], update.params["service"]) == ("shop", "web")
    return {key: value for update in updates for key, value in update.params.items() if key not in ("cluster", "service")}


def test_creation_sends_all_that_is_declared() -> None:
    plan = make_plan(ECS, wanted(**WEB, desired_count=2, platform_version="LATEST", tags={"a": 1}, enable_ecs_managed_tags=True), None)
    assert [step.operation for step in plan.steps] == ["CreateService"]
    assert plan.steps[0].params == {
        "cluster": "shop",
        "serviceName": "web",
        "taskDefinition": "web:1",
        "desiredCount": 2,
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "deploymentController": {"type": "CODE_DEPLOY"},
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a", "b"], "securityGroups": ["s"], "assignPublicIp": "ENABLED"}},
        "loadBalancers": [{"targetGroupArn": "blue", "containerName": "web", "containerPort": 3000}],
        "enableECSManagedTags": True,
        "tags": [{"key": "a", "value": "1"}],
    }
    assert plan.after["active_target_group_arn"] == "blue" and not plan.notes["needs_release"]


def test_creation_says_its_own_errors_from_others_of_the_same_code() -> None:
    step = make_plan(ECS, wanted(**WEB), None).steps[0]
    assert step.already == ("InvalidParameterException: not idempotent",)
    draining = next(item for item in step.propagation if item.fragment in "Unable to Start a service that is still Draining.")
    assert draining.seconds == 900
    role = "Unable to assume the service linked role. Please verify that the ECS service linked role exists."
    assert any(item.fragment in role and item.code == "InvalidParameterException" for item in step.propagation)


def test_capacity_providers_instead_of_a_launch_type() -> None:
    strategy = [{"capacity_provider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    params = make_plan(ECS, wanted(task_definition="web:1", capacity_provider_strategy=strategy), None).steps[0].params
    assert "launchType" not in params and params["capacityProviderStrategy"][0]["capacityProvider"] == "FARGATE_SPOT"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "task_definition is needed to create it"),
        ({"task_definition": "web:1", "deployment_controller": "CODE_DEPLOY"}, "needs a load balancer"),
        ({**WEB, "load_balancers": [BLUE, GREEN]}, "exactly one load balancer, not 2"),
        ({**WEB, "target_group_pair": ["blue", "blue"]}, "target_group_pair has 1 target groups"),
        ({**WEB, "target_group_pair": ["green", "red"]}, "blue in load_balancers is none of target_group_pair green, red"),
        ({**WEB, "desired_count_min": 3, "desired_count_max": 2}, "desired_count_min 3 is above desired_count_max 2"),
        ({**WEB, "deployment_configuration": {"max": 1}}, "deployment_configuration has no max"),
    ],
)
def test_refusals_of_a_new_service(given: dict[str, Any], said: str) -> None:
    with pytest.raises(RailyardError, match=said):
        make_plan(ECS, wanted(**given), None)


STATES: dict[str, dict[str, Any]] = {
    "fresh": {},
    "after one swap": {"load_balancers": [{"target_group_arn": "green", "container_name": "web", "container_port": 3000}]},
    "after scaling": {"desired_count": 9},
    "with AWS's own word for the platform": {"platform_version": "LATEST"},
    "on a platform that AWS has made LATEST since": {"platform_version": "1.10.0"},
}


@pytest.mark.parametrize("state", STATES)
def test_nothing_changes_in_any_live_state(state: str) -> None:
    chosen = wanted(**WEB, desired_count=1, platform_version="LATEST", propagate_tags="NONE", health_check_grace_period_seconds=0)
    plan = make_plan(ECS, chosen, live(**STATES[state]))
    assert not plan.changed
    assert plan.notes == {"needs_release": False, "release_difference": {}, "recreation_difference": {}}


def test_an_older_platform_is_no_latest_one() -> None:
    plan = make_plan(ECS, wanted(**{**WEB, "platform_version": "LATEST"}), live(platform_version="1.3.0"))
    assert plan.notes["release_difference"] == {"platform_version": {"before": "1.3.0", "after": "LATEST"}}


@pytest.mark.parametrize("controller", ["ECS", "CODE_DEPLOY"])
@pytest.mark.parametrize(
    ("given", "difference"),
    [
        ({"task_definition": "web:2"}, {"task_definition": (live()["task_definition"], "web:2")}),
        ({"network_configuration": {**NETWORK, "subnets": ["a"]}}, {"network_configuration.subnets": (["a", "b"], ["a"])}),
        ({"platform_version": "1.3.0"}, {"platform_version": ("1.4.0", "1.3.0")}),
        ({"platform_version": "1.5.0"}, {"platform_version": ("1.4.0", "1.5.0")}),
        (
            {"load_balancers": [{**BLUE, "container_port": 80}]},
            {"load_balancers": (live()["load_balancers"], [{"target_group_arn": "blue", "container_name": "web", "container_port": 80}])},
        ),
        (
            {"load_balancers": [GREEN], "target_group_pair": None},
            {
                "load_balancers": (
                    live()["load_balancers"],
                    [{"target_group_arn": "green", "container_name": "web", "container_port": 3000}],
                )
            },
        ),
    ],
)
def test_the_deployers_fields_are_reported_and_never_sent(controller: str, given: dict[str, Any], difference: dict[str, Any]) -> None:
    chosen = wanted(**{**WEB, "deployment_controller": controller, **given})
    plan = make_plan(ECS, chosen, live(deployment_controller=controller))
    assert not plan.changed and plan.notes["needs_release"]
    assert plan.notes["release_difference"] == {path: {"before": old, "after": new} for path, (old, new) in difference.items()}


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "ECS"])
def test_what_no_release_can_carry_is_refused_and_never_promised(controller: str) -> None:
    chosen = wanted(**{**WEB, "deployment_controller": controller, "launch_type": "EC2"})
    with pytest.raises(RailyardError, match="cannot change the launch type, and no AppSpec either; use capacity_provider_strategy"):
        make_plan(ECS, chosen, live(deployment_controller=controller))


def test_the_provider_fargate_alone_is_the_launch_type_fargate() -> None:
    found = live(launch_type=None, capacity_provider_strategy=[{"capacity_provider": "FARGATE", "weight": 1, "base": 0}])
    assert not make_plan(ECS, wanted(**{**WEB, "launch_type": "FARGATE"}), found).notes["needs_release"]


def definition(image: str, memory: str = "512", **container: Any) -> dict[str, Any]:
    return {"family": "web", "memory": memory, "revision": 1, "containers": [{"name": "web", "image": image, **container}]}


@pytest.mark.parametrize(
    ("declared", "keep", "needs", "paths"),
    [
        (definition("shop:1"), None, False, []),
        (definition("shop:2"), None, False, []),
        (definition("shop:2"), ["agent"], True, ["task_definition", "task_definition.containers.web.image"]),
        (definition("shop:2", "1024"), None, True, ["task_definition", "task_definition.containers.web.image", "task_definition.memory"]),
    ],
)
def test_another_image_alone_needs_no_release(declared: dict[str, Any], keep: list[str] | None, needs: bool, paths: list[str]) -> None:
    chosen = wanted(**{**WEB, "task_definition": "web:2", "keep_image_of": keep})
    notes = make_plan(ECS, chosen, live(), [definition("shop:1"), declared]).notes
    assert notes["needs_release"] is needs and sorted(notes["release_difference"]) == paths


def test_a_release_by_ecs_sends_what_differs() -> None:
    chosen = wanted(task_definition="web:2", network_configuration={**NETWORK, "assign_public_ip": False}, release=True)
    plan = make_plan(ECS, chosen, live(deployment_controller="ECS"))
    assert sent(plan) == {
        "taskDefinition": "web:2",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a", "b"], "securityGroups": ["s"], "assignPublicIp": "DISABLED"}},
    }
    assert not plan.notes["needs_release"] and plan.after["task_definition"] == "web:2"


@pytest.mark.parametrize(
    ("controller", "given", "said"),
    [
        ("CODE_DEPLOY", {"task_definition": "web:2"}, "is released by CodeDeploy"),
        ("ECS", {"launch_type": "EC2"}, "cannot change the launch type"),
    ],
)
def test_a_release_that_is_not_ours(controller: str, given: dict[str, Any], said: str) -> None:
    chosen = wanted(**{**WEB, "deployment_controller": controller, "release": True, **given})
    with pytest.raises(RailyardError, match=said):
        make_plan(ECS, chosen, live(deployment_controller=controller))


@pytest.mark.parametrize(
    ("low", "high", "count"),
    [(None, None, None), (2, 10, None), (4, 4, None), (5, None, 5), (None, 3, 3), (6, 8, 6), (0, 2, 2)],
)
def test_the_scalers_number_is_only_brought_between_the_limits(low: int | None, high: int | None, count: int | None) -> None:
    plan = make_plan(ECS, wanted(**WEB, desired_count=1, desired_count_min=low, desired_count_max=high), live(desired_count=4))
    assert sent(plan) == ({} if count is None else {"desiredCount": count})
    assert plan.after["desired_count"] == (4 if count is None else count)


@pytest.mark.parametrize(
    ("controller", "given", "params", "recreation"),
    [
        ("CODE_DEPLOY", {"propagate_tags": "SERVICE"}, {"propagateTags": "SERVICE"}, []),
        ("CODE_DEPLOY", {"enable_ecs_managed_tags": True}, {"enableECSManagedTags": True}, []),
        ("CODE_DEPLOY", {"health_check_grace_period_seconds": 9}, {"healthCheckGracePeriodSeconds": 9}, []),
        ("CODE_DEPLOY", {"deployment_configuration": {"maximum_percent": 150}}, {"deploymentConfiguration": {"maximumPercent": 150}}, []),
        ("CODE_DEPLOY", {"deployment_configuration": {"maximum_percent": "200"}}, {}, []),
        ("CODE_DEPLOY", {"enable_execute_command": True}, {}, ["enable_execute_command"]),
        ("CODE_DEPLOY", {"availability_zone_rebalancing": "DISABLED"}, {}, ["availability_zone_rebalancing"]),
        ("ECS", {"enable_execute_command": True}, {"enableExecuteCommand": True}, []),
        ("ECS", {"availability_zone_rebalancing": "DISABLED"}, {"availabilityZoneRebalancing": "DISABLED"}, []),
        (
            "ECS",
            {"deployment_configuration": {"alarms": {"alarm_names": ["x"], "enable": True}}},
            {"deploymentConfiguration": {"alarms": {"alarmNames": ["x"], "enable": True, "rollback": False}}},
            [],
        ),
    ],
)
def test_update_gets_what_the_controller_accepts(
    controller: str, given: dict[str, Any], params: dict[str, Any], recreation: list[str]
) -> None:
    plan = make_plan(ECS, wanted(**{**WEB, "deployment_controller": controller, **given}), live(deployment_controller=controller))
    assert sent(plan) == params
    assert list(plan.notes["recreation_difference"]) == recreation
    assert plan.changed is bool(params)


def test_members_of_the_deployment_configuration_that_are_not_given_stay() -> None:
    plan = make_plan(ECS, wanted(**WEB, deployment_configuration={"maximum_percent": 150}), live())
    assert plan.after["deployment_configuration"] == {**live()["deployment_configuration"], "maximum_percent": 150}


def test_tags() -> None:
    plan = make_plan(ECS, wanted(**WEB, tags={"b": "2"}), live())
    assert [(step.operation, step.params) for step in plan.steps] == [
        ("TagResource", {"resourceArn": "arn:web", "tags": [{"key": "b", "value": "2"}]}),
        ("UntagResource", {"resourceArn": "arn:web", "tagKeys": ["a"]}),
    ]


def two_groups(group: str = "blue", other: str = "green", role: str = "role") -> dict[str, Any]:
    rules = {"production_listener_rule": "rule/80", "test_listener_rule": "rule/8080"}
    return {**BLUE, "target_group_arn": group, "advanced_configuration": {**rules, "alternate_target_group_arn": other, "role_arn": role}}


PRIMARY = {"id": "ecs-svc/1", "status": "PRIMARY"}
NATIVE = {**WEB, "deployment_controller": "ECS", "load_balancers": [two_groups()]}


@pytest.mark.parametrize(("active", "idle"), [("blue", "green"), ("green", "blue")])
def test_a_service_comes_to_ecs_with_the_active_group_as_it_is(active: str, idle: str) -> None:
    configuration = {"strategy": "CANARY", "bake_time_in_minutes": 5}
    found = live(task_sets=[PRIMARY], active_target_group_arn=active)
    plan = make_plan(ECS, wanted(**{**NATIVE, "task_definition": "web:2"}, deployment_configuration=configuration), found)
    assert [step.operation for step in plan.steps] == ["UpdateService"]
    params = sent(plan)
    assert params["deploymentController"] == {"type": "ECS"}
    assert params["deploymentConfiguration"] == {"strategy": "CANARY", "bakeTimeInMinutes": 5}
    (balancer,) = params["loadBalancers"]
    assert (balancer["targetGroupArn"], balancer["advancedConfiguration"]["alternateTargetGroupArn"]) == (active, idle)
    assert "taskDefinition" not in params and list(plan.notes["release_difference"]) == ["task_definition"]


@pytest.mark.parametrize(
    ("declared", "found", "words"),
    [
        (
            NATIVE,
            live(task_sets=[PRIMARY, {"id": "ecs-svc/2", "status": "ACTIVE"}]),
            "ecs-svc/2 ACTIVE: a deployment of CodeDeploy goes on",
        ),
        (NATIVE, live(task_sets=[]), "has the task sets none"),
        (WEB, live(deployment_controller="ECS"), "is under ECS, declared is CODE_DEPLOY; AWS takes a service from CODE_DEPLOY to ECS only"),
    ],
)
def test_what_aws_does_not_move_is_refused_with_what_is_live(declared: dict[str, Any], found: dict[str, Any], words: str) -> None:
    with pytest.raises(RailyardError, match=words) as raised:
        make_plan(ECS, wanted(**declared), found)
    assert raised.value.details["live"]["service_name"] == "web"


@pytest.mark.parametrize(
    ("balancer", "same"),
    [
        (two_groups(), True),
        (two_groups("green", "blue"), True),
        (two_groups("blue", "other"), False),
        (two_groups(role="other"), False),
        (BLUE, False),
    ],
)
def test_groups_that_have_swapped_are_no_difference(balancer: dict[str, Any], same: bool) -> None:
    hooks = {"strategy": "CANARY", "lifecycle_hooks": [{"target_type": "PAUSE", "lifecycle_stages": ["POST_TEST_TRAFFIC_SHIFT"]}]}
    found = live(deployment_controller="ECS", load_balancers=[balancer], deployment_configuration=hooks)
    plan = make_plan(ECS, wanted(**NATIVE, deployment_configuration={"strategy": "CANARY"}), found)
    assert not plan.changed and plan.notes["needs_release"] is not same


def test_deletion_is_forced() -> None:
    plan = make_plan(ECS, wanted(state="absent"), live())
    assert plan.steps[0].operation == "DeleteService" and plan.steps[0].params == {"cluster": "shop", "service": "web", "force": True}
    assert plan.after is None and not make_plan(ECS, wanted(state="absent"), None).changed
