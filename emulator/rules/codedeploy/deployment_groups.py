"""What CodeDeploy refuses of deployment groups, on every platform."""

from __future__ import annotations

from typing import Any

from ...registry import rule
from ...services.codedeploy import configs, deployment_groups, service_role, state
from ...wire import Call, Refusal

GROUPS = ("CreateDeploymentGroup", "UpdateDeploymentGroup")
API = "https://docs.aws.amazon.com/codedeploy/latest/APIReference/"
SOURCE = API + "API_CreateDeploymentGroup.html"
TARGETING = {
    "ec2TagFilters": "InvalidEC2TagException",
    "ec2TagSet": "InvalidEC2TagCombinationException",
    "onPremisesInstanceTagFilters": "InvalidTagException",
    "onPremisesTagSet": "InvalidOnPremisesTagCombinationException",
    "autoScalingGroups": "InvalidAutoScalingGroupException",
}


def wanted(call: Call) -> dict[str, Any] | None:
    """The group as it would be after the call; None when what it belongs to does not exist, which the operation refuses."""
    found = state.applications(call).get(call.params["applicationName"])
    if found is None:
        return None
    platform = {"computePlatform": found["info"]["computePlatform"]}
    if call.operation == "CreateDeploymentGroup":
        return deployment_groups.merged(call.params, platform)
    before = found["groups"].get(call.params["currentDeploymentGroupName"])
    return None if before is None else deployment_groups.merged(call.params, before)


@rule("CD-1", "codedeploy", "CreateDeploymentGroup", source=SOURCE)
def present(call: Call) -> Refusal | None:
    """A name is taken once in an application; that is said before anything else is looked at."""
    found = state.applications(call).get(call.params["applicationName"])
    name = call.params["deploymentGroupName"]
    if found is None or name not in found["groups"]:
        return None
    return Refusal("DeploymentGroupAlreadyExistsException", f"Deployment group already exists: {name}")


@rule(
    "CD-15",
    "codedeploy",
    *GROUPS,
    source="https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html",
)
def role(call: Call) -> Refusal | None:
    """CodeDeploy must be able to assume the service role: it exists and trusts codedeploy.amazonaws.com."""
    arn = call.params.get("serviceRoleArn")
    name = call.params.get("newDeploymentGroupName") or call.params.get("deploymentGroupName") or call.params["currentDeploymentGroupName"]
    if not arn or service_role.assumable(call, arn, call.params["applicationName"], name):
        return None
    return Refusal("InvalidRoleException", f"AWS CodeDeploy does not have the permissions required to assume the role {arn}.")


@rule("CD-11", "codedeploy", *GROUPS, "CreateDeployment", source=SOURCE)
def config_platform(call: Call) -> Refusal | None:
    """The deployment configuration must be one for the application's platform; the API's default is for servers."""
    application = state.applications(call).get(call.params["applicationName"])
    if application is None:
        return None
    after = wanted(call) if call.operation in GROUPS else call.params
    name = (after or {}).get("deploymentConfigName")
    config = configs.find(call, name) if name else None
    platform = application["info"]["computePlatform"]
    if config is None or config["computePlatform"] == platform:
        return None
    return Refusal(
        "InvalidDeploymentConfigNameException",
        f"Compute platform of deployment config {name} : {config['computePlatform']} does not match expected compute platform, "
        f"correct compute platform should be {platform}.",
    )


@rule("CD-13", "codedeploy", *GROUPS, "CreateDeployment", source=API + "API_AlarmConfiguration.html")
def alarms(call: Call) -> Refusal | None:
    """Enabled alarms are one to ten."""
    given = call.params.get("overrideAlarmConfiguration" if call.operation == "CreateDeployment" else "alarmConfiguration", {})
    names = [alarm.get("name") for alarm in given.get("alarms", [])]
    if given.get("enabled") and not names:
        text = "Deployment Groups need to have at least one alarms attached if they are monitored."
        return Refusal("InvalidAlarmConfigException", text)
    if len(names) > 10:
        return Refusal("AlarmsLimitExceededException", "Deployment Groups cannot contain more than 10 Alarms.")
    if len(set(names)) < len(names):
        return Refusal("InvalidAlarmConfigException", "Duplicate alarm name detected")
    return None


@rule("CD-13", "codedeploy", *GROUPS, "CreateDeployment", source=API + "API_AutoRollbackConfiguration.html")
def auto_rollback(call: Call) -> Refusal | None:
    """Enabled automatic rollback names at least one event."""
    given = call.params.get("autoRollbackConfiguration", {})
    if given.get("enabled") and not given.get("events"):
        text = "Deployment Groups need to have at least one event specified when auto rollback is enabled"
        return Refusal("InvalidAutoRollbackConfigException", text)
    return None


@rule("CD-13", "codedeploy", *GROUPS, source=API + "API_TriggerConfig.html")
def triggers(call: Call) -> Refusal | None:
    """At most ten triggers, each with a name and a topic of its own, in this Region."""
    given = call.params.get("triggerConfigurations", [])
    if len(given) > 10:
        return Refusal("TriggerTargetsLimitExceededException", "Deployment Groups cannot contain more than 10 TriggerTargets.")
    for member, text in (("triggerName", "name"), ("triggerTargetArn", "arn")):
        values = [trigger.get(member) for trigger in given]
        if len(set(values)) < len(values):
            return Refusal("InvalidTriggerConfigException", f"Duplicate Trigger target {text} detected")
    for trigger in given:
        arn = trigger.get("triggerTargetArn", "")
        if arn.split(":")[:4] != ["arn", "aws", "sns", call.region] or arn.count(":") != 5:
            return Refusal("InvalidTriggerConfigException", f"Topic ARN {arn} is not valid")
        if not trigger.get("triggerEvents"):
            return Refusal("InvalidTriggerConfigException", "A trigger needs at least one event")
    return None


@rule("CD-14", "codedeploy", *GROUPS, source=SOURCE)
def targeting(call: Call) -> Refusal | None:
    """Only servers are chosen by tags or Auto Scaling groups, and by one kind of filter only."""
    after = wanted(call)
    if after is None:
        return None
    platform = after["computePlatform"]
    if platform != "Server":
        for member, code in TARGETING.items():
            if call.params.get(member):
                return Refusal(code, f"For {platform.upper()} deployment group, {member} can not be specified")
        return None
    for flat, grouped in (("ec2TagFilters", "ec2TagSet"), ("onPremisesInstanceTagFilters", "onPremisesTagSet")):
        if call.params.get(flat) and call.params.get(grouped):
            first, second = flat[0].upper() + flat[1:], grouped[0].upper() + grouped[1:]
            text = f"The request specified both {first} and {second}, but only one of these data types can be used in a single call."
            return Refusal(TARGETING[grouped], text)
    return None


@rule("CD-14", "codedeploy", *GROUPS, source=API + "API_EC2TagFilter.html")
def tag_filters(call: Call) -> Refusal | None:
    """A filter by key has no value and a filter by value has no key."""
    for member in ("ec2TagFilters", "onPremisesInstanceTagFilters"):
        for given in call.params.get(member, []):
            if given.get("Type") == "KEY_ONLY" and given.get("Value"):
                return Refusal(TARGETING[member], "Values must not be provided for key-only filters.")
            if given.get("Type") == "VALUE_ONLY" and given.get("Key"):
                return Refusal(TARGETING[member], "Keys must not be provided for value-only filters.")
    return None


@rule("CD-2", "codedeploy", *GROUPS, source=API + "API_DeploymentStyle.html")
def style(call: Call) -> Refusal | None:
    """ECS and Lambda know only blue/green with traffic control; blue/green always needs traffic control."""
    after = wanted(call)
    if after is None:
        return None
    platform, given = after["computePlatform"], after["deploymentStyle"]
    chosen = (given.get("deploymentType", "IN_PLACE"), given.get("deploymentOption", "WITHOUT_TRAFFIC_CONTROL"))
    if platform == "Lambda" and "deploymentStyle" not in call.params:
        return None
    if platform != "Server" and chosen != ("BLUE_GREEN", "WITH_TRAFFIC_CONTROL"):
        name = platform if platform == "ECS" else platform.upper()
        return Refusal(
            "InvalidDeploymentStyleException",
            f"For {name} deployment, the deployment type must be BLUE_GREEN, and deployment option must be WITH_TRAFFIC_CONTROL.",
        )
    if chosen == ("BLUE_GREEN", "WITHOUT_TRAFFIC_CONTROL"):
        text = "BLUE_GREEN deployment type not supported with WITHOUT_TRAFFIC_CONTROL option"
        return Refusal("InvalidDeploymentStyleException", text)
    return None


@rule("CD-3", "codedeploy", *GROUPS, source=API + "API_BlueGreenDeploymentConfiguration.html")
def blue_green(call: Call) -> Refusal | None:
    """ECS needs blueGreenDeploymentConfiguration with both options, Lambda takes none; new instances are for servers."""
    after = wanted(call)
    if after is None:
        return None
    platform, given = after["computePlatform"], after.get("blueGreenDeploymentConfiguration")
    code = "InvalidBlueGreenDeploymentConfigurationException"
    if given is None:
        text = "For ECS deployment group, blueGreenDeploymentConfiguration must be specified"
        return Refusal(code, text) if platform == "ECS" else None
    if platform == "Lambda":
        return Refusal(code, "For Lambda deployment group, blueGreenDeploymentConfiguration can not be specified")
    if not given.get("deploymentReadyOption"):
        return Refusal(code, "Deployment ready option cannot be null for blue green deployment")
    if not given.get("terminateBlueInstancesOnDeploymentSuccess"):
        text = "Terminate blue instances on deployment success behaviour cannot be set to null for Blue Green deployments"
        return Refusal(code, text)
    if platform == "ECS" and given.get("greenFleetProvisioningOption"):
        return Refusal(code, "For ECS deployment group, greenFleetProvisioningOption can not be specified")
    return _waits(given)


def _waits(given: dict[str, Any]) -> Refusal | None:
    """CD-4 and CD-5: how long to wait for somebody, and before the original goes."""
    code = "InvalidBlueGreenDeploymentConfigurationException"
    ready, minutes = given["deploymentReadyOption"], given["deploymentReadyOption"].get("waitTimeInMinutes") or 0
    action = ready.get("actionOnTimeout", "CONTINUE_DEPLOYMENT")
    if action == "CONTINUE_DEPLOYMENT" and minutes:
        return Refusal(code, "Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is specified")
    if action == "STOP_DEPLOYMENT" and minutes <= 0:
        return Refusal(code, "Deployment ready action cannot be set to 'STOP_DEPLOYMENT' when timeout is set to 0 minutes.")
    wait = given["terminateBlueInstancesOnDeploymentSuccess"].get("terminationWaitTimeInMinutes") or 0
    if wait > 2880:
        return Refusal(code, "Timeout for instance termination cannot be more than 2 days")
    if wait < 0:
        return Refusal(code, "Timeout for instance termination cannot be negative")
    return None
