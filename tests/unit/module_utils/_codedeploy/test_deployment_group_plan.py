"""What codedeploy_deployment_group compares, sends and refuses."""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ansible_collections.railyard.fargate.plugins.module_utils._codedeploy.deployment_group import FRESH_ROLE, make_plan
from ansible_collections.railyard.fargate.plugins.module_utils._codedeploy.group_sections import different
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import AlreadyDone, apply_plan

CLIENT = boto3.client("codedeploy", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
ACCOUNT = "123456789012"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0123456789abcdef/{}"
PRODUCTION, TEST = LISTENER.format("aaaa"), LISTENER.format("bbbb")
ROLE = "arn:aws:iam::123456789012:role/codedeploy"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:releases"
TRIGGER = {"name": "chat", "topic_arn": TOPIC, "events": ["DeploymentFailure", "DeploymentSuccess"]}


def options(**given: Any) -> dict[str, Any]:
    defaults = {"application_name": "shop", "name": "web", "state": "present", "service_role_arn": ROLE, "deployment_config_name": None}
    defaults |= {
        "ecs": {"cluster": "shop", "service": "web"},
        "target_group_pair": ["blue", "green"],
        "production_listener_arn": PRODUCTION,
    }
    defaults |= dict.fromkeys(["test_listener_arn", "ready", "terminate_after_minutes", "auto_rollback", "alarms", "triggers", "tags"])
    return {**defaults, "ignore_poll_alarm_failure": None, "purge_tags": True, **given}


def live(**given: Any) -> dict[str, Any]:
    """A group as AWS answers: with the defaults that nobody sent, and the pair in the order after a swap."""
    pair = {"target_groups": [{"name": "green"}, {"name": "blue"}], "prod_traffic_route": {"listener_arns": [PRODUCTION]}}
    return {
        "application_name": "shop",
        "deployment_group_name": "web",
        "deployment_group_id": "1",
        "arn": "arn:group",
        "compute_platform": "ECS",
        "deployment_config_name": "CodeDeployDefault.ECSAllAtOnce",
        "service_role_arn": ROLE,
        "deployment_style": {"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"},
        "blue_green_deployment_configuration": {
            "terminate_blue_instances_on_deployment_success": {"action": "TERMINATE", "termination_wait_time_in_minutes": 5},
            "deployment_ready_option": {"action_on_timeout": "CONTINUE_DEPLOYMENT", "wait_time_in_minutes": 0},
        },
        "load_balancer_info": {"target_group_pair_info_list": [{**pair, "test_traffic_route": {"listener_arns": [TEST]}}]},
        "ecs_services": [{"cluster_name": "shop", "service_name": "web"}],
        "alarm_configuration": {"enabled": True, "ignore_poll_alarm_failure": False, "alarms": [{"name": "slow"}, {"name": "5xx"}]},
        "auto_rollback_configuration": {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_FAILURE"]},
        "trigger_configurations": [
            {"trigger_name": "chat", "trigger_target_arn": TOPIC, "trigger_events": ["DeploymentSuccess", "DeploymentFailure"]}
        ],
        "last_successful_deployment": {"deployment_id": "d-1"},
        "tags": {"a": "1"},
        **given,
    }


def plan(wanted: dict[str, Any], found: dict[str, Any] | None, predict: bool = False) -> Any:
    return make_plan(CLIENT, wanted, found, ACCOUNT, predict)


def sent(wanted: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The parts that an update sends, without what names the group."""
    steps = [step for step in plan(wanted, found).steps if step.operation == "UpdateDeploymentGroup"]
    if not steps:
        return {}
    (step,) = steps
    assert step.propagation == (FRESH_ROLE,)
    return {key: value for key, value in step.params.items() if key not in ("applicationName", "currentDeploymentGroupName")}


def test_creation_says_everything_that_has_a_wrong_default() -> None:
    made = plan(options(test_listener_arn=TEST, tags={"a": 1}), None)
    (step,) = made.steps
    assert step.operation == "CreateDeploymentGroup" and step.propagation == (FRESH_ROLE,)
    assert step.params == {
        "applicationName": "shop",
        "deploymentGroupName": "web",
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "serviceRoleArn": ROLE,
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
        },
        "loadBalancerInfo": {
            "targetGroupPairInfoList": [
                {
                    "targetGroups": [{"name": "blue"}, {"name": "green"}],
                    "prodTrafficRoute": {"listenerArns": [PRODUCTION]},
                    "testTrafficRoute": {"listenerArns": [TEST]},
                }
            ]
        },
        "ecsServices": [{"clusterName": "shop", "serviceName": "web"}],
        "tags": [{"Key": "a", "Value": "1"}],
    }
    assert made.after["arn"] == "arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:shop/web" and made.after["tags"] == {"a": "1"}


SAME = {
    "test_listener_arn": TEST,
    "deployment_config_name": "CodeDeployDefault.ECSAllAtOnce",
    "ready": {"action": "CONTINUE_DEPLOYMENT", "wait_minutes": 0},
    "terminate_after_minutes": 5,
    "auto_rollback": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
    "alarms": ["5xx", "slow"],
    "ignore_poll_alarm_failure": False,
    "triggers": [TRIGGER],
    "tags": {"a": 1},
}


@pytest.mark.parametrize("given", [{}, SAME, {"target_group_pair": ["green", "blue"]}], ids=["nothing", "everything", "roles swapped"])
def test_as_declared_is_unchanged(given: dict[str, Any]) -> None:
    found = live()
    same = plan(options(**given), found)
    assert not same.changed and same.after == found


PAIR = {"targetGroups": [{"name": "green"}, {"name": "blue"}], "prodTrafficRoute": {"listenerArns": [PRODUCTION]}}
READY = {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}
KEEP = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5}


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"service_role_arn": ROLE + "2"}, {"serviceRoleArn": ROLE + "2"}),
        ({"deployment_config_name": "mine"}, {"deploymentConfigName": "mine"}),
        ({"ecs": {"cluster": "shop", "service": "api"}}, {"ecsServices": [{"clusterName": "shop", "serviceName": "api"}]}),
        ({"test_listener_arn": ""}, {"loadBalancerInfo": {"targetGroupPairInfoList": [PAIR]}}),
        (
            {"target_group_pair": ["blue", "red"], "test_listener_arn": ""},
            {"loadBalancerInfo": {"targetGroupPairInfoList": [{**PAIR, "targetGroups": [{"name": "blue"}, {"name": "red"}]}]}},
        ),
        (
            {"ready": {"action": "STOP_DEPLOYMENT", "wait_minutes": 60}},
            {
                "blueGreenDeploymentConfiguration": {
                    "terminateBlueInstancesOnDeploymentSuccess": KEEP,
                    "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60},
                }
            },
        ),
        (
            {"terminate_after_minutes": 0},
            {
                "blueGreenDeploymentConfiguration": {
                    "terminateBlueInstancesOnDeploymentSuccess": {**KEEP, "terminationWaitTimeInMinutes": 0},
                    "deploymentReadyOption": READY,
                }
            },
        ),
        ({"alarms": []}, {"alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []}}),
        ({"alarms": ["5xx"]}, {"alarmConfiguration": {"enabled": True, "ignorePollAlarmFailure": False, "alarms": [{"name": "5xx"}]}}),
        (
            {"ignore_poll_alarm_failure": True},
            {"alarmConfiguration": {"enabled": True, "ignorePollAlarmFailure": True, "alarms": [{"name": "slow"}, {"name": "5xx"}]}},
        ),
        ({"auto_rollback": []}, {"autoRollbackConfiguration": {"enabled": False, "events": []}}),
        ({"auto_rollback": ["DEPLOYMENT_FAILURE"]}, {"autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}}),
        ({"triggers": []}, {"triggerConfigurations": []}),
        (
            {"triggers": [{**TRIGGER, "events": ["DeploymentStart"]}]},
            {"triggerConfigurations": [{"triggerName": "chat", "triggerTargetArn": TOPIC, "triggerEvents": ["DeploymentStart"]}]},
        ),
    ],
)
def test_only_the_part_that_differs_is_sent(given: dict[str, Any], parts: dict[str, Any]) -> None:
    assert sent(options(**given), live()) == parts
    after = plan(options(**given), live()).after
    assert not plan(options(**given), after).changed
    assert after["last_successful_deployment"] == {"deployment_id": "d-1"}


def test_the_order_of_the_pair_is_no_difference() -> None:
    info = live()["load_balancer_info"]
    (pair,) = info["target_group_pair_info_list"]
    swapped = {"target_group_pair_info_list": [{**pair, "target_groups": pair["target_groups"][::-1]}]}
    assert different(live(), {"load_balancer_info": swapped}) == {}


def test_a_style_that_somebody_changed_is_put_back() -> None:
    found = live(deployment_style={"deployment_type": "IN_PLACE", "deployment_option": "WITHOUT_TRAFFIC_CONTROL"})
    assert sent(options(), found)["deploymentStyle"]["deploymentType"] == "BLUE_GREEN"


def test_what_aws_leaves_out_is_its_default() -> None:
    bare = {key: value for key, value in live().items() if key not in ("alarm_configuration", "auto_rollback_configuration")}
    assert not plan(options(alarms=[], auto_rollback=[]), bare).changed
    assert not plan(options(), bare).changed


def test_kept_old_tasks_are_kept_until_told() -> None:
    found = live()
    found["blue_green_deployment_configuration"]["terminate_blue_instances_on_deployment_success"] = {"action": "KEEP_ALIVE"}
    assert not plan(options(), found).changed
    assert sent(options(terminate_after_minutes=0), found)


def test_tags() -> None:
    steps = plan(options(tags={"b": "2"}), live()).steps
    assert [(step.operation, step.params) for step in steps] == [
        ("TagResource", {"ResourceArn": "arn:group", "Tags": [{"Key": "b", "Value": "2"}]}),
        ("UntagResource", {"ResourceArn": "arn:group", "TagKeys": ["a"]}),
    ]


def test_deletion_asks_for_nothing_else() -> None:
    wanted = options(state="absent", service_role_arn=None, ecs=None, target_group_pair=None, production_listener_arn=None)
    assert plan(wanted, live()).steps[0].operation == "DeleteDeploymentGroup"
    assert not plan(wanted, None).changed


def test_a_group_of_another_platform_is_an_error() -> None:
    with pytest.raises(RailyardError, match="is for Server, not for ECS"):
        plan(options(), live(compute_platform="Server"))


def test_listeners_may_be_unknown_only_in_a_prediction() -> None:
    wanted = options(production_listener_arn="", test_listener_arn="")
    assert plan(wanted, None, predict=True).changed
    with pytest.raises(RailyardError, match="production_listener_arn is ''"):
        plan(wanted, None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"target_group_pair": ["blue"]}, "two different target groups"),
        ({"target_group_pair": ["blue", "blue"]}, "two different target groups"),
        ({"target_group_pair": ["blue", "green", "red"]}, "two different target groups"),
        ({"target_group_pair": ["blue", "arn:aws:elasticloadbalancing:x"]}, "never the ARN"),
        ({"target_group_pair": ["blue", "g" * 33]}, "at most 32"),
        ({"production_listener_arn": "shop"}, "must be the ARN of a listener"),
        ({"test_listener_arn": "shop"}, "test_listener_arn is 'shop'"),
        ({"test_listener_arn": PRODUCTION}, "is the production listener"),
        ({"test_listener_arn": TEST.replace("/shop/", "/other/")}, "another load balancer"),
        ({"deployment_config_name": "CodeDeployDefault.OneAtATime"}, "not for ECS"),
        ({"deployment_config_name": "mine", "production_listener_arn": PRODUCTION.replace("/app/", "/net/")}, "Network Load Balancer"),
        ({"ready": {"action": "CONTINUE_DEPLOYMENT", "wait_minutes": 5}}, "waits for nobody"),
        ({"ready": {"action": "STOP_DEPLOYMENT", "wait_minutes": None}}, "more than 0"),
        ({"terminate_after_minutes": 2881}, "0 to 2880"),
        ({"terminate_after_minutes": -1}, "0 to 2880"),
        ({"alarms": [str(number) for number in range(11)]}, "at most 10"),
        ({"alarms": ["a", "a"]}, "different names"),
        ({"alarms": [""]}, "different names"),
        ({"triggers": [{**TRIGGER, "name": str(n), "topic_arn": f"{TOPIC}{n}"} for n in range(11)]}, "at most 10"),
        ({"triggers": [TRIGGER, {**TRIGGER, "topic_arn": TOPIC + "2"}]}, "same name"),
        ({"triggers": [TRIGGER, {**TRIGGER, "name": "mail"}]}, "same topic_arn"),
        ({"triggers": [{**TRIGGER, "events": []}]}, "no events"),
        ({"triggers": [{**TRIGGER, "topic_arn": TOPIC.replace("eu-west-1", "us-east-1")}]}, "not an SNS topic in eu-west-1"),
        ({"triggers": [{**TRIGGER, "topic_arn": "releases"}]}, "not an SNS topic"),
    ],
)
def test_wrong_options(given: dict[str, Any], words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        plan(options(**given), None)


def test_a_fresh_role_is_waited_for_and_a_wrong_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    made = plan(options(), None)
    fresh = f"AWS CodeDeploy does not have the permissions required to assume the role {ROLE}."
    with Stubber(CLIENT) as aws:
        aws.add_client_error("create_deployment_group", "InvalidRoleException", fresh)
        aws.add_response("create_deployment_group", {"deploymentGroupId": "1"})
        assert apply_plan(CLIENT, made)["CreateDeploymentGroup"] == {"deploymentGroupId": "1"}
    assert len(waited) == 1
    with Stubber(CLIENT) as aws, pytest.raises(RailyardError, match="not a role"):
        aws.add_client_error("create_deployment_group", "InvalidRoleException", "not a role")
        apply_plan(CLIENT, made)
    assert len(waited) == 1


def test_a_group_that_somebody_else_made_meanwhile_is_looked_at_again() -> None:
    with Stubber(CLIENT) as aws, pytest.raises(AlreadyDone):
        aws.add_client_error("create_deployment_group", "DeploymentGroupAlreadyExistsException", "exists")
        apply_plan(CLIENT, plan(options(), None))
