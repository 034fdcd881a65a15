"""Source actions: a repository behind a connection, an object of S3, and an image of ECR.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECR.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.s3.exceptions import S3ClientError

from ... import world
from ..codeconnections import repositories, usage
from ..codeconnections.repositories import Commit
from . import actions, artifacts, service_role
from .actions import ActionError
from .shapes import ActionRun

# Seconds until a repository or an object is in the bucket.
FETCHING = 3.0
NO_BRANCH = (
    "The action failed because no branch named {branch} was found in the selected repository {repository}. Make sure you are using the "
    "correct branch name, and then try again."
)
URL = (
    "https://{region}.console.aws.amazon.com/codesuite/settings/connections/redirect?connectionArn={arn}&referenceType=COMMIT"
    "&FullRepositoryId={repository}&Commit={commit}"
)


@actions.provider(("Source", "CodeStarSourceConnection"))
def connected(run: ActionRun) -> None:
    actions.later(run, FETCHING, _fetch)


def _fetch(run: ActionRun) -> None:
    known = run.resolved
    arn, repository, branch = known["ConnectionArn"], known["FullRepositoryId"], known["BranchName"]
    if text := usage.unusable(service_role.session(run), arn, repository, branch):
        raise ActionError("PermissionError" if text == usage.DENIED.format(arn=arn) else "ConfigurationError", text)
    provider = world.aws(run.call, "codeconnections", "GetConnection", ConnectionArn=arn)["Connection"]["ProviderType"]
    commit = _commit(run, repository, branch)
    (artifact,) = run.declaration["outputArtifacts"]
    artifacts.output(run, artifact["name"], commit.tree)
    url = URL.format(region=run.call.region, arn=arn, repository=repository, commit=commit.id)
    summary = json.dumps({"ProviderType": provider, "CommitMessage": commit.message})
    note(run, artifact["name"], commit.id, summary, url, message=commit.message)
    actions.succeed(run, summary=commit.message[:2048], external_id=commit.id, external_url=url, variables=_variables(run, commit))


def _commit(run: ActionRun, repository: str, branch: str) -> Commit:
    """The commit that the execution was started with, else the newest of the branch."""
    override = next((each for each in run.execution.overrides if each["actionName"] == run.name), None)
    if override is None:
        found = repositories.head(repository, branch)
        if found is None:
            raise ActionError("ConfigurationError", NO_BRANCH.format(branch=branch, repository=repository))
        return found
    found = repositories.commit(repository, override["revisionValue"])
    if found is None:
        raise ActionError("RevisionUnavailable", f"No commit {override['revisionValue']} was found in the repository {repository}.")
    return found


def _variables(run: ActionRun, commit: Commit) -> dict[str, str]:
    found = {
        "AuthorDate": commit.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "AuthorDisplayName": commit.author.name,
        "AuthorEmail": commit.author.email,
        "BranchName": commit.branch,
        "CommitId": commit.id,
        "CommitMessage": commit.message,
        "ConnectionArn": run.resolved["ConnectionArn"],
        "FullRepositoryName": run.resolved["FullRepositoryId"],
    }
    return {name: value for name, value in found.items() if value}


def note(run: ActionRun, artifact: str, revision: str, summary: str, url: str = "", message: str = "") -> None:
    """What an execution is about: the revision of one of its sources; of a source that is tried again, the new one."""
    execution = run.execution
    execution.revisions = [each for each in execution.revisions if each["actionName"] != run.name]
    execution.revisions.append(
        {
            "actionName": run.name,
            "name": artifact,
            "revisionId": revision,
            "revisionSummary": summary,
            "created": world.clock.utc(),
            "revisionUrl": url,
            "message": message,
        }
    )


@actions.provider(("Source", "S3"))
def stored(run: ActionRun) -> None:
    actions.later(run, FETCHING, _take)


def _take(run: ActionRun) -> None:
    bucket, key = run.resolved["S3Bucket"], run.resolved["S3ObjectKey"]
    who, version = service_role.session(run), None
    for override in (each for each in run.execution.overrides if each["actionName"] == run.name):
        if override["revisionType"] == "S3_OBJECT_KEY":
            key = override["revisionValue"]
        else:
            version = override["revisionValue"]
    at = {"bucket": bucket, "key": key}
    found = _object(run, at, version)
    (artifact,) = run.declaration["outputArtifacts"]
    artifacts.output(run, artifact["name"], artifacts.read(who, at, version))
    note(run, artifact["name"], found.version_id or "", f"Amazon S3 version id: {found.version_id}")
    known = {"BucketName": bucket, "ETag": found.etag.strip('"'), "ObjectKey": key, "VersionId": str(found.version_id)}
    actions.succeed(run, summary=f"Amazon S3 version id: {found.version_id}", external_id=str(found.version_id), variables=known)


def _object(run: ActionRun, at: dict[str, str], version: str | None) -> Any:
    """A source bucket keeps versions, says AWS, and looks whether it does."""
    where, policy = f"arn:aws:s3:::{at['bucket']}", artifacts.policy(run.call, at["bucket"])
    service_role.require(
        run, "s3:GetBucketVersioning", where, calling="getBucketVersioning", service="AmazonS3", code="AccessDenied", resource_policy=policy
    )
    backend = world.backend("s3", run.call)
    bucket = backend.buckets.get(at["bucket"])
    if bucket is None or not bucket.is_versioned:
        text = f"The S3 bucket {at['bucket']} is not versioned. Versioning must be enabled on a source bucket."
        raise ActionError("ConfigurationError", text if bucket else f"The S3 bucket {at['bucket']} does not exist.")
    try:
        found = backend.get_object(at["bucket"], at["key"], version_id=version)
    except S3ClientError:
        found = None
    if found is None:
        text = f"The object with key '{at['key']}' does not exist in the S3 bucket '{at['bucket']}'."
        raise ActionError("ConfigurationError", text)
    return found


@actions.provider(("Source", "ECR"))
def pushed(run: ActionRun) -> None:
    actions.later(run, FETCHING, _describe)


def _describe(run: ActionRun) -> None:
    """The image of a tag, or of the digest that the execution was started with; what is handed on is a description of it."""
    name, tag = run.resolved["RepositoryName"], run.resolved.get("ImageTag", "latest")
    digest = next((each["revisionValue"] for each in run.execution.overrides if each["actionName"] == run.name), "")
    wanted = {"imageDigest": digest} if digest else {"imageTag": tag}
    needs: list[service_role.Need] = [("ecr:DescribeImages", run.call.arn("ecr", f"repository/{name}"), {})]
    (image,) = service_role.ask(run, "ecr", "DescribeImages", needs, repositoryName=name, imageIds=[wanted])["imageDetails"]
    host = f"{run.call.account}.dkr.ecr.{run.call.region}.amazonaws.com"
    uri = f"{host}/{name}@{image['imageDigest']}"
    detail = {
        "ImageSizeInBytes": str(image.get("imageSizeInBytes", 0)),
        "ImageDigest": image["imageDigest"],
        "Version": "1.0",
        "RegistryId": run.call.account,
        "RepositoryName": name,
        "ImageURI": uri,
        "ImageTags": image.get("imageTags", []),
    }
    (artifact,) = run.declaration["outputArtifacts"]
    artifacts.output(run, artifact["name"], artifacts.packed({"imageDetail.json": json.dumps(detail).encode()}))
    note(run, artifact["name"], image["imageDigest"], image["imageDigest"])
    known = {"ImageDigest": image["imageDigest"], "ImageTag": tag, "ImageURI": uri, "RegistryId": run.call.account, "RepositoryName": name}
    actions.succeed(run, external_id=image["imageDigest"], variables=known)
