"""CodeDeploy's applications, groups, configurations, revisions and tags: shapes, defaults, and what is refused."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.support.bluegreen import ACCOUNT, Stage, build
from tests.support.emulated import Emulated
from tests.support.roles import trust

ARN = f"arn:aws:codedeploy:eu-west-1:{ACCOUNT}:"
NAMES = {"applicationName": "shop", "deploymentGroupName": "production"}


@pytest.fixture
def stage(emulated: Emulated) -> Stage:
    return build(emulated)


def live(emulated: Emulated) -> dict[str, Any]:
    return dict(emulated.client("codedeploy").get_deployment_group(**NAMES)["deploymentGroupInfo"])


def test_what_a_group_answers(stage: Stage) -> None:
    stage.create_group(tags=[{"Key": "team", "Value": "checkout"}])
    found = live(stage.emulated)
    identity = found.pop("deploymentGroupId")
    assert len(identity) == 36
    given = {name: value for name, value in stage.group.items() if name != "blueGreenDeploymentConfiguration"}
    assert found == {
        **given,
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
        },
        "ec2TagFilters": [],
        "onPremisesInstanceTagFilters": [],
        "autoScalingGroups": [],
        "triggerConfigurations": [],
        "alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
        "autoRollbackConfiguration": {"enabled": False},
        "outdatedInstancesStrategy": "UPDATE",
        "computePlatform": "ECS",
        "terminationHookEnabled": False,
    }
    codedeploy = stage.emulated.client("codedeploy")
    tags = codedeploy.list_tags_for_resource(ResourceArn=f"{ARN}deploymentgroup:shop/production")["Tags"]
    assert tags == [{"Key": "team", "Value": "checkout"}]


def test_an_update_keeps_what_it_does_not_name_and_removes_what_is_empty(stage: Stage) -> None:
    emulated, codedeploy = stage.emulated, stage.emulated.client("codedeploy")
    emulated.client("sns").create_topic(Name="releases")
    topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:releases"
    triggers = [{"triggerName": "all", "triggerTargetArn": topic, "triggerEvents": ["DeploymentFailure"]}]
    stage.create_group(triggerConfigurations=triggers)
    before = live(emulated)
    rollback = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
    update = {"applicationName": "shop", "currentDeploymentGroupName": "production"}
    assert codedeploy.update_deployment_group(**update, autoRollbackConfiguration=rollback)["hooksNotCleanedUp"] == []
    assert live(emulated) == {**before, "autoRollbackConfiguration": rollback}
    codedeploy.update_deployment_group(**update, triggerConfigurations=[])
    assert live(emulated)["triggerConfigurations"] == []
    codedeploy.update_deployment_group(**update, newDeploymentGroupName="live")
    assert codedeploy.list_deployment_groups(applicationName="shop")["deploymentGroups"] == ["live"]
    batch = codedeploy.batch_get_deployment_groups(applicationName="shop", deploymentGroupNames=["live", "gone"])
    assert [group["deploymentGroupName"] for group in batch["deploymentGroupsInfo"]] == ["live"] and "gone" in batch["errorMessage"]


def test_names_change_and_things_go(stage: Stage) -> None:
    emulated, codedeploy = stage.emulated, stage.emulated.client("codedeploy")
    stage.create_group(tags=[{"Key": "team", "Value": "checkout"}])
    codedeploy.tag_resource(ResourceArn=f"{ARN}application:shop", Tags=[{"Key": "a", "Value": "b"}])
    codedeploy.update_application(applicationName="shop", newApplicationName="store")
    assert codedeploy.get_application(applicationName="store")["application"]["computePlatform"] == "ECS"
    tags = codedeploy.list_tags_for_resource(ResourceArn=f"{ARN}deploymentgroup:store/production")["Tags"]
    assert tags == [{"Key": "team", "Value": "checkout"}]
    tagged = emulated.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "a"}])["ResourceTagMappingList"]
    assert [entry["ResourceARN"] for entry in tagged] == [f"{ARN}application:store"]
    codedeploy.untag_resource(ResourceArn=f"{ARN}application:store", TagKeys=["a"])
    assert codedeploy.list_tags_for_resource(ResourceArn=f"{ARN}application:store")["Tags"] == []
    codedeploy.delete_application(applicationName="store")
    assert codedeploy.list_applications()["applications"] == []
    assert emulated.refused("codedeploy", "get_deployment_group", **NAMES)[0] == "ApplicationDoesNotExistException"
    codedeploy.delete_application(applicationName="store")
    codedeploy.delete_deployment_group(**NAMES)


def test_configurations(emulated: Emulated) -> None:
    codedeploy = emulated.client("codedeploy")
    predefined = codedeploy.list_deployment_configs()["deploymentConfigsList"]
    assert len(predefined) == 17
    found = codedeploy.get_deployment_config(deploymentConfigName="CodeDeployDefault.ECSCanary10Percent15Minutes")["deploymentConfigInfo"]
    assert found["computePlatform"] == "ECS"
    assert found["trafficRoutingConfig"]["timeBasedCanary"] == {"canaryPercentage": 10, "canaryInterval": 15}
    routing = {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 25, "canaryInterval": 3}}
    codedeploy.create_deployment_config(deploymentConfigName="mine", computePlatform="ECS", trafficRoutingConfig=routing)
    assert codedeploy.list_deployment_configs()["deploymentConfigsList"] == [*predefined, "mine"]
    codedeploy.delete_deployment_config(deploymentConfigName="mine")
    assert emulated.refused("codedeploy", "get_deployment_config", deploymentConfigName="mine") == (
        "DeploymentConfigDoesNotExistException",
        "No deployment configuration found for name: mine",
    )


def test_revisions(stage: Stage) -> None:
    codedeploy = stage.emulated.client("codedeploy")
    revision: dict[str, Any] = {"revisionType": "S3", "s3Location": {"bucket": "b", "key": "appspec.yaml", "bundleType": "YAML"}}
    codedeploy.register_application_revision(applicationName="shop", revision=revision, description="one")
    found = codedeploy.get_application_revision(applicationName="shop", revision=revision)
    assert found["revision"] == revision and found["revisionInfo"]["description"] == "one"
    assert codedeploy.list_application_revisions(applicationName="shop")["revisions"] == [revision]
    assert codedeploy.list_application_revisions(applicationName="shop", deployed="include")["revisions"] == []
    other = {**revision, "s3Location": {**revision["s3Location"], "key": "other.yaml"}}
    refused = stage.emulated.refused("codedeploy", "get_application_revision", applicationName="shop", revision=other)
    assert refused[0] == "RevisionDoesNotExistException"


def _replaced(params: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The parameters with one value changed, or taken away (None); a path's parts are names and positions."""
    result = deepcopy(params)
    place: Any = result
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in parents:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return result


PAIR = "loadBalancerInfo/targetGroupPairInfoList/0"
GREEN = "blueGreenDeploymentConfiguration"
STYLE = {"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"
REFUSED_GROUPS: list[tuple[str, str, Any, str, str]] = [
    ("CD-2", "deploymentStyle", STYLE, "InvalidDeploymentStyleException", "For ECS deployment, the deployment type must be BLUE_GREEN"),
    ("CD-2", "deploymentStyle", None, "InvalidDeploymentStyleException", "For ECS deployment"),
    ("CD-3", GREEN, None, "InvalidBlueGreenDeploymentConfigurationException", "blueGreenDeploymentConfiguration must be specified"),
    (
        "CD-3",
        f"{GREEN}/deploymentReadyOption",
        None,
        "InvalidBlueGreenDeploymentConfigurationException",
        "Deployment ready option cannot be null",
    ),
    (
        "CD-3",
        f"{GREEN}/terminateBlueInstancesOnDeploymentSuccess",
        None,
        "InvalidBlueGreenDeploymentConfigurationException",
        "Terminate blue instances",
    ),
    (
        "CD-3",
        f"{GREEN}/greenFleetProvisioningOption",
        {"action": "DISCOVER_EXISTING"},
        "InvalidBlueGreenDeploymentConfigurationException",
        "",
    ),
    (
        "CD-4",
        f"{GREEN}/deploymentReadyOption/waitTimeInMinutes",
        5,
        "InvalidBlueGreenDeploymentConfigurationException",
        "when timeout is specified",
    ),
    (
        "CD-4",
        f"{GREEN}/deploymentReadyOption",
        {"actionOnTimeout": "STOP_DEPLOYMENT"},
        "InvalidBlueGreenDeploymentConfigurationException",
        "0 minutes",
    ),
    (
        "CD-5",
        f"{GREEN}/terminateBlueInstancesOnDeploymentSuccess/terminationWaitTimeInMinutes",
        2881,
        "InvalidBlueGreenDeploymentConfigurationException",
        "cannot be more than 2 days",
    ),
    ("CD-6", "loadBalancerInfo", None, "InvalidLoadBalancerInfoException", "For ECS deployment group, loadBalancerInfo must be specified"),
    ("CD-6", "loadBalancerInfo/targetGroupPairInfoList", [], "InvalidLoadBalancerInfoException", ""),
    ("CD-6", f"{PAIR}/targetGroups/1", None, "InvalidTargetGroupPairException", ""),
    ("CD-6", f"{PAIR}/prodTrafficRoute", None, "InvalidTargetGroupPairException", ""),
    ("CD-6", "loadBalancerInfo/elbInfoList", [{"name": "classic"}], "InvalidLoadBalancerInfoException", ""),
    ("CD-7", f"{PAIR}/targetGroups/0/name", "x" * 33, "InvalidLoadBalancerInfoException", "exceeds the maximum allowed length of 32"),
    ("CD-8", "ecsServices", None, "InvalidECSServiceException", ""),
    ("CD-8", "ecsServices/0/serviceName", "absent", "InvalidECSServiceException", ""),
    ("CD-10", f"{PAIR}/targetGroups/0/name", "absent", "InvalidLoadBalancerInfoException", ""),
    (
        "CD-11",
        "deploymentConfigName",
        None,
        "InvalidDeploymentConfigNameException",
        "Compute platform of deployment config CodeDeployDefault.OneAtATime",
    ),
    ("CD-11", "deploymentConfigName", "CodeDeployDefault.LambdaAllAtOnce", "InvalidDeploymentConfigNameException", "does not match"),
    ("", "deploymentConfigName", "absent", "DeploymentConfigDoesNotExistException", ""),
    ("", "applicationName", "absent", "ApplicationDoesNotExistException", "No application found for name: absent"),
    ("CD-13", "alarmConfiguration", {"enabled": True}, "InvalidAlarmConfigException", "need to have at least one alarms"),
    (
        "CD-13",
        "alarmConfiguration",
        {"enabled": True, "alarms": [{"name": str(n)} for n in range(11)]},
        "AlarmsLimitExceededException",
        "",
    ),
    ("CD-13", "autoRollbackConfiguration", {"enabled": True}, "InvalidAutoRollbackConfigException", "at least one event"),
    (
        "CD-13",
        "triggerConfigurations",
        [{"triggerName": "t", "triggerTargetArn": TOPIC.replace("eu-", "us-"), "triggerEvents": ["DeploymentStop"]}],
        "InvalidTriggerConfigException",
        "is not valid",
    ),
    (
        "CD-13",
        "triggerConfigurations",
        [{"triggerName": n, "triggerTargetArn": TOPIC, "triggerEvents": ["DeploymentStop"]} for n in "ab"],
        "InvalidTriggerConfigException",
        "Duplicate Trigger target arn detected",
    ),
    ("CD-14", "ec2TagFilters", [{"Key": "a", "Value": "b", "Type": "KEY_AND_VALUE"}], "InvalidEC2TagException", "can not be specified"),
    ("CD-14", "autoScalingGroups", ["asg"], "InvalidAutoScalingGroupException", ""),
    ("CD-15", "serviceRoleArn", f"arn:aws:iam::{ACCOUNT}:role/absent", "InvalidRoleException", "permissions required to assume the role"),
    ("CD-15", "serviceRoleArn", f"arn:aws:iam::{ACCOUNT}:role/execution", "InvalidRoleException", "permissions required"),
]


def test_refused_groups(stage: Stage) -> None:
    for number, path, value, code, text in REFUSED_GROUPS:
        found = stage.emulated.refused("codedeploy", "create_deployment_group", **_replaced(stage.group, path, value))
        assert found[0] == code and text in found[1], (number, path, value, found)
    stage.create_group()
    names = {"applicationName": "shop", "currentDeploymentGroupName": "production"}
    style = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
    assert (
        stage.emulated.refused("codedeploy", "update_deployment_group", **names, deploymentStyle=style)[0]
        == "InvalidDeploymentStyleException"
    )
    assert stage.emulated.refused("codedeploy", "create_deployment_group", **stage.group)[0] == "DeploymentGroupAlreadyExistsException"
    second = {**stage.group, "deploymentGroupName": "second"}
    assert stage.emulated.refused("codedeploy", "create_deployment_group", **second)[0] == "ECSServiceMappingLimitExceededException"
    codedeploy = stage.emulated.client("codedeploy")
    routing = {"type": "AllAtOnce"}
    codedeploy.create_deployment_config(deploymentConfigName="mine", computePlatform="ECS", trafficRoutingConfig=routing)
    codedeploy.update_deployment_group(**names, deploymentConfigName="mine")
    assert (
        stage.emulated.refused("codedeploy", "delete_deployment_config", deploymentConfigName="mine")[0] == "DeploymentConfigInUseException"
    )


def test_a_service_with_another_controller_is_refused(emulated: Emulated) -> None:
    stage = build(emulated, controller="ECS")
    found = emulated.refused("codedeploy", "create_deployment_group", **stage.group)
    text = "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller."
    assert found == ("InvalidECSServiceException", text)


def canary(percent: int = 10, minutes: int = 5) -> dict[str, Any]:
    return {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": percent, "canaryInterval": minutes}}


def linear(percent: int = 10, minutes: int = 5) -> dict[str, Any]:
    return {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": percent, "linearInterval": minutes}}


HOSTS = {"type": "HOST_COUNT", "value": 1}
ROUTING = "InvalidTrafficRoutingConfigurationException"
REFUSED_CONFIGS: list[tuple[dict[str, Any], str]] = [
    ({"deploymentConfigName": "CodeDeployDefault.Mine", "minimumHealthyHosts": HOSTS}, "InvalidDeploymentConfigNameException"),
    ({"deploymentConfigName": "x", "computePlatform": "ECS"}, ROUTING),
    ({"deploymentConfigName": "x", "computePlatform": "ECS", "minimumHealthyHosts": HOSTS}, "InvalidMinimumHealthyHostValueException"),
    ({"deploymentConfigName": "x"}, "InvalidMinimumHealthyHostValueException"),
    ({"deploymentConfigName": "x", "minimumHealthyHosts": HOSTS, "trafficRoutingConfig": canary()}, ROUTING),
    ({"deploymentConfigName": "x", "computePlatform": "ECS", "trafficRoutingConfig": canary(percent=100)}, ROUTING),
    ({"deploymentConfigName": "x", "computePlatform": "ECS", "trafficRoutingConfig": canary(minutes=2881)}, ROUTING),
    ({"deploymentConfigName": "x", "computePlatform": "ECS", "trafficRoutingConfig": linear(minutes=289)}, ROUTING),
    ({"deploymentConfigName": "x", "computePlatform": "ECS", "trafficRoutingConfig": {**canary(), "type": "AllAtOnce"}}, ROUTING),
    ({"deploymentConfigName": "x", "computePlatform": "ECS", "trafficRoutingConfig": {"type": "TimeBasedLinear"}}, ROUTING),
]


def test_refused_configurations(emulated: Emulated) -> None:
    for params, code in REFUSED_CONFIGS:
        found = emulated.refused("codedeploy", "create_deployment_config", **params)
        assert found[0] == code, (params, found)
    accepted = {"deploymentConfigName": "x", "computePlatform": "ECS", "trafficRoutingConfig": linear(minutes=288)}
    assert emulated.refused("codedeploy", "create_deployment_config", **accepted) == ("", "")
    assert emulated.refused("codedeploy", "create_deployment_config", **accepted)[0] == "DeploymentConfigAlreadyExistsException"
    name = "CodeDeployDefault.ECSAllAtOnce"
    assert emulated.refused("codedeploy", "delete_deployment_config", deploymentConfigName=name)[0] == "InvalidOperationException"


CONTENT = {"revisionType": "AppSpecContent", "appSpecContent": {"content": "version: 0.0"}}
GITHUB = {"revisionType": "GitHub", "gitHubLocation": {"repository": "a/b", "commitId": "c" * 40}}
ZIP = {"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k", "bundleType": "zip"}}
REFUSED_DEPLOYMENTS: list[tuple[dict[str, Any], str]] = [
    ({"revision": GITHUB}, "InvalidRevisionException"),
    ({"revision": ZIP}, "InvalidRevisionException"),
    ({"revision": {"revisionType": "AppSpecContent"}}, "InvalidRevisionException"),
    ({"revision": {**CONTENT, "appSpecContent": {"content": "x", "sha256": "0" * 64}}}, "InvalidRevisionException"),
    ({}, "RevisionRequiredException"),
    ({"revision": CONTENT, "deploymentConfigName": "CodeDeployDefault.AllAtOnce"}, "InvalidDeploymentConfigNameException"),
    ({"revision": CONTENT, "deploymentConfigName": "absent"}, "DeploymentConfigDoesNotExistException"),
    ({"revision": CONTENT, "deploymentGroupName": "absent"}, "DeploymentGroupDoesNotExistException"),
    ({"revision": CONTENT, "applicationName": "absent"}, "ApplicationDoesNotExistException"),
    ({"revision": CONTENT, "description": "x" * 257}, "DescriptionTooLongException"),
    ({"revision": CONTENT, "autoRollbackConfiguration": {"enabled": True}}, "InvalidAutoRollbackConfigException"),
    ({"revision": CONTENT, "overrideAlarmConfiguration": {"enabled": True}}, "InvalidAlarmConfigException"),
    ({"revision": CONTENT, "targetInstances": {"autoScalingGroups": ["a"]}}, "InvalidTargetInstancesException"),
]


def test_refused_deployments(stage: Stage) -> None:
    stage.create_group()
    for params, code in REFUSED_DEPLOYMENTS:
        found = stage.emulated.refused("codedeploy", "create_deployment", **{**NAMES, **params})
        assert found[0] == code, (params, found)
    missing = stage.emulated.refused("codedeploy", "create_deployment", applicationName="shop", revision=CONTENT)
    assert missing == ("DeploymentGroupNameRequiredException", "Deployment Group name is missing")
    assert stage.emulated.refused("codedeploy", "list_deployments", applicationName="shop")[0] == "DeploymentGroupNameRequiredException"


MANY = [{"Key": f"k{number}", "Value": ""} for number in range(50)]


def test_refused_names_and_tags(emulated: Emulated) -> None:
    codedeploy = emulated.client("codedeploy")
    codedeploy.create_application(applicationName="shop", computePlatform="ECS", tags=[{"Key": "team", "Value": "checkout"}])
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("create_application", {"applicationName": "shop"}, "ApplicationAlreadyExistsException"),
        ("get_application", {"applicationName": "absent"}, "ApplicationDoesNotExistException"),
        ("update_application", {"applicationName": "absent", "newApplicationName": "b"}, "ApplicationDoesNotExistException"),
        ("get_deployment_group", {"applicationName": "shop", "deploymentGroupName": "absent"}, "DeploymentGroupDoesNotExistException"),
        ("list_tags_for_resource", {"ResourceArn": f"{ARN}application:absent"}, "ApplicationDoesNotExistException"),
        ("list_tags_for_resource", {"ResourceArn": "nonsense"}, "InvalidArnException"),
        ("tag_resource", {"ResourceArn": f"{ARN}application:shop", "Tags": [{"Key": "aws:x", "Value": "y"}]}, "InvalidTagsToAddException"),
        ("list_applications", {"nextToken": "nonsense"}, "InvalidNextTokenException"),
        ("tag_resource", {"ResourceArn": f"{ARN}application:shop", "Tags": MANY}, "InvalidTagsToAddException"),
        ("batch_get_applications", {"applicationNames": []}, "ApplicationNameRequiredException"),
        ("batch_get_deployments", {"deploymentIds": []}, "DeploymentIdRequiredException"),
        ("batch_get_deployment_groups", {"applicationName": "shop", "deploymentGroupNames": []}, "DeploymentGroupNameRequiredException"),
        ("batch_get_deployment_targets", {"deploymentId": "d-ABCDEFGHI", "targetIds": []}, "DeploymentTargetIdRequiredException"),
        ("batch_get_application_revisions", {"applicationName": "shop", "revisions": []}, "RevisionRequiredException"),
    ]
    for operation, params, code in cases:
        assert emulated.refused("codedeploy", operation, **params)[0] == code, (operation, params)


def test_servers_and_functions(emulated: Emulated) -> None:
    emulated.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust("codedeploy.amazonaws.com"))
    codedeploy, role = emulated.client("codedeploy"), f"arn:aws:iam::{ACCOUNT}:role/r"
    codedeploy.create_application(applicationName="old")
    names = {"applicationName": "old", "deploymentGroupName": "servers"}
    codedeploy.create_deployment_group(**names, serviceRoleArn=role, autoScalingGroups=["asg"])
    found = codedeploy.get_deployment_group(**names)["deploymentGroupInfo"]
    assert found["computePlatform"] == "Server" and found["deploymentConfigName"] == "CodeDeployDefault.OneAtATime"
    assert found["deploymentStyle"] == {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
    assert found["autoScalingGroups"] == [{"name": "asg"}]
    name = codedeploy.create_deployment(**names, revision=ZIP)["deploymentId"]
    emulated.advance(30)
    assert codedeploy.get_deployment(deploymentId=name)["deploymentInfo"]["errorInformation"]["code"] == "NO_INSTANCES"
    codedeploy.create_application(applicationName="functions", computePlatform="Lambda")
    style = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
    names = {"applicationName": "functions", "deploymentGroupName": "one"}
    config = {"deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce"}
    codedeploy.create_deployment_group(**names, **config, serviceRoleArn=role, deploymentStyle=style)
    other = {**names, "deploymentGroupName": "two", "serviceRoleArn": role, **config}
    assert emulated.refused("codedeploy", "create_deployment_group", **other, deploymentStyle=STYLE)[0] == "InvalidDeploymentStyleException"
