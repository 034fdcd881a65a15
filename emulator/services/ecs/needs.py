"""What a Fargate task needs before its containers can start: the secrets, the image, the log group (ECS-R12)."""

from __future__ import annotations

import re
from typing import Any

from ... import world
from ...wire import Call, Refusal
from ..iam import policies
from ..ssm import parameter_store as ssm
from .shapes import ContainerDefinition

ECR_IMAGE = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.amazonaws\.com/(?P<repository>[^:@]+)(?P<version>[:@].+)?")
SECRET = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "


def _asked(call: Call, service: str, operation: str, **params: Any) -> Refusal | None:
    """The refusal with which another service answers, or None when it answers."""
    try:
        world.aws(call, service, operation, **params)
    except Refusal as refusal:
        return refusal
    return None


def _locked(call: Call, name: str, role: str) -> str:
    """What a role is told that may not decrypt with the customer's own key of a parameter; AWS's key opens to everybody in the account."""
    key = ssm.find(call, name).latest.key_id
    if key in ("", ssm.DEFAULT_KEY):
        return ""
    arn = world.aws(call, "kms", "DescribeKey", KeyId=key)["KeyMetadata"]["Arn"]
    if not role or policies.allowed(call, role, "kms:Decrypt", arn):
        return ""
    text = (
        "unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: The ciphertext refers to a "
    )
    text += "customer master key that does not exist, does not exist in this region, or you are not allowed to access."
    return SECRET + text


def _denied(call: Call, role: str, task_id: str, action: str, resource: str) -> str:
    """What an execution role is told that may not read a secret; "" for one that may. Without a role nobody is asked."""
    if not role or policies.allowed(call, role, action, resource):
        return ""
    caller = f"arn:aws:sts::{call.account}:assumed-role/{role.rsplit('/', 1)[-1]}/{task_id}"
    text = f"AccessDeniedException: User: {caller} is not authorized to perform: {action} on resource: {resource} "
    return text + f"because no identity-based policy allows the {action} action"


def _secret(call: Call, value: str, role: str, task_id: str) -> str:
    if ":secretsmanager:" in value:
        name = ":".join(value.split(":")[:7])
        asked = "unable to retrieve secret from asm: service call has been retried 1 time(s): "
        asked += f"failed to fetch secret {name} from secrets manager: "
        if denied := _denied(call, role, task_id, "secretsmanager:GetSecretValue", name):
            return SECRET + asked + denied
        refusal = _asked(call, "secretsmanager", "DescribeSecret", SecretId=name)
        text = asked + "ResourceNotFoundException: Secrets Manager can't find the specified secret."
    else:
        name = value.split(":parameter", 1)[-1]
        asked = "unable to retrieve secrets from ssm: service call has been retried 1 time(s): "
        if denied := _denied(call, role, task_id, "ssm:GetParameters", ssm.arn(call, name)):
            return SECRET + asked + denied
        refusal = _asked(call, "ssm", "GetParameter", Name=name)
        if refusal is not None and name.startswith("/"):
            refusal = _asked(call, "ssm", "GetParameter", Name=name[1:]) if value.startswith("arn:") else refusal
        text = asked + f"invalid ssm parameters: {name}"
        if refusal is None and (locked := _locked(call, name, role)):
            return locked
    return SECRET + text if refusal else ""


def secret_value(call: Call, secret: dict[str, str]) -> str:
    """What a secret of a container is now; "" when it was deleted since."""
    name = secret["valueFrom"].partition(":parameter")[2] or secret["valueFrom"]
    try:
        return str(world.aws(call, "ssm", "GetParameter", Name=name, WithDecryption=True)["Parameter"]["Value"])
    except Refusal:
        return ""


def _image(call: Call, image: str) -> str:
    """Only images in this account's own registry are known; others are taken to exist."""
    match = ECR_IMAGE.fullmatch(image)
    if not match or (match["account"], match["region"]) != (call.account, call.region):
        return ""
    version = match["version"] or ":latest"
    key = "imageDigest" if version[0] == "@" else "imageTag"
    refusal = _asked(call, "ecr", "DescribeImages", repositoryName=match["repository"], imageIds=[{key: version[1:]}])
    if refusal is None:
        return ""
    return f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: {image}: not found"


def log_group(container: ContainerDefinition) -> str | None:
    """The log group of a container that writes to CloudWatch Logs."""
    logs = container.get("logConfiguration", {})
    return logs.get("options", {}).get("awslogs-group") if logs.get("logDriver") == "awslogs" else None


def stream(container: ContainerDefinition, task_id: str) -> str:
    """The log stream of a container (ECS-R15)."""
    return f"{container['logConfiguration']['options'].get('awslogs-stream-prefix', '')}/{container['name']}/{task_id}"


def _logs(call: Call, container: ContainerDefinition, task_id: str) -> str:
    """The log group is there, or the log driver may make it (ECS-T21)."""
    group = log_group(container)
    if group is None:
        return ""
    if container["logConfiguration"]["options"].get("awslogs-create-group") == "true":
        _asked(call, "logs", "CreateLogGroup", logGroupName=group)
    refusal = _asked(call, "logs", "CreateLogStream", logGroupName=group, logStreamName=stream(container, task_id))
    if refusal is None or refusal.code == "ResourceAlreadyExistsException":
        return ""
    return (
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create "
        "Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1"
    )


def missing(call: Call, containers: list[ContainerDefinition], task_id: str, role: str = "") -> tuple[str, str]:
    """Why the task cannot start, and the container that is to blame if one is: ("", "") when it can. `role`: its execution role."""
    for container in containers:
        for secret in [*container.get("secrets", []), *container.get("logConfiguration", {}).get("secretOptions", [])]:
            if reason := _secret(call, secret["valueFrom"], role, task_id):
                return reason, ""
    for container in containers:
        if reason := _image(call, container["image"]):
            return reason, container["name"]
    for container in containers:
        if reason := _logs(call, container, task_id):
            return reason, ""
    return "", ""


def digest(call: Call, image: str) -> str:
    """The digest of an image: the registry's own, or none for images elsewhere."""
    match = ECR_IMAGE.fullmatch(image)
    if not match or (match["account"], match["region"]) != (call.account, call.region):
        return image.split("@", 1)[1] if "@" in image else ""
    version = match["version"] or ":latest"
    key = "imageDigest" if version[0] == "@" else "imageTag"
    try:
        found = world.aws(call, "ecr", "DescribeImages", repositoryName=match["repository"], imageIds=[{key: version[1:]}])
    except Refusal:
        return ""
    return str(found["imageDetails"][0].get("imageDigest", ""))
