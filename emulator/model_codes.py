"""With which code and in which words each service refuses a value that its model forbids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .wire import Call

# Services that do not say ValidationException.
CODES = {
    "cloudwatch": "ValidationError",
    "codebuild": "InvalidInputException",
    "ec2": "InvalidParameterValue",
    "ecr": "InvalidParameterException",
    "ecs": "InvalidParameterException",
    "elbv2": "ValidationError",
    "iam": "ValidationError",
    "logs": "InvalidParameterException",
    "rds": "InvalidParameterValue",
    "route53": "InvalidInput",
    "s3": "InvalidArgument",
    "servicediscovery": "InvalidInput",
    "sns": "InvalidParameter",
    "sqs": "InvalidParameterValue",
    "sts": "ValidationError",
    "xray": "InvalidRequestException",
}
# Services that have a code of their own for a required member that is absent.
ABSENT = {"ec2": "MissingParameter", "rds": "MissingParameter", "sqs": "MissingParameter"}
# Task definitions have their own code (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html).
OPERATIONS = {("ecs", "RegisterTaskDefinition"): "ClientException"}
# CodeDeploy names the member in the code: (when it is wrong, when it is absent).
# https://docs.aws.amazon.com/codedeploy/latest/APIReference/CommonErrors.html and the errors of each operation.
CODEDEPLOY = {
    "alarmConfiguration": ("InvalidAlarmConfigException", ""),
    "applicationName": ("InvalidApplicationNameException", "ApplicationNameRequiredException"),
    "applicationNames": ("InvalidApplicationNameException", "ApplicationNameRequiredException"),
    "autoRollbackConfiguration": ("InvalidAutoRollbackConfigException", ""),
    "blueGreenDeploymentConfiguration": ("InvalidBlueGreenDeploymentConfigurationException", ""),
    "computePlatform": ("InvalidComputePlatformException", ""),
    "currentDeploymentGroupName": ("InvalidDeploymentGroupNameException", "DeploymentGroupNameRequiredException"),
    "deploymentConfigName": ("InvalidDeploymentConfigNameException", "DeploymentConfigNameRequiredException"),
    "deploymentGroupName": ("InvalidDeploymentGroupNameException", "DeploymentGroupNameRequiredException"),
    "deploymentGroupNames": ("InvalidDeploymentGroupNameException", "DeploymentGroupNameRequiredException"),
    "deploymentId": ("InvalidDeploymentIdException", "DeploymentIdRequiredException"),
    "deploymentIds": ("InvalidDeploymentIdException", "DeploymentIdRequiredException"),
    "deploymentStyle": ("InvalidDeploymentStyleException", ""),
    "deploymentWaitType": ("InvalidDeploymentWaitTypeException", ""),
    "ec2TagFilters": ("InvalidEC2TagException", ""),
    "ec2TagSet": ("InvalidEC2TagCombinationException", ""),
    "ecsServices": ("InvalidECSServiceException", ""),
    "fileExistsBehavior": ("InvalidFileExistsBehaviorException", ""),
    "includeOnlyStatuses": ("InvalidDeploymentStatusException", ""),
    "instanceArn": ("InvalidInstanceNameException", "InstanceArnRequiredException"),
    "instanceName": ("InvalidInstanceNameException", "InstanceNameRequiredException"),
    "instanceNames": ("InvalidInstanceNameException", "InstanceNameRequiredException"),
    "loadBalancerInfo": ("InvalidLoadBalancerInfoException", ""),
    "minimumHealthyHosts": ("InvalidMinimumHealthyHostValueException", ""),
    "newApplicationName": ("InvalidApplicationNameException", ""),
    "newDeploymentGroupName": ("InvalidDeploymentGroupNameException", ""),
    "resourceArn": ("InvalidArnException", "ResourceArnRequiredException"),
    "revision": ("InvalidRevisionException", "RevisionRequiredException"),
    "revisions": ("InvalidRevisionException", "RevisionRequiredException"),
    "serviceRoleArn": ("InvalidRoleException", "RoleRequiredException"),
    "sortBy": ("InvalidSortByException", ""),
    "sortOrder": ("InvalidSortOrderException", ""),
    "status": ("InvalidLifecycleEventHookExecutionStatusException", ""),
    "tagKeys": ("InvalidTagsToAddException", "TagRequiredException"),
    "tags": ("InvalidTagsToAddException", "TagRequiredException"),
    "targetId": ("InvalidDeploymentTargetIdException", "DeploymentTargetIdRequiredException"),
    "targetIds": ("InvalidDeploymentTargetIdException", "DeploymentTargetIdRequiredException"),
    "trafficRoutingConfig": ("InvalidTrafficRoutingConfigurationException", ""),
    "triggerConfigurations": ("InvalidTriggerConfigException", ""),
}


@dataclass(frozen=True)
class Problem:
    """One value that its model forbids. `path` is as AWS writes it, `kind` is absent, enum, pattern, length or range."""

    path: str
    kind: str
    constraint: str
    value: Any = None
    secret: bool = False


def code(call: Call, problem: Problem) -> str:
    if call.service == "codedeploy":
        wrong, absent = CODEDEPLOY.get(problem.path.split(".", 1)[0], ("ValidationException", ""))
        return absent if problem.kind == "absent" and absent else wrong
    if call.service == "s3":
        return _s3(call, problem)
    if problem.kind == "absent" and call.service in ABSENT:
        return ABSENT[call.service]
    return OPERATIONS.get((call.service, call.operation)) or CODES.get(call.service, "ValidationException")


def _s3(call: Call, problem: Problem) -> str:
    """S3 takes a wrong body for no body at all; a wrong header or query is an argument."""
    shape = call.model.input_shape
    first = problem.path.split(".", 1)[0].lower()
    member = next((member for name, member in shape.members.items() if name.lower() == first), None) if shape else None
    return "InvalidArgument" if member is None or "location" in member.serialization else "MalformedXML"


def words(call: Call, found: Sequence[Problem]) -> str:
    problem = found[0]
    if call.service == "ecr":
        return f"Invalid parameter at '{problem.path}' failed to satisfy constraint: '{_ecr(problem)}'"
    if problem.kind == "absent" and call.service in ABSENT:
        name = problem.path.rsplit(".", 1)[-1]
        return f"The request must contain the parameter {name[0].upper()}{name[1:]}"
    if call.service == "ec2":
        return f"Value ({problem.value}) for parameter {problem.path} is invalid. Member must {problem.constraint}"
    plural = "s" if len(found) > 1 else ""
    return f"{len(found)} validation error{plural} detected: {'; '.join(_sentence(each) for each in found)}"


def _ecr(problem: Problem) -> str:
    if problem.kind == "pattern":
        return f"must satisfy regular expression '{problem.constraint.split(': ', 1)[1]}'"
    return f"must {problem.constraint}"


def _sentence(problem: Problem) -> str:
    """`Value 'x' at 'y' failed to satisfy constraint: Member must …`; the value of a secret member is not repeated."""
    shown = " null" if problem.kind == "absent" else "" if problem.secret else f" '{_shown(problem.value)}'"
    return f"Value{shown} at '{problem.path}' failed to satisfy constraint: Member must {problem.constraint}"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return str(value)
