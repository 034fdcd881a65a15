"""How traffic moves, and what AWS would refuse (rule CD-12)."""

from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codedeploy.deployment_config import described, make_plan, traffic_routing
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

CLIENT = boto3.client("codedeploy", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
CANARY = {"type": "canary", "percentage": 10, "interval": 5}
LINEAR = {"type": "linear", "percentage": 10, "interval": 5}
AT_ONCE = {"type": "all_at_once", "percentage": None, "interval": None}


def options(routing: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    return {"name": "shop", "state": "present", "traffic_routing": routing or CANARY, **given}


@pytest.mark.parametrize(
    ("routing", "config", "words"),
    [
        (AT_ONCE, {"type": "AllAtOnce"}, "all at once"),
        (
            CANARY,
            {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 5}},
            "canary 10 % and 5 minutes",
        ),
        (
            LINEAR,
            {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 5}},
            "linear 10 % and 5 minutes",
        ),
    ],
)
def test_creation_and_the_second_run(routing: dict[str, Any], config: dict[str, Any], words: str) -> None:
    plan = make_plan(CLIENT, options(routing), None)
    assert [step.operation for step in plan.steps] == ["CreateDeploymentConfig"]
    assert plan.steps[0].params == {"deploymentConfigName": "shop", "computePlatform": "ECS", "trafficRoutingConfig": config}
    live = {**plan.after, "deployment_config_id": "1", "create_time": "now"}
    again = make_plan(CLIENT, options(routing), live)
    assert not again.changed and again.after == live
    assert described(live["traffic_routing_config"]) == words


@pytest.mark.parametrize("routing", [AT_ONCE, LINEAR, {**CANARY, "percentage": 11}, {**CANARY, "interval": 6}])
def test_another_routing_is_an_error_that_shows_both(routing: dict[str, Any]) -> None:
    live = make_plan(CLIENT, options(CANARY), None).after
    with pytest.raises(
        RailyardError, match=r"is for ECS, canary 10 % and 5 minutes and cannot become ECS, .*; choose another name"
    ) as caught:
        make_plan(CLIENT, options(routing), live)
    assert caught.value.details["live"] == live
    assert caught.value.details["wanted"]["traffic_routing_config"] == traffic_routing(routing)


def test_another_platform_is_an_error_too() -> None:
    live = {"deployment_config_name": "shop", "compute_platform": "Server", "minimum_healthy_hosts": {"type": "HOST_COUNT", "value": 1}}
    with pytest.raises(RailyardError, match="is for Server, no traffic routing"):
        make_plan(CLIENT, options(), live)
    live = {**make_plan(CLIENT, options(), None).after, "compute_platform": "Lambda"}
    with pytest.raises(RailyardError, match="is for Lambda, canary"):
        make_plan(CLIENT, options(), live)


@pytest.mark.parametrize("state", ["present", "absent"])
def test_codedeploys_own_are_refused(state: str) -> None:
    with pytest.raises(RailyardError, match="CodeDeploy's own"):
        make_plan(CLIENT, options(name="CodeDeployDefault.ECSAllAtOnce", state=state), {"deployment_config_name": "x"})


def test_deletion() -> None:
    plan = make_plan(CLIENT, options(state="absent", traffic_routing=None), {"deployment_config_name": "shop"})
    assert [(step.operation, step.params) for step in plan.steps] == [("DeleteDeploymentConfig", {"deploymentConfigName": "shop"})]
    assert not make_plan(CLIENT, options(state="absent"), None).changed


@pytest.mark.parametrize(
    ("routing", "words"),
    [
        ({"type": "all_at_once", "percentage": 10}, "takes no percentage"),
        ({"type": "canary", "percentage": 10}, "needs percentage and interval"),
        ({"type": "linear", "interval": 10}, "needs percentage and interval"),
        ({**CANARY, "percentage": 0}, "percentage is 0; it must be 1 to 99"),
        ({**LINEAR, "percentage": 100}, "percentage is 100; it must be 1 to 99"),
        ({**CANARY, "interval": 0}, "interval is 0 minutes"),
        ({**CANARY, "interval": 2881}, "interval is 2881 minutes, 1 times"),
        ({**LINEAR, "interval": 321}, "interval is 321 minutes, 9 times"),
        ({**LINEAR, "percentage": 33, "interval": 961}, "interval is 961 minutes, 3 times"),
    ],
)
def test_wrong_routing(routing: dict[str, Any], words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        traffic_routing(routing)


@pytest.mark.parametrize(
    "routing", [{**CANARY, "interval": 2880}, {**LINEAR, "interval": 320}, {**LINEAR, "percentage": 50, "interval": 2880}]
)
def test_the_longest_routing(routing: dict[str, Any]) -> None:
    traffic_routing(routing)
