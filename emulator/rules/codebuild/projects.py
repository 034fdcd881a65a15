"""What CodeBuild refuses of projects. Words that no documentation and no public report has are ours.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
"""

from __future__ import annotations

import re
from typing import Any

from ...registry import rule
from ...services.codebuild import store
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


def _invalid(words: str) -> Refusal:
    return Refusal(INVALID, words)


def after(call: Call) -> dict[str, Any]:
    """What the project would be: what it is, with what the call says."""
    now = store.projects(call).get(store.bare(call.params["name"]), {}) if call.operation == "UpdateProject" else {}
    return {**now, **{name: value for name, value in call.params.items() if value is not None}}


@rule("CB-3", "codebuild", *WRITES, source=API + "API_UpdateProject.html")
def known(call: Call) -> Refusal | None:
    """What is updated is there; a limit of builds at a time is one at least."""
    if call.operation == "UpdateProject" and store.bare(call.params["name"]) not in store.projects(call):
        return Refusal("ResourceNotFoundException", f"Project cannot be found: {store.project_arn(call, store.bare(call.params['name']))}")
    limit, retries = call.params.get("concurrentBuildLimit"), call.params.get("autoRetryLimit")
    if limit is not None and limit < 1 and not (limit == -1 and call.operation == "UpdateProject"):
        return _invalid("Invalid concurrentBuildLimit: it must be greater than zero")
    if retries is not None and not 0 <= retries <= 10:
        return _invalid("Invalid autoRetryLimit: it must be between 0 and 10")
    return None


@rule("CB-1", "codebuild", *WRITES, source=API + "API_ProjectSource.html")
def together(call: Call) -> Refusal | None:
    """Source and artifacts are both CODEPIPELINE's or none is."""
    project = after(call)
    types = [project[name]["type"] for name in ("source", "artifacts")]
    return _invalid(NAMES) if types.count(PIPELINE) == 1 else None


@rule("CB-8", "codebuild", *WRITES, source=API + "API_ProjectArtifacts.html")
def artifacts(call: Call) -> Refusal | None:
    """Where artifacts go, which cache, and no badge for a pipeline's builds."""
    project = after(call)
    for given in (project["artifacts"], *project.get("secondaryArtifacts", [])):
        if given["type"] == "NO_ARTIFACTS" and given.get("location"):
            return _invalid("Invalid artifacts: artifact type NO_ARTIFACTS should have null location")
        if given["type"] == "S3" and not given.get("location"):
            return _invalid("Invalid artifacts: location is required for artifact type S3")
    cache = project.get("cache") or {}
    if cache.get("type") == "LOCAL" and not cache.get("modes"):
        return _invalid("Invalid cache: at least one cache mode must be specified for cache type LOCAL")
    if cache.get("type") == "S3" and not cache.get("location"):
        return _invalid("Invalid cache: location is required for cache type S3")
    if project.get("badgeEnabled") and project["source"]["type"] in (PIPELINE, "S3", "NO_SOURCE"):
        return _invalid(f"Build badges are not supported for source type {project['source']['type']}")
    return None


@rule("CB-own-secondary", "codebuild", *WRITES, source=API + "API_ProjectSource.html")
def identified(call: Call) -> Refusal | None:
    """Further sources and artifacts have an identifier each, which the primary ones have not."""
    project = after(call)
    for many, one, member in (
        ("secondarySources", "source", "sourceIdentifier"),
        ("secondaryArtifacts", "artifacts", "artifactIdentifier"),
    ):
        names = [given.get(member) or "" for given in project.get(many) or []]
        if any(not re.fullmatch(r"\w{1,127}", name) for name in names):
            words = "identifier must contain only alphanumeric characters and underscores and be less than 128 characters in length"
            return _invalid(f"Invalid input: {words}")
        if len(set(names)) < len(names):
            return _invalid(f"Invalid input: {member} must be unique")
        if project[one].get(member):
            return _invalid(f"Invalid input: {member} is only allowed for {many}")
    return None


@rule("CB-own-source", "codebuild", *WRITES, source=API + "API_ProjectSource.html")
def sources(call: Call) -> Refusal | None:
    """Where a source is."""
    project = after(call)
    for given in (project["source"], *project.get("secondarySources", [])):
        if refusal := _source(given):
            return refusal
    return None


def _source(given: dict[str, Any]) -> Refusal | None:
    kind, location = given["type"], given.get("location") or ""
    if kind == "NO_SOURCE":
        if location:
            return _invalid("Invalid project source: location must not be specified for source type NO_SOURCE")
        return None if given.get("buildspec") else _invalid("Invalid project source: buildspec is required for source type NO_SOURCE")
    if kind == PIPELINE:
        return None
    if not location:
        return _invalid("Project source location is required")
    if kind == "S3" and not re.fullmatch(r"(arn:aws:s3:::)?[a-z0-9.-]{3,63}/.+", location):
        return _invalid(f"Invalid project source: location must be a valid S3 source: {location}")
    if (
        kind == "GITHUB"
        and not re.fullmatch(r"https://(.+@)?github\.com/[\w.-]+/[\w.-]+/?", location)
        and location != "CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION"
    ):
        return _invalid(f"Invalid project source: location must be a valid GitHub repository URL: {location}")
    return None


@rule("CB-own-tags", "codebuild", *WRITES, "CreateReportGroup", "CreateFleet", source=API + "API_Tag.html")
def tagged(call: Call) -> Refusal | None:
    """Keys are unique, and none begins with aws:."""
    keys = [tag.get("key") or "" for tag in call.params.get("tags") or []]
    if any(key.lower().startswith("aws:") for key in keys):
        return _invalid("Invalid tag key: the prefix aws: is reserved")
    return _invalid("Duplicate tag keys are not allowed") if len(set(keys)) < len(keys) else None


@rule("CB-7", "codebuild", *WRITES, source=API + "API_VpcConfig.html")
def network(call: Call) -> Refusal | None:
    """A VPC, its subnets and security groups, which the role may see."""
    given = call.params.get("vpcConfig") or {}
    if not any(given.values()):
        return None
    if not all(given.get(name) for name in ("vpcId", "subnets", "securityGroupIds")):
        return _invalid("Invalid vpc config: vpcId, subnets and securityGroupIds must all be specified")
    if (after(call).get("cache") or {}).get("type") == "LOCAL":
        return _invalid("Invalid cache: local cache is not supported for projects in a VPC")
    who = authority.session(call, role_arn(call, after(call)["serviceRole"]), "AWSCodeBuild")
    if not authority.decide(who, "ec2:DescribeSecurityGroups").allowed:
        return _invalid("Not authorized to perform DescribeSecurityGroups")
    return None


@rule("CB-2", "codebuild", *WRITES, source=GUIDE + "setting-up-service-role.html")
def role(call: Call) -> Refusal | None:
    """The service role is there, of this account, and trusts CodeBuild."""
    if call.operation == "UpdateProject" and not call.params.get("serviceRole"):
        return None
    arn = role_arn(call, call.params["serviceRole"])
    if not re.fullmatch(rf"arn:aws:iam::{call.account}:role/.+", arn):
        return _invalid("Invalid service role: Service role account ID does not match caller's account")
    if not authority.assumable(call, arn, PRINCIPAL, store.project_arn(call, store.bare(call.params["name"]))):
        return _invalid(f"CodeBuild is not authorized to perform: sts:AssumeRole on {arn}")
    return None
