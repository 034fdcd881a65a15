"""What ECS refuses about clusters, names, tags, lists, things that are not there, and task sets from outside."""

from __future__ import annotations

import re
from typing import Any

from ...registry import rule
from ...services.ecs import state as ecs
from ...services.ecs.clusters import MANAGED
from ...wire import Call, Refusal

GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/"
NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
IN_CLUSTER = (
    "CreateService",
    "UpdateService",
    "DeleteService",
    "RunTask",
    "StartTask",
    "CreateTaskSet",
    "UpdateTaskSet",
    "DeleteTaskSet",
    "UpdateServicePrimaryTaskSet",
    "ExecuteCommand",
)
TAGGED = ("CreateCluster", "CreateService", "RegisterTaskDefinition", "RunTask", "StartTask", "CreateTaskSet", "TagResource")
SWITCH = ("enabled", "disabled", "on", "off")
ACCOUNT_SETTINGS = {
    "containerInsights": ("enabled", "disabled", "enhanced"),
    "defaultLogDriverMode": ("blocking", "non-blocking"),
    "fargateTaskRetirementWaitPeriod": ("0", "7", "14"),
}
LISTED = {
    "DescribeServices": ("services", 10),
    "DescribeTasks": ("tasks", 100),
    "DescribeClusters": ("clusters", 100),
    "DeleteTaskDefinitions": ("taskDefinitions", 10),
}


@rule("ECS-D8", "ecs", *IN_CLUSTER, source=f"{GUIDE}API_CreateService.html")
def cluster(call: Call) -> Refusal | None:
    """The cluster exists and is active."""
    try:
        ecs.cluster(call, call.params.get("cluster"))
    except Refusal as refusal:
        return refusal
    return None


@rule("ECS-U6", "ecs", "UpdateService", "CreateTaskSet", source=f"{GUIDE}API_UpdateService.html")
def service(call: Call) -> Refusal | None:
    """The service exists, and is neither DRAINING nor INACTIVE."""
    try:
        ecs.service(call, call.params.get("cluster"), call.params["service"])
    except Refusal as refusal:
        return refusal
    return None


@rule(
    "ECS-U1",
    "ecs",
    "CreateTaskSet",
    "UpdateTaskSet",
    "DeleteTaskSet",
    "UpdateServicePrimaryTaskSet",
    source=f"{GUIDE}API_CreateTaskSet.html",
)
def task_sets(call: Call) -> Refusal | None:
    """Only EXTERNAL services have their task sets managed by the caller; those of CODE_DEPLOY belong to CodeDeploy."""
    found = ecs.find_service(call, call.params["cluster"], call.params["service"])
    if found is None or ecs.controller(found) == "EXTERNAL":
        return None
    kind = ecs.controller(found)
    repair = " Use AWS CodeDeploy to trigger a new deployment." if kind == "CODE_DEPLOY" else ""
    verb = "create" if call.operation == "CreateTaskSet" else "delete" if call.operation == "DeleteTaskSet" else "update"
    return ecs.invalid(f"Unable to {verb} task sets on services with a {kind} deployment controller.{repair}")


@rule("ECS-R7", "ecs", "CreateService", "UpdateService", "RunTask", "StartTask", "CreateTaskSet", source=f"{GUIDE}API_RunTask.html")
def definition(call: Call) -> Refusal | None:
    """The task definition exists and is ACTIVE."""
    try:
        if wanted := call.params.get("taskDefinition"):
            ecs.definition(call, wanted)
    except Refusal as refusal:
        return refusal
    return None


@rule("ECS-S21", "ecs", "CreateCluster", "CreateService", "RegisterTaskDefinition", source=f"{GUIDE}API_CreateCluster.html")
def name(call: Call) -> Refusal | None:
    """Names have up to 255 letters, digits, hyphens and underscores."""
    for member, word in (("clusterName", "Cluster name"), ("serviceName", "Service name")):
        if member in call.params and not NAME.fullmatch(call.params[member]):
            return ecs.invalid(f"{word} contains invalid characters or is longer than 255 characters.")
    family = call.params.get("family", "family") if call.operation == "RegisterTaskDefinition" else "family"
    if not family:
        return ecs.client_error("Family cannot be blank.")
    if len(family) > 255:
        return ecs.client_error("Family name must be at most 255 characters.")
    if not NAME.fullmatch(family):
        return ecs.client_error("Family contains invalid characters.")
    return None


@rule("ECS-S21", "ecs", *TAGGED, source=f"{GUIDE}API_Tag.html")
def tags(call: Call) -> Refusal | None:
    """Tag keys are unique, and those that begin with aws: are AWS's own."""
    keys = [tag.get("key", "") for tag in call.params.get("tags", [])]
    if any(key.lower().startswith("aws:") for key in keys):
        return ecs.invalid("Tag keys and values cannot start with 'aws:'. Specify other tags and try again.")
    if len(set(keys)) < len(keys):
        return ecs.invalid("Duplicate tag keys found. Tag keys must be unique.")
    return None


@rule("ECS-D1", "ecs", *LISTED, source=f"{GUIDE}API_DescribeServices.html")
def batch(call: Call) -> Refusal | None:
    """Each Describe takes a limited number of names, and at least one."""
    member, most = LISTED[call.operation]
    given = call.params.get(member, [])
    if len(given) > most:
        return ecs.invalid(f"{member} can have at most {most} items.")
    if not given and call.operation != "DescribeClusters":
        return ecs.invalid(f"{member[0].upper()}{member[1:]} cannot be empty.")
    return None


@rule("ECS-D4", "ecs", "DeleteCluster", source=f"{GUIDE}API_DeleteCluster.html")
def empty(call: Call) -> Refusal | None:
    """A cluster with services or tasks stays."""
    found = ecs.find_cluster(call, call.params["cluster"])
    if found is None:
        return None
    owner = found["clusterName"]
    if any(each["status"] == "ACTIVE" for each in ecs.services_in(call, owner)):
        return Refusal("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    if ecs.live_tasks(call, owner):
        return Refusal("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
    return None


@rule("ECS-D7", "ecs", "CreateCluster", "UpdateCluster", source=f"{GUIDE}API_ExecuteCommandConfiguration.html")
def exec_logging(call: Call) -> Refusal | None:
    """logging OVERRIDE and a log configuration come together."""
    wanted = call.params.get("configuration", {}).get("executeCommandConfiguration", {})
    given = wanted.get("logConfiguration")
    overrides = wanted.get("logging") == "OVERRIDE"
    if given and not overrides:
        return ecs.invalid("You must set logging to 'OVERRIDE' when you supply a log configuration.")
    if overrides and not (given and (given.get("cloudWatchLogGroupName") or given.get("s3BucketName"))):
        text = "A CloudWatch log group name or S3 bucket name must be specified when overriding the default logging configuration."
        return ecs.invalid(text)
    return None


@rule("ECS-S21", "ecs", "CreateCluster", "UpdateCluster", "UpdateClusterSettings", source=f"{GUIDE}API_ClusterSetting.html")
def settings(call: Call) -> Refusal | None:
    """containerInsights is enabled, disabled or enhanced."""
    for item in call.params.get("settings", []):
        if item.get("name") == "containerInsights" and item.get("value") not in ("enabled", "disabled", "enhanced"):
            return ecs.invalid("Invalid value for setting containerInsights. Valid values are: enabled, disabled, enhanced.")
    return None


@rule("ECS-own-setting", "ecs", "PutAccountSetting", "PutAccountSettingDefault", source=f"{GUIDE}API_PutAccountSetting.html")
def account_setting(call: Call) -> Refusal | None:
    """A setting of the account has one of its values."""
    allowed = ACCOUNT_SETTINGS.get(call.params["name"], SWITCH)
    return None if call.params["value"] in allowed else ecs.invalid(f"Invalid setting value. Valid values are: {', '.join(allowed)}.")


def _strategy(strategy: list[dict[str, Any]], listed: list[str]) -> Refusal | None:
    if any(item["capacityProvider"] not in listed for item in strategy):
        return ecs.invalid(
            "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. "
            "Associate the capacity provider with the cluster and try again."
        )
    if sum(item.get("base", 0) > 0 for item in strategy) > 1:
        return ecs.invalid("The specified capacity provider strategy contains multiple capacity providers with a base value defined.")
    if len(strategy) > 20:
        return ecs.invalid("The specified capacity provider strategy can have at most 20 capacity providers.")
    return None


@rule("ECS-S16", "ecs", "CreateCluster", "PutClusterCapacityProviders", source=f"{GUIDE}API_PutClusterCapacityProviders.html")
def providers(call: Call) -> Refusal | None:
    """The default strategy uses providers of the cluster; the providers exist."""
    listed = call.params.get("capacityProviders", [])
    for unknown in [each for each in listed if ecs.last(each) not in MANAGED]:
        return ecs.invalid(f"The specified capacity provider '{unknown}' was not found. Specify a valid name or ARN and try again.")
    return _strategy(call.params.get("defaultCapacityProviderStrategy", []), listed)


@rule("ECS-S16", "ecs", "CreateService", "UpdateService", "RunTask", "CreateTaskSet", source=f"{GUIDE}API_CreateService.html")
def chosen(call: Call) -> Refusal | None:
    """A launch type or a capacity provider strategy, whose providers belong to the cluster."""
    strategy = call.params.get("capacityProviderStrategy")
    if not strategy:
        return None
    if call.params.get("launchType"):
        text = "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        return ecs.invalid(text)
    return _strategy(strategy, ecs.cluster(call, call.params.get("cluster"))["capacityProviders"])
