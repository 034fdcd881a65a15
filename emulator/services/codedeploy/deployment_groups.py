"""Deployment groups, with AWS's defaults. https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentGroupInfo.html"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import applications, configs, state

DEFAULT_CONFIG = "CodeDeployDefault.OneAtATime"
# Members that answers always hold, and what they hold when nobody said otherwise.
DEFAULTS: dict[str, Any] = {
    "deploymentConfigName": DEFAULT_CONFIG,
    "ec2TagFilters": [],
    "onPremisesInstanceTagFilters": [],
    "autoScalingGroups": [],
    "triggerConfigurations": [],
    "alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
    "autoRollbackConfiguration": {"enabled": False},
    "outdatedInstancesStrategy": "UPDATE",
    "deploymentStyle": {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
    "terminationHookEnabled": False,
}
# Members that are there only when somebody gave them.
OPTIONAL = (
    "serviceRoleArn",
    "blueGreenDeploymentConfiguration",
    "loadBalancerInfo",
    "ec2TagSet",
    "onPremisesTagSet",
    "ecsServices",
    "ec2DeploymentOptions",
)


def merged(params: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """`before` with what the call gives: omitted members are kept, given ones replaced whole, empty ones removed (CD-17)."""
    after = {**deepcopy(DEFAULTS), **before}
    for member in (*DEFAULTS, *OPTIONAL):
        if member in params and params[member] is not None:
            after[member] = _complete(member, deepcopy(params[member]))
    for member in OPTIONAL:
        if after.get(member) in ([], {}):
            del after[member]
    return after


def _complete(member: str, value: Any) -> Any:
    if member == "alarmConfiguration":
        value = {**deepcopy(DEFAULTS[member]), **value}
    if member == "autoScalingGroups":
        return [{"name": name} for name in value]
    if member == "blueGreenDeploymentConfiguration":
        if "deploymentReadyOption" in value:
            value["deploymentReadyOption"].setdefault("waitTimeInMinutes", 0)
        option = value.get("terminateBlueInstancesOnDeploymentSuccess", {})
        if option.get("action") == "TERMINATE":
            option.setdefault("terminationWaitTimeInMinutes", 0)
    return value


@operation("codedeploy", "CreateDeploymentGroup")
def create_deployment_group(call: Call) -> dict[str, Any]:
    application_name, name = call.params["applicationName"], call.params["deploymentGroupName"]
    application = state.application(call, application_name)
    configs.config(call, call.params.get("deploymentConfigName", DEFAULT_CONFIG))
    info = {
        "applicationName": application_name,
        "deploymentGroupId": state.new_id(),
        "deploymentGroupName": name,
        "computePlatform": application["info"]["computePlatform"],
    }
    application["groups"][name] = merged(call.params, info)
    state.tagger(call).tag_resource(state.group_arn(call, application_name, name), call.params.get("tags", []))
    applications.changed(call)
    return {"deploymentGroupId": info["deploymentGroupId"]}


@operation("codedeploy", "GetDeploymentGroup")
def get_deployment_group(call: Call) -> dict[str, Any]:
    return {"deploymentGroupInfo": state.group(call, call.params["applicationName"], call.params["deploymentGroupName"])}


@operation("codedeploy", "BatchGetDeploymentGroups")
def batch_get_deployment_groups(call: Call) -> dict[str, Any]:
    """Names that do not exist are left out; errorMessage says so."""
    groups = state.application(call, call.params["applicationName"])["groups"]
    names = state.batch(call.params["deploymentGroupNames"])
    answer: dict[str, Any] = {"deploymentGroupsInfo": [groups[name] for name in names if name in groups]}
    if absent := [name for name in names if name not in groups]:
        answer["errorMessage"] = f"No Deployment Group found for name: {', '.join(absent)}"
    return answer


@operation("codedeploy", "ListDeploymentGroups")
def list_deployment_groups(call: Call) -> dict[str, Any]:
    name = call.params["applicationName"]
    return {"applicationName": name, **state.page(call, sorted(state.application(call, name)["groups"]), "deploymentGroups")}


@operation("codedeploy", "UpdateDeploymentGroup")
def update_deployment_group(call: Call) -> dict[str, Any]:
    application_name, old = call.params["applicationName"], call.params["currentDeploymentGroupName"]
    new = call.params.get("newDeploymentGroupName", old)
    before = state.group(call, application_name, old)
    groups = state.application(call, application_name)["groups"]
    if new != old and new in groups:
        raise Refusal("DeploymentGroupAlreadyExistsException", f"Deployment group already exists: {new}")
    if "deploymentConfigName" in call.params:
        configs.config(call, call.params["deploymentConfigName"])
    after = merged(call.params, before)
    before.clear()
    before.update(after, deploymentGroupName=new)
    if new != old:
        groups[new] = groups.pop(old)
        applications.move_tags(call, state.group_arn(call, application_name, old), state.group_arn(call, application_name, new))
    applications.changed(call)
    return {"hooksNotCleanedUp": []}


@operation("codedeploy", "DeleteDeploymentGroup")
def delete_deployment_group(call: Call) -> dict[str, Any]:
    """Deleting an absent group is no error."""
    application_name, name = call.params["applicationName"], call.params["deploymentGroupName"]
    found = state.applications(call).get(application_name)
    if found:
        found["groups"].pop(name, None)
        state.tagger(call).delete_all_tags_for_resource(state.group_arn(call, application_name, name))
    applications.changed(call)
    return {"hooksNotCleanedUp": []}
