"""What a request is about where its parameters do not say it in the words of an ARN."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from .. import world
from ..services.application_autoscaling import targets
from ..services.codebuild import store as codebuild
from ..services.codedeploy import state as codedeploy
from ..services.iam import roles
from ..wire import Call

Found = Iterator[str]
# Parameters of tagging operations whose values are the ARNs.
ARNS = ("ResourceArns", "ResourceArn", "resourceArn", "ResourceARN", "ResourceName")
TAGGING = re.compile("(TagResource|UntagResource|ListTagsForResource|AddTags|RemoveTags|AddTagsToResource|RemoveTagsFromResource)")
OF_EC2 = {"vpc": "vpc", "subnet": "subnet", "rtb": "route-table", "igw": "internet-gateway", "sg": "security-group"}
OF_SSM = {"Document": "document/", "Parameter": "parameter/", "ManagedInstance": "managed-instance/"}


def find(call: Call) -> list[str]:
    """The ARNs; none where the authority reference and the parameters tell them."""
    if TAGGING.fullmatch(call.operation) and (tagged := list(_tagged(call))):
        return tagged
    known = OPERATIONS.get((call.service, call.operation)) or SERVICES.get(call.service)
    return list(known(call)) if known else []


def _tagged(call: Call) -> Found:
    for name in ARNS:
        given = call.params.get(name, [])
        yield from (arn for arn in ([given] if isinstance(given, str) else given) if arn.startswith("arn:"))
    if call.service == "ssm" and call.params.get("ResourceType") in OF_SSM:
        yield call.arn("ssm", OF_SSM[call.params["ResourceType"]] + call.params["ResourceId"].lstrip("/"))


def _of_network(call: Call) -> Found:
    for identifier in call.params["Resources"]:
        kind = OF_EC2.get(identifier.partition("-")[0], "*")
        yield call.arn("ec2", f"{kind}/{identifier}")


def _scalable_target(call: Call) -> Found:
    """A target that is only to be created has no number yet."""
    if "ResourceId" in call.params and not call.operation.startswith("Describe"):
        found = targets.target(call)
        yield found["ScalableTargetARN"] if found else call.arn("application-autoscaling", "scalable-target/*")


def _groups_of_deployments(call: Call) -> Found:
    wanted = call.params.get("deploymentIds") or [call.params["deploymentId"]]
    for deployment in (codedeploy.deployments(call).get(one) for one in wanted):
        if deployment is not None:
            info = deployment.info
            yield call.arn("codedeploy", f"deploymentgroup:{info['applicationName']}/{info['deploymentGroupName']}")


def _of_service(call: Call) -> Found:
    """A deployment or revision of a service, and the service."""
    for arn in [text for value in call.params.values() for text in ([value] if isinstance(value, str) else value)]:
        if found := re.fullmatch(r"(arn:[^/]+:)service-(?:deployment|revision)/([^/]+/[^/]+)/.+", str(arn)):
            yield from (arn, f"{found[1]}service/{found[2]}")


def _balancer(call: Call) -> Found:
    kinds = {"application": "app", "network": "net", "gateway": "gwy"}
    yield call.arn("elasticloadbalancing", f"loadbalancer/{kinds[call.params.get('Type', 'application')]}/{call.params['Name']}/*")


def _linked_role(call: Call) -> Found:
    yield call.arn("iam", f"role/aws-service-role/{call.params['AWSServiceName']}/*", regional=False)


def _role(call: Call) -> Found:
    """With its path."""
    found = roles.find(call, call.params.get("RoleName", ""))
    if found is not None:
        yield found.arn


def _session(call: Call) -> Found:
    target = call.params["Target"]
    if document := call.params.get("DocumentName"):
        yield call.arn("ssm", f"document/{document}")
    if target.startswith("codebuild:"):
        # https://docs.aws.amazon.com/codebuild/latest/userguide/session-manager.html
        yield from (call.arn("codebuild", f"build/{one}") for one in codebuild.builds(call) if one.endswith(target[9:]))
    elif target.startswith("ecs:"):
        cluster, task = target.removeprefix("ecs:").split("_")[:2]
        yield call.arn("ecs", f"task/{cluster}/{task}")
    else:
        yield call.arn("ec2", f"instance/{target}") if target.startswith("i-") else call.arn("ssm", f"managed-instance/{target}")


def _objects(call: Call) -> Found:
    yield from (f"arn:aws:s3:::{call.params['Bucket']}/{one['Key']}" for one in call.params["Delete"]["Objects"])


def _setting(call: Call) -> Found:
    yield call.arn("ssm", f"servicesetting/{call.params['SettingId'].lstrip('/')}")


def _pipeline(call: Call) -> Found:
    """A pipeline, a stage of it, or an action."""
    given = call.params
    name = given.get("pipelineName") or given.get("name") or given.get("pipeline", {}).get("name")
    parts = [given[member] for member in ("stageName", "actionName") if given.get(member)]
    if name and not call.operation.endswith("Webhook"):
        yield call.arn("codepipeline", "/".join((name, *parts)))


def _projects(call: Call) -> Found:
    """The projects of builds and sandboxes, whose ids begin with their names. Sessions and commands are about the sandbox."""
    if sandbox := call.params.get("sandboxId"):
        yield sandbox if sandbox.startswith("arn:") else call.arn("codebuild", f"sandbox/{sandbox}")
        return
    given = [call.params[name] for name in ("name", "projectName", "id", "names", "ids") if call.params.get(name)]
    if "Fleet" not in call.operation and "Report" not in call.operation:
        for text in (each for value in given for each in ([value] if isinstance(value, str) else value)):
            bare = text.split("/", 1)[1] if text.startswith("arn:") and "/" in text else text
            yield call.arn("codebuild", f"project/{bare.partition(':')[0]}")


def _connections(call: Call) -> Found:
    """By their ARNs, which keep the name under which they were made."""
    yield from (call.params[name] for name in ("ConnectionArn", "HostArn") if call.params.get(name))


def _topic(call: Call) -> Found:
    """A topic, also of a subscription."""
    arn = call.params.get("TopicArn") or call.params.get("SubscriptionArn", "")
    if arn.startswith("arn:"):
        yield ":".join(arn.split(":")[:6])
    elif call.operation == "CreateTopic":
        yield call.arn("sns", call.params["Name"])


def _of_event_bus(call: Call) -> Found:
    """Rules by name; connections and API destinations with the id that AWS adds."""
    name, kind = (
        call.params.get("Rule") or call.params.get("Name"),
        _KINDS.get(re.sub("^(Create|Update|Describe|Delete)", "", call.operation)),
    )
    if name and kind:
        kept = world.backend("events", call)
        found = (kept.connections if kind == "connection" else kept.destinations).get(name)
        yield found.arn if found else call.arn("events", f"{kind}/{name}/new")
    elif name:
        yield call.arn("events", f"rule/{name}")


_KINDS = {"Connection": "connection", "ApiDestination": "api-destination"}
SERVICES: dict[str, Callable[[Call], Found]] = {
    "application-autoscaling": _scalable_target,
    "codebuild": _projects,
    "codeconnections": _connections,
    "codepipeline": _pipeline,
    "events": _of_event_bus,
    "sns": _topic,
}
OPERATIONS: dict[tuple[str, str], Callable[[Call], Found]] = {
    **dict.fromkeys((("ec2", "CreateTags"), ("ec2", "DeleteTags")), _of_network),
    **dict.fromkeys((("codedeploy", "BatchGetDeployments"), ("codedeploy", "GetDeployment")), _groups_of_deployments),
    **{
        ("ecs", name): _of_service
        for name in ("DescribeServiceDeployments", "DescribeServiceRevisions", "ContinueServiceDeployment", "StopServiceDeployment")
    },
    ("elbv2", "CreateLoadBalancer"): _balancer,
    ("iam", "CreateServiceLinkedRole"): _linked_role,
    ("s3", "DeleteObjects"): _objects,
    **{("iam", name): _role for name in ("GetRole", "DeleteRole", "TagRole", "UntagRole")},
    **{("ssm", name): _session for name in ("StartSession", "GetConnectionStatus")},
    **{("ssm", name): _setting for name in ("GetServiceSetting", "UpdateServiceSetting", "ResetServiceSetting")},
}


def texts(value: Any) -> Iterator[str]:
    """All texts of a request's parameters."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
