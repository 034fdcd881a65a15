"""What CodeDeploy refuses of deployment configurations, revisions, deployments and tags."""

from __future__ import annotations

import hashlib
from typing import Any

from ...registry import rule
from ...services.codedeploy import state
from ...wire import Call, Refusal
from .deployment_groups import API

LIMITS = "https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html"
# What only servers know: member of CreateDeployment → code.
SERVER_ONLY = {
    "targetInstances": "InvalidTargetInstancesException",
    "updateOutdatedInstancesOnly": "InvalidUpdateOutdatedInstancesOnlyValueException",
    "fileExistsBehavior": "InvalidFileExistsBehaviorException",
    "ignoreApplicationStopFailures": "InvalidIgnoreApplicationStopFailuresValueException",
}
# Member of a batch that cannot be empty → code and the beginning of the words.
BATCHES = {
    "BatchGetApplications": ("applicationNames", "ApplicationNameRequiredException", "Application name"),
    "BatchGetDeploymentGroups": ("deploymentGroupNames", "DeploymentGroupNameRequiredException", "Deployment Group name"),
    "BatchGetDeployments": ("deploymentIds", "DeploymentIdRequiredException", "Deployment ID"),
    "BatchGetDeploymentTargets": ("targetIds", "DeploymentTargetIdRequiredException", "Deployment target ID"),
    "BatchGetApplicationRevisions": ("revisions", "RevisionRequiredException", "Revision"),
}


@rule("CD-12", "codedeploy", "CreateDeploymentConfig", source=API + "API_CreateDeploymentConfig.html")
def config(call: Call) -> Refusal | None:
    """Servers are counted, ECS and Lambda route traffic; AWS's own prefix is reserved."""
    name, platform = call.params["deploymentConfigName"], call.params.get("computePlatform", "Server")
    if name.startswith("CodeDeployDefault."):
        text = "The prefix CodeDeployDefault. is reserved for predefined configuration names"
        return Refusal("InvalidDeploymentConfigNameException", text)
    hosts, routing = call.params.get("minimumHealthyHosts"), call.params.get("trafficRoutingConfig")
    if platform == "Server":
        if routing:
            text = "Traffic routing configuration should be null for Server deployment configuration"
            return Refusal("InvalidTrafficRoutingConfigurationException", text)
        return _hosts(hosts)
    if hosts:
        text = f"minimum healthy hosts should be null for {platform} deployment configuration"
        return Refusal("InvalidMinimumHealthyHostValueException", text)
    if call.params.get("zonalConfig"):
        text = f"Zonal configuration should be null for {platform} deployment configuration"
        return Refusal("InvalidZonalDeploymentConfigurationException", text)
    if not routing:
        text = f"Traffic routing configuration should not be null for {platform} deployment configuration"
        return Refusal("InvalidTrafficRoutingConfigurationException", text)
    return _routing(routing)


def _hosts(given: dict[str, Any] | None) -> Refusal | None:
    code = "InvalidMinimumHealthyHostValueException"
    if not given or "type" not in given or "value" not in given:
        return Refusal(code, "minimum healthy hosts argument is missing")
    top = 99 if given["type"] == "FLEET_PERCENT" else 10**9
    if not 0 <= given["value"] <= top:
        return Refusal(code, f"minimum healthy hosts value is not valid: {given['value']}")
    return None


def _routing(given: dict[str, Any]) -> Refusal | None:
    code, kind = "InvalidTrafficRoutingConfigurationException", given.get("type")
    if kind is None:
        return Refusal(code, "Traffic routing type should not be null")
    for name in ("TimeBasedCanary", "TimeBasedLinear"):
        block = given.get(name[0].lower() + name[1:])
        if block and name != kind:
            return Refusal(code, f"{name}Configuration should be null for {kind} type")
        if name == kind and not block:
            return Refusal(code, f"{name}Configuration should not be null for {kind} type")
    if kind == "AllAtOnce":
        return None
    prefix = "canary" if kind == "TimeBasedCanary" else "linear"
    block = given[kind[0].lower() + kind[1:]]
    percent, minutes = block.get(f"{prefix}Percentage", 0), block.get(f"{prefix}Interval", 0)
    if not 1 <= percent <= 99:
        return Refusal(code, "Valid traffic routing percentage is from 1 to 99")
    if prefix == "canary" and not 1 <= minutes <= 2880:
        return Refusal(code, "Canary interval must be between 1 and 2880 minutes (2 days)")
    if prefix == "linear" and not 1 <= minutes * (100 // percent) <= 2880:
        return Refusal(code, "Total Traffic shifting intervals must be positive integers up to 2880 minutes (2 days)")
    return None


@rule("CD-21", "codedeploy", "CreateDeployment", "RegisterApplicationRevision", source=API + "API_RevisionLocation.html")
def revision(call: Call) -> Refusal | None:
    """ECS and Lambda take an AppSpec, as content or from S3; servers take an archive or GitHub."""
    application = state.applications(call).get(call.params["applicationName"])
    given = call.params.get("revision")
    if application is None or given is None:
        return None
    platform, kind = application["info"]["computePlatform"], given.get("revisionType")
    if kind is None:
        return _revision("Revision type is missing")
    location = given.get({"S3": "s3Location", "GitHub": "gitHubLocation", "String": "string"}.get(kind, "appSpecContent"))
    if not location:
        return _revision(f"Revision of type {kind} has no location of that type")
    if platform == "Server":
        return _server(kind, location)
    if kind in ("GitHub", "String"):
        return _revision(f"Revision type: {kind} is not supported under compute platform: {platform.upper()}")
    if kind == "S3":
        return _s3(location, ("YAML", "JSON"), "BundleType must be either YAML or JSON")
    if not location.get("content"):
        return _revision("AppSpec content is missing")
    digest = hashlib.sha256(location["content"].encode()).hexdigest()
    if location.get("sha256") and location["sha256"].lower() != digest:
        return _revision("The sha256 does not match the content of the revision")
    return None


def _revision(text: str) -> Refusal:
    return Refusal("InvalidRevisionException", text)


def _server(kind: str, location: dict[str, Any]) -> Refusal | None:
    if kind in ("AppSpecContent", "String"):
        return _revision(f"Revision type: {kind} is not supported under compute platform: SERVER")
    if kind == "S3":
        return _s3(location, ("tar", "tgz", "zip"), "BundleType must be either tar, zip or tgz")
    return None if location.get("repository") and location.get("commitId") else _revision("Repository and commit ID are needed")


def _s3(location: dict[str, Any], kinds: tuple[str, ...], text: str) -> Refusal | None:
    if not location.get("bucket") or not location.get("key"):
        return _revision("Bucket and key of the revision are needed")
    return None if location.get("bundleType") in kinds else _revision(text)


@rule("CD-31", "codedeploy", "CreateDeployment", source=API + "API_CreateDeployment.html")
def deployment(call: Call) -> Refusal | None:
    """A deployment names its group, has a short description, and on ECS nothing that is for servers."""
    if not call.params.get("deploymentGroupName"):
        return Refusal("DeploymentGroupNameRequiredException", "Deployment Group name is missing")
    if len(call.params.get("description", "")) > 256:
        return Refusal("DescriptionTooLongException", "The description is too long: it has at most 256 characters")
    application = state.applications(call).get(call.params["applicationName"])
    if application is None or application["info"]["computePlatform"] == "Server":
        return None
    platform = application["info"]["computePlatform"].upper()
    for member, code in SERVER_ONLY.items():
        if call.params.get(member):
            return Refusal(code, f"For {platform} deployment, {member} can not be specified")
    if call.params.get("deploymentMode") == "RESTART":
        return Refusal("InvalidInputException", f"For {platform} deployment, deploymentMode RESTART can not be specified")
    return None


@rule("CD-own-batch", "codedeploy", *BATCHES, source=API + "API_BatchGetApplications.html")
def batch(call: Call) -> Refusal | None:
    """A batch names something."""
    member, code, words = BATCHES[call.operation]
    return None if call.params.get(member) else Refusal(code, f"{words} is missing")


@rule("CD-1", "codedeploy", "CreateApplication", "CreateDeploymentGroup", "TagResource", source=API + "API_TagResource.html")
def tags(call: Call) -> Refusal | None:
    """At most fifty tags, each with a key of its own, none of AWS's."""
    given = call.params.get("Tags" if call.operation == "TagResource" else "tags", [])
    keys = [tag.get("Key") or "" for tag in given]
    if call.operation == "TagResource" and not given:
        return Refusal("TagRequiredException", "A tag was not specified")
    if len(keys) > 50 or len(set(keys)) < len(keys) or not all(keys):
        return Refusal("InvalidTagsToAddException", "The specified tags are not valid: at most 50, each with a key of its own")
    if any(key.lower().startswith("aws:") or len(key) > 128 for key in keys) or any(len(tag.get("Value") or "") > 256 for tag in given):
        return Refusal(
            "InvalidTagsToAddException", "The specified tags are not valid: a key has 1-128, a value 0-256 characters, no aws: prefix"
        )
    return None
