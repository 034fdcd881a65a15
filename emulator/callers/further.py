"""Permissions that a request needs beside that of its own action, as the services' documentation says.

Tags at creation: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html and so on for each service.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..services.codedeploy import state as codedeploy
from ..services.ecs import state as ecs
from ..services.ecs.shapes import TaskDefinition
from ..wire import Call
from . import context

# The action that allows tags, by service, for operations that create something, and the key that tells it which.
TAGGING = {
    "application-autoscaling": ("application-autoscaling:TagResource", ""),
    "cloudwatch": ("cloudwatch:TagResource", ""),
    "codeconnections": ("codeconnections:TagResource", ""),
    "codedeploy": ("codedeploy:TagResource", ""),
    "codepipeline": ("codepipeline:TagResource", ""),
    "ec2": ("ec2:CreateTags", "ec2:createaction"),
    "ecr": ("ecr:TagResource", ""),
    "ecs": ("ecs:TagResource", "ecs:createaction"),
    "elbv2": ("elasticloadbalancing:AddTags", "elasticloadbalancing:createaction"),
    "events": ("events:TagResource", ""),
    "iam": ("iam:TagRole", ""),
    "logs": ("logs:TagResource", ""),
    "rds": ("rds:AddTagsToResource", ""),
    "s3": ("s3:TagResource", ""),
    "sns": ("sns:TagResource", ""),
    "ssm": ("ssm:AddTagsToResource", ""),
}
CREATING = ("Create", "Register", "Run", "PutParameter", "PutMetricAlarm", "PutDashboard", "PutRule")
# What has no ARN, or takes tags without a further permission.
UNTAGGED = {("ec2", "CreateTags"), ("ssm", "CreateActivation")}
# What is created has another ARN than what the action is about: how it begins, up to the names.
MADE = {("codeconnections", "CreateConnection"): "connection", ("ecs", "RunTask"): "task", ("elbv2", "CreateListener"): "listener"}
# https://docs.aws.amazon.com/codedeploy/latest/userguide/auth-and-access-control-permissions-reference.html
REVISION = ("GetApplicationRevision", "RegisterApplicationRevision")

Need = tuple[str, str, dict[str, str]]


def needs(call: Call, about: list[str]) -> Iterator[Need]:
    """(action, ARN, what more conditions may ask). `about`: the ARNs that the request is about."""
    if call.service in TAGGING and call.operation.startswith(CREATING) and context.names_tags(call):
        yield from _tags(call, about)
    if (call.service, call.operation) == ("codedeploy", "CreateDeployment"):
        yield from _deployment(call)
    if (call.service, call.operation) in (("codepipeline", "CreatePipeline"), ("codepipeline", "UpdatePipeline")):
        yield from _connections(call)
    if (call.service, call.operation) == ("s3", "DeleteObjects") and any(one.get("VersionId") for one in call.params["Delete"]["Objects"]):
        yield "s3:DeleteObjectVersion", about[0], {}
    if (call.service, call.operation) in (("ecs", "RunTask"), ("ecs", "CreateService"), ("ecs", "UpdateService")):
        yield from _roles(ecs.find_definition(call, call.params.get("taskDefinition", "")))


def _tags(call: Call, about: list[str]) -> Iterator[Need]:
    if (call.service, call.operation) in UNTAGGED:
        return
    action, key = TAGGING[call.service]
    more = {key: call.operation} if key else {}
    if call.service == "ec2":
        # The VPC in which something is created has an identifier, what is created has none yet.
        about = [arn for arn in about if arn.endswith("/*")]
    made = MADE.get((call.service, call.operation))
    for arn in about:
        yield action, _made(call, made, arn) if made else arn, more


def _made(call: Call, made: str, arn: str) -> str:
    if made == "connection":
        return call.arn("codeconnections", "connection/*")
    if made == "task":
        cluster = (call.params.get("cluster") or "default").rpartition("/")[2]
        return call.arn("ecs", f"task/{cluster}/*")
    return arn.replace(":loadbalancer/", ":listener/") + "/*"


def _deployment(call: Call) -> Iterator[Need]:
    application = call.params["applicationName"]
    for name in REVISION:
        yield f"codedeploy:{name}", call.arn("codedeploy", f"application:{application}"), {}
    groups = codedeploy.applications(call).get(application, {}).get("groups", {})
    own = groups.get(call.params.get("deploymentGroupName", ""), {}).get("deploymentConfigName", "CodeDeployDefault.ECSAllAtOnce")
    config = call.params.get("deploymentConfigName") or own
    yield "codedeploy:GetDeploymentConfig", call.arn("codedeploy", f"deploymentconfig:{config}"), {}


def _connections(call: Call) -> Iterator[Need]:
    """Whoever lets a pipeline read from a connection passes the connection to it.

    https://docs.aws.amazon.com/dtconsole/latest/userguide/security-iam.html
    """
    for stage in call.params["pipeline"]["stages"]:
        for action in stage["actions"]:
            if arn := action.get("configuration", {}).get("ConnectionArn"):
                yield "codeconnections:PassConnection", arn, {"codeconnections:passedtoservice": "codepipeline.amazonaws.com"}


def _roles(found: TaskDefinition | None) -> Iterator[Need]:
    """Whoever starts tasks passes them the roles of their task definition."""
    given: dict[str, Any] = {**found} if found else {}
    for member in ("executionRoleArn", "taskRoleArn"):
        if given.get(member):
            yield "iam:PassRole", given[member], {"iam:passedtoservice": "ecs-tasks.amazonaws.com"}
