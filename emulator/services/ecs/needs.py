"""What a Fargate task needs before its containers can start: the secrets, the image, the log group (ECS-R12).

ECS fetches them in a session of the task's execution role. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

import re
from typing import Any

from ... import world
from ...wire import Call, Refusal
from ..iam import authority
from ..iam.authority import Session
from ..ssm import parameter_store as ssm
from . import state as ecs
from . import task_roles
from .shapes import ContainerDefinition, Task

ECR_IMAGE = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.amazonaws\.com/(?P<repository>[^:@]+)(?P<version>[:@].+)?")
SECRET = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
RETRIED = "service call has been retried 1 time(s):"
PULL = "CannotPullContainerError: pull image manifest has been retried 1 time(s):"
LOGGER = "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch"


def _asked(call: Call, service: str, operation: str, **params: Any) -> Refusal | None:
    """The refusal with which another service answers, or None when it answers."""
    try:
        world.aws(call, service, operation, **params)
    except Refusal as refusal:
        return refusal
    return None


def _denied(who: Session | None, action: str, resource: str = "*", **policies: Any) -> str:
    """What ECS is told when the execution role lacks a permission (IAM-5); "" when it does not."""
    text = authority.denied(who, action, resource, **policies) if who else ""
    return f"AccessDeniedException: {text}" if text else ""


def _locked(call: Call, who: Session | None, name: str) -> str:
    """What a role is told that may not decrypt with the customer's own key of a parameter; AWS's key opens to everybody in the account."""
    key = ssm.find(call, name).latest.key_id
    via = {"kms:viaservice": f"ssm.{call.region}.amazonaws.com", "kms:encryptioncontext:parameter_arn": ssm.arn(call, name)}
    if key in ("", ssm.DEFAULT_KEY) or who is None or authority.may_use_key(who, key, "kms:Decrypt", via):
        return ""
    return (
        f"{SECRET}unable to retrieve secrets from ssm: {RETRIED} AccessDeniedException: The ciphertext refers to a customer master key "
        "that does not exist, does not exist in this region, or you are not allowed to access."
    )


def _secret(call: Call, value: str, who: Session | None) -> str:
    if ":secretsmanager:" in value:
        return _of_secrets_manager(call, ":".join(value.split(":")[:7]), who)
    name = value.split(":parameter", 1)[-1]
    asked = f"unable to retrieve secrets from ssm: {RETRIED} "
    if denied := _denied(who, "ssm:GetParameters", ssm.arn(call, name)):
        return SECRET + asked + denied
    refusal = _asked(call, "ssm", "GetParameter", Name=name)
    if refusal is not None and name.startswith("/"):
        refusal = _asked(call, "ssm", "GetParameter", Name=name[1:]) if value.startswith("arn:") else refusal
    return f"{SECRET}{asked}invalid ssm parameters: {name}" if refusal else _locked(call, who, name)


def _of_secrets_manager(call: Call, name: str, who: Session | None) -> str:
    asked = f"unable to retrieve secret from asm: {RETRIED} failed to fetch secret {name} from secrets manager: "
    if denied := _denied(who, "secretsmanager:GetSecretValue", name):
        return SECRET + asked + denied
    refusal = _asked(call, "secretsmanager", "DescribeSecret", SecretId=name)
    return f"{SECRET}{asked}ResourceNotFoundException: Secrets Manager can't find the specified secret." if refusal else ""


def secret_value(call: Call, secret: dict[str, str]) -> str:
    """What a secret of a container is now; "" when it was deleted since."""
    name = secret["valueFrom"].partition(":parameter")[2] or secret["valueFrom"]
    try:
        return str(world.aws(call, "ssm", "GetParameter", Name=name, WithDecryption=True)["Parameter"]["Value"])
    except Refusal:
        return ""


def _registry(image: str, who: Session | None) -> str:
    """ECS signs in to ECR before it does anything else."""
    denied = _denied(who, "ecr:GetAuthorizationToken") if ECR_IMAGE.fullmatch(image) else ""
    return f"{SECRET}unable to retrieve ecr registry auth: {RETRIED} {denied}" if denied else ""


def _image(call: Call, image: str, who: Session | None) -> str:
    """Only images in this account's own registry are known; others are taken to exist."""
    match = ECR_IMAGE.fullmatch(image)
    if not match or (match["account"], match["region"]) != (call.account, call.region):
        return ""
    if forbidden := _forbidden(call, image, match["repository"], who):
        return forbidden
    version = match["version"] or ":latest"
    key = "imageDigest" if version[0] == "@" else "imageTag"
    refusal = _asked(call, "ecr", "DescribeImages", repositoryName=match["repository"], imageIds=[{key: version[1:]}])
    if refusal is None:
        return ""
    return f"{PULL} failed to resolve ref {image}: {image}: not found"


def _forbidden(call: Call, image: str, repository: str, who: Session | None) -> str:
    """What the registry says to a role that may not read the manifest, or the layers."""
    arn, policy = call.arn("ecr", f"repository/{repository}"), _repository_policy(call, repository)
    host, _, path = image.partition("/")
    if _denied(who, "ecr:BatchGetImage", arn, resource_policy=policy):
        name, separator, version = path.partition("@") if "@" in path else path.partition(":")
        url = f"https://{host}/v2/{name}/manifests/{version if separator else 'latest'}"
        return f"{PULL} failed to resolve ref {image}: unexpected status from HEAD request to {url}: 403 Forbidden"
    if _denied(who, "ecr:GetDownloadUrlForLayer", arn, resource_policy=policy):
        pulled = "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open:"
        return f"{pulled} unexpected status code https://{host}/v2/{repository}/blobs/: 403 Forbidden"
    return ""


def _repository_policy(call: Call, repository: str) -> str:
    try:
        return str(world.aws(call, "ecr", "GetRepositoryPolicy", repositoryName=repository)["policyText"])
    except Refusal:
        return ""


def log_group(container: ContainerDefinition) -> str | None:
    """The log group of a container that writes to CloudWatch Logs."""
    logs = container.get("logConfiguration", {})
    return logs.get("options", {}).get("awslogs-group") if logs.get("logDriver") == "awslogs" else None


def stream(container: ContainerDefinition, task_id: str) -> str:
    """The log stream of a container (ECS-R15)."""
    return f"{container['logConfiguration']['options'].get('awslogs-stream-prefix', '')}/{container['name']}/{task_id}"


def log_stream_arn(call: Call, container: ContainerDefinition, task_id: str) -> str:
    return call.arn("logs", f"log-group:{log_group(container)}:log-stream:{stream(container, task_id)}")


def _logs(call: Call, container: ContainerDefinition, task_id: str, who: Session | None) -> str:
    """The log group is there, or the log driver may make it (ECS-T21)."""
    group = log_group(container)
    if group is None:
        return ""
    if container["logConfiguration"]["options"].get("awslogs-create-group") == "true":
        if denied := _denied(who, "logs:CreateLogGroup", call.arn("logs", f"log-group:{group}:log-stream:")):
            return f"{LOGGER} log group: {denied} : exit status 1"
        _asked(call, "logs", "CreateLogGroup", logGroupName=group)
    if denied := _denied(who, "logs:CreateLogStream", log_stream_arn(call, container, task_id)):
        return f"{LOGGER} log stream: {denied} : exit status 1"
    refusal = _asked(call, "logs", "CreateLogStream", logGroupName=group, logStreamName=stream(container, task_id))
    if refusal is None or refusal.code == "ResourceAlreadyExistsException":
        return ""
    return f"{LOGGER} log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1"


def missing(call: Call, task: Task) -> tuple[str, str]:
    """Why the task cannot start, and the container that is to blame if one is: ("", "") when it can."""
    containers, who, task_id = task["definition"], task_roles.execution(call, task), ecs.last(task["taskArn"])
    for container in containers:
        if reason := _registry(container["image"], who):
            return reason, ""
        for secret in [*container.get("secrets", []), *container.get("logConfiguration", {}).get("secretOptions", [])]:
            if reason := _secret(call, secret["valueFrom"], who):
                return reason, ""
    for container in containers:
        if reason := _image(call, container["image"], who):
            return reason, container["name"]
    for container in containers:
        if reason := _logs(call, container, task_id, who):
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
