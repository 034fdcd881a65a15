"""What CodeBuild refuses of projects. Words that no documentation and no public report has are ours.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
"""

from __future__ import annotations

import re
from typing import Any

from ... import world
from ...registry import rule
from ...services.codebuild import start_build, store
from ...services.codebuild.build import PRINCIPAL
from ...services.codebuild.projects import role_arn
from ...services.iam import authority
from ...wire import Call, Refusal

API = "https://docs.aws.amazon.com/codebuild/latest/APIReference/"
GUIDE = "https://docs.aws.amazon.com/codebuild/latest/userguide/"
WRITES = ("CreateProject", "UpdateProject")
INVALID = "InvalidInputException"
PIPELINE = "CODEPIPELINE"
NAMES = "Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE"


def invalid(words: str) -> Refusal:
    return Refusal(INVALID, words)


def after(call: Call) -> dict[str, Any]:
    """What the project would be: what it is, with what the call says; or what a build would be of, {} where there is no such project."""
    if call.operation.startswith("StartBuild"):
        project = store.projects(call).get(store.bare(call.params["projectName"]))
        return start_build.overridden(call, project, call.params) if project else {}
    now = store.projects(call).get(store.bare(call.params["name"]), {}) if call.operation == "UpdateProject" else {}
    return {**now, **{name: value for name, value in call.params.items() if value is not None}}


@rule("CB-3", "codebuild", *WRITES, source=API + "API_UpdateProject.html")
def known(call: Call) -> Refusal | None:
    """What is updated is there; a limit of builds at a time is one at least."""
    if call.operation == "UpdateProject" and store.bare(call.params["name"]) not in store.projects(call):
        return Refusal("ResourceNotFoundException", f"Project cannot be found: {store.project_arn(call, store.bare(call.params['name']))}")
    limit, retries = call.params.get("concurrentBuildLimit"), call.params.get("autoRetryLimit")
    if limit is not None and limit < 1 and not (limit == -1 and call.operation == "UpdateProject"):
        return invalid("Invalid concurrentBuildLimit: it must be greater than zero")
    if retries is not None and not 0 <= retries <= 10:
        return invalid("Invalid autoRetryLimit: it must be between 0 and 10")
    return None


@rule("CB-1", "codebuild", *WRITES, "StartBuild", source=API + "API_ProjectSource.html")
def together(call: Call) -> Refusal | None:
    """Source and artifacts are both CODEPIPELINE's or none is."""
    project = after(call)
    if not project:
        return None
    types = [project[name]["type"] for name in ("source", "artifacts")]
    return invalid(NAMES) if types.count(PIPELINE) == 1 else None


@rule("CB-own-tags", "codebuild", *WRITES, "CreateReportGroup", "CreateFleet", source=API + "API_Tag.html")
def tagged(call: Call) -> Refusal | None:
    """Keys are unique, and none begins with aws:."""
    keys = [tag.get("key") or "" for tag in call.params.get("tags") or []]
    if any(key.lower().startswith("aws:") for key in keys):
        return invalid("Invalid tag key: the prefix aws: is reserved")
    return invalid("Duplicate tag keys are not allowed") if len(set(keys)) < len(keys) else None


@rule("CB-7", "codebuild", *WRITES, source=API + "API_VpcConfig.html")
def network(call: Call) -> Refusal | None:
    """A VPC, its subnets and security groups, which the role may see."""
    given = call.params.get("vpcConfig") or {}
    if not any(given.values()):
        return None
    if not all(given.get(name) for name in ("vpcId", "subnets", "securityGroupIds")):
        return invalid("Invalid vpc config: vpcId, subnets and securityGroupIds must all be specified")
    if (after(call).get("cache") or {}).get("type") == "LOCAL":
        return invalid("Invalid cache: local cache is not supported for projects in a VPC")
    who = authority.session(call, role_arn(call, after(call)["serviceRole"]), "AWSCodeBuild")
    if not authority.decide(who, "ec2:DescribeSecurityGroups").allowed:
        return invalid("Not authorized to perform DescribeSecurityGroups")
    return _there(call, given)


def _there(call: Call, given: dict[str, Any]) -> Refusal | None:
    """The VPC is there, and the subnets and security groups are its own."""
    vpc = [{"Name": "vpc-id", "Values": [given["vpcId"]]}]
    if not world.aws(call, "ec2", "DescribeVpcs", Filters=vpc)["Vpcs"]:
        return invalid(f"Invalid vpc config: the VPC {given['vpcId']} does not exist")
    subnets = {each["SubnetId"] for each in world.aws(call, "ec2", "DescribeSubnets", Filters=vpc)["Subnets"]}
    groups = {each["GroupId"] for each in world.aws(call, "ec2", "DescribeSecurityGroups", Filters=vpc)["SecurityGroups"]}
    for name in (*(set(given["subnets"]) - subnets), *(set(given["securityGroupIds"]) - groups)):
        return invalid(f"Invalid vpc config: {name} does not exist in the VPC {given['vpcId']}")
    return None


@rule("CB-2", "codebuild", *WRITES, source=GUIDE + "setting-up-service-role.html")
def role(call: Call) -> Refusal | None:
    """The service role is there, of this account, and trusts CodeBuild."""
    if call.operation == "UpdateProject" and not call.params.get("serviceRole"):
        return None
    arn = role_arn(call, call.params["serviceRole"])
    if not re.fullmatch(rf"arn:aws:iam::{call.account}:role/.+", arn):
        return invalid("Invalid service role: Service role account ID does not match caller's account")
    if not authority.assumable(call, arn, PRINCIPAL, store.project_arn(call, store.bare(call.params["name"]))):
        return invalid(f"CodeBuild is not authorized to perform: sts:AssumeRole on {arn}")
    return None
