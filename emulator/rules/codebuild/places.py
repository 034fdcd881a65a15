"""What CodeBuild refuses of where sources are, and of where artifacts, caches and logs go; of projects, and of what a build overrides.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html
"""

from __future__ import annotations

import re
from typing import Any

from ...registry import rule
from ...wire import Call, Refusal
from .projects import API, PIPELINE, WRITES, after, invalid


def _primary(project: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [project[name]] if name in project else []


@rule("CB-8", "codebuild", *WRITES, "StartBuild", source=API + "API_ProjectArtifacts.html")
def artifacts(call: Call) -> Refusal | None:
    """Where artifacts go, which cache, and no badge for a pipeline's builds."""
    project = after(call)
    for given in (*_primary(project, "artifacts"), *project.get("secondaryArtifacts", [])):
        if given["type"] == "NO_ARTIFACTS" and given.get("location"):
            return invalid("Invalid artifacts: artifact type NO_ARTIFACTS should have null location")
        if given["type"] == "S3" and not given.get("location"):
            return invalid("Invalid artifacts: location is required for artifact type S3")
    cache = project.get("cache") or {}
    if cache.get("type") == "LOCAL" and not cache.get("modes"):
        return invalid("Invalid cache: at least one cache mode must be specified for cache type LOCAL")
    if cache.get("type") == "S3" and not cache.get("location"):
        return invalid("Invalid cache: location is required for cache type S3")
    if call.params.get("badgeEnabled") and project["source"]["type"] in (PIPELINE, "S3", "NO_SOURCE"):
        return invalid(f"Build badges are not supported for source type {project['source']['type']}")
    return None


@rule("CB-own-secondary", "codebuild", *WRITES, "StartBuild", source=API + "API_ProjectSource.html")
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
            return invalid(f"Invalid input: {words}")
        if len(set(names)) < len(names):
            return invalid(f"Invalid input: {member} must be unique")
        if any(given.get(member) for given in _primary(project, one)):
            return invalid(f"Invalid input: {member} is only allowed for {many}")
    return None


@rule("CB-own-source", "codebuild", *WRITES, "StartBuild", source=API + "API_ProjectSource.html")
def sources(call: Call) -> Refusal | None:
    """Where a source is."""
    project = after(call)
    for given in (*_primary(project, "source"), *project.get("secondarySources", [])):
        if refusal := _source(given):
            return refusal
    return None


def _source(given: dict[str, Any]) -> Refusal | None:
    kind, location = given["type"], given.get("location") or ""
    if kind == "NO_SOURCE":
        if location:
            return invalid("Invalid project source: location must not be specified for source type NO_SOURCE")
        return None if given.get("buildspec") else invalid("Invalid project source: buildspec is required for source type NO_SOURCE")
    if kind == PIPELINE:
        return None
    if not location:
        return invalid("Project source location is required")
    if kind == "S3" and not re.fullmatch(r"(arn:aws:s3:::)?[a-z0-9.-]{3,63}/.+", location):
        return invalid(f"Invalid project source: location must be a valid S3 source: {location}")
    if (
        kind == "GITHUB"
        and not re.fullmatch(r"https://(.+@)?github\.com/[\w.-]+/[\w.-]+/?", location)
        and location != "CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION"
    ):
        return invalid(f"Invalid project source: location must be a valid GitHub repository URL: {location}")
    return None


@rule("CB-own-versions", "codebuild", *WRITES, "StartBuild", source=API + "API_ProjectSourceVersion.html")
def versions(call: Call) -> Refusal | None:
    """A version is of one of the further sources."""
    project = after(call)
    known = {given.get("sourceIdentifier") for given in project.get("secondarySources") or []}
    for given in project.get("secondarySourceVersions") or []:
        if given["sourceIdentifier"] not in known:
            return invalid(f"Invalid input: no secondary source has the sourceIdentifier {given['sourceIdentifier']}")
    return None


@rule("CB-own-logs", "codebuild", *WRITES, "StartBuild", source=API + "API_S3LogsConfig.html")
def logs(call: Call) -> Refusal | None:
    """Logs in S3 have a place there."""
    given = (after(call).get("logsConfig") or {}).get("s3Logs") or {}
    if given.get("status") == "ENABLED" and not re.fullmatch(r"(arn:aws:s3:::)?[a-z0-9.-]{3,63}/.+", given.get("location") or ""):
        return invalid("Invalid logs config: location must be a valid S3 path when S3 logs are enabled")
    return None


@rule("CB-own-key", "codebuild", *WRITES, "StartBuild", source=API + "API_CreateProject.html")
def key(call: Call) -> Refusal | None:
    """A key is named by its ARN or an alias."""
    given = call.params.get("encryptionKey") or call.params.get("encryptionKeyOverride") or ""
    if given and not re.fullmatch(r"arn:aws:kms:[a-z0-9-]+:\d{12}:(key|alias)/.+|alias/.+", given):
        return invalid(f"Invalid encryption key: {given}")
    return None


@rule("CB-own-files", "codebuild", *WRITES, source=API + "API_ProjectFileSystemLocation.html")
def file_systems(call: Call) -> Refusal | None:
    """File systems have names of their own, and are reached from a VPC."""
    project = after(call)
    given = project.get("fileSystemLocations") or []
    names = [each.get("identifier") or "" for each in given]
    if any(not re.fullmatch(r"\w{1,127}", name) for name in names):
        words = "identifier must contain only alphanumeric characters and underscores and be less than 128 characters in length"
        return invalid(f"Invalid input: {words}")
    if len(set(names)) < len(names):
        return invalid("Invalid input: identifier must be unique")
    if given and not (project.get("vpcConfig") or {}).get("vpcId"):
        return invalid("Invalid input: file system locations need a VPC configuration")
    return None
