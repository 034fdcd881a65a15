"""Whether whoever sends a request may have it done, and AWS's words when not. Off until it is switched on: then any key may do anything,
but those of sessions that services have begun for programs (services/iam/sessions.py).

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .. import registry, world
from ..services.iam import authority, sessions
from ..services.iam.authority import Session
from ..wire import Call, Refusal, credential_scope

_on = False
# The actions for which somebody was judged since that was switched on.
_asked: set[str] = set()
# Nobody is asked for a permission for these.
FREE = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}
# Those that come without a signature.
UNSIGNED = {("sts", "AssumeRoleWithWebIdentity"), ("sts", "AssumeRoleWithSAML")}
# Whoever hands a role to a service needs iam:PassRole on it: the parameters that name one, and the service that gets it.
PASSED = {
    "RegisterTaskDefinition": {"executionRoleArn": "ecs-tasks", "taskRoleArn": "ecs-tasks"},
    "RunTask": {"executionRoleArn": "ecs-tasks", "taskRoleArn": "ecs-tasks"},
    "CreateService": {"roleArn": "ecs", "role": "ecs"},
    "UpdateService": {"roleArn": "ecs"},
    "CreateDeploymentGroup": {"serviceRoleArn": "codedeploy"},
    "UpdateDeploymentGroup": {"serviceRoleArn": "codedeploy"},
    "CreateActivation": {"IamRole": "ssm"},
    "CreateProject": {"serviceRole": "codebuild"},
    "UpdateProject": {"serviceRole": "codebuild"},
    "StartBuild": {"serviceRoleOverride": "codebuild"},
    "CreatePipeline": {"roleArn": "codepipeline"},
    "UpdatePipeline": {"roleArn": "codepipeline"},
    "CreateDBInstance": {"MonitoringRoleArn": "monitoring.rds"},
    "ModifyDBInstance": {"MonitoringRoleArn": "monitoring.rds"},
    "PutRule": {"RoleArn": "events"},
    "PutTargets": {"RoleArn": "events"},
}


@registry.control_endpoint("authority")
def switch(wanted: dict[str, Any]) -> dict[str, Any]:
    """Judge callers from now on, or no longer; without `on` only tell for which actions they were judged, and sessions of `roles`."""
    global _on
    if "on" in wanted:
        _on = bool(wanted["on"])
        _asked.clear()
        authority.asked.clear()
    return {"on": _on, "asked": sorted(_asked), "roles": {role: sorted(actions) for role, actions in authority.asked.items()}}


@registry.on_reset
def _forget() -> None:
    switch({"on": False})


def check(call: Call) -> None:
    """Raises Refusal for what whoever sends it may not do."""
    key = (credential_scope(call.environ) or ("",))[0]
    if not (sessions.told(key, call) or _on) or (call.service, call.operation) in UNSIGNED:
        return
    # Thousands of actions and their resources, which only this needs.
    from . import actions, context, further, principals

    who = principals.session(call)
    if who is None or (call.service, call.operation) in FREE:
        return
    known, about = context.of_request(call), actions.resources(call)
    for resource in about:
        _require(call, who, actions.action(call), resource, known)
    for action, resource, more in further.needs(call, about):
        _require(call, who, action, resource, {**known, **more})
    for role, service in _passed(call):
        _require(call, who, "iam:PassRole", role, {**known, "iam:passedtoservice": f"{service}.amazonaws.com"})


def _require(call: Call, who: Session, action: str, resource: str, known: Mapping[str, str | tuple[str, ...]]) -> None:
    from . import context

    if _on:
        _asked.add(action)
    if resource.startswith("arn:"):
        known = {**known, **context.of_resource(call, resource)}
    if text := authority.denied(who, action, resource, known, **_resource_policy(call, action)):
        raise _refusal(call, text.replace(f"resource: {resource}", f'resource: "{resource}"') if call.service == "s3" else text)


def _refusal(call: Call, text: str) -> Refusal:
    if call.service == "ec2":
        return Refusal("UnauthorizedOperation", f"You are not authorized to perform this operation. {text}", 403)
    if call.protocol in ("json", "rest-json"):
        return Refusal("AccessDeniedException", text, 400 if call.protocol == "json" else 403)
    return Refusal("AccessDenied", text, 403)


def _resource_policy(call: Call, action: str) -> dict[str, Any]:
    """The policy of what a request is about, where it has one that counts."""
    try:
        if action == "sts:AssumeRole":
            role = authority.by_arn(call, call.params["RoleArn"])
            return {"resource_policy": authority.text(role.assume_role_policy_document) if role else "", "needed": True}
        if call.service == "s3" and call.params.get("Bucket"):
            bucket = world.backend("s3", call).buckets.get(call.params["Bucket"])
            return {"resource_policy": authority.text(bucket.policy) if bucket and bucket.policy else ""}
        if call.service == "kms" and call.params.get("KeyId"):
            found = world.aws(call, "kms", "GetKeyPolicy", KeyId=call.params["KeyId"], PolicyName="default")
            return {"resource_policy": found["Policy"], "needed": True}
        if call.service == "ecr" and call.params.get("repositoryName"):
            found = world.aws(call, "ecr", "GetRepositoryPolicy", repositoryName=call.params["repositoryName"])
            return {"resource_policy": found["policyText"]}
    except Refusal:
        return {}
    return {}


def _passed(call: Call) -> Iterator[tuple[str, str]]:
    """The ARNs of roles that a request hands to a service, and that service."""
    members = PASSED.get(call.operation, {})
    for member, value in _members(call.params):
        if member in members and isinstance(value, str):
            yield value if value.startswith("arn:") else call.arn("iam", f"role/{value}", regional=False), members[member]


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield name, each
            yield from _members(each)
    elif isinstance(value, list):
        for each in value:
            yield from _members(each)
