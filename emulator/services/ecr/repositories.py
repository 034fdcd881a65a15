"""ECR: repositories, their policies and tags. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html"""

from __future__ import annotations

import re
import uuid
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from .store import Repository, find, page, plant, registry, repositories


@operation("ecr", "CreateRepository")
def create_repository(call: Call) -> dict[str, Any]:
    """A repository, with the made-up images that wait for its name."""
    wanted, name = call.params, call.params["repositoryName"]
    if name in repositories(call):
        words = f"The repository with name '{name}' already exists in the registry with id '{registry(call)}'"
        raise Refusal("RepositoryAlreadyExistsException", words)
    world.forward(call, {"repositoryName": name})
    made = Repository(
        name,
        call.arn("ecr", f"repository/{name}"),
        call.account,
        f"{call.account}.dkr.ecr.{call.region}.amazonaws.com/{name}",
        world.clock.utc(),
        wanted.get("imageTagMutability", "MUTABLE"),
        wanted.get("imageTagMutabilityExclusionFilters", []),
        bool(wanted.get("imageScanningConfiguration", {}).get("scanOnPush")),
        _encryption(call),
        {tag["Key"]: tag["Value"] for tag in wanted.get("tags", [])},
    )
    repositories(call)[name] = made
    plant(made)
    return {"repository": described(made)}


def _encryption(call: Call) -> dict[str, str]:
    wanted = call.params.get("encryptionConfiguration", {"encryptionType": "AES256"})
    if wanted["encryptionType"] == "AES256" or "kmsKey" in wanted:
        return dict(wanted)
    return {**wanted, "kmsKey": call.arn("kms", f"key/{uuid.uuid4()}")}


def described(repository: Repository) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "repositoryArn": repository.arn,
        "registryId": repository.registry,
        "repositoryName": repository.name,
        "repositoryUri": repository.uri,
        "createdAt": repository.created,
        "imageTagMutability": repository.mutability,
        "imageScanningConfiguration": {"scanOnPush": repository.scan_on_push},
        "encryptionConfiguration": repository.encryption,
    }
    if repository.exclusions:
        answer["imageTagMutabilityExclusionFilters"] = repository.exclusions
    return answer


@operation("ecr", "DescribeRepositories")
def describe_repositories(call: Call) -> dict[str, Any]:
    names = call.params.get("repositoryNames")
    found = [find(call, name) for name in names] if names else [each for _, each in sorted(repositories(call).items())]
    return page([described(each) for each in found], call.params, "repositories")


@operation("ecr", "DeleteRepository")
def delete_repository(call: Call) -> dict[str, Any]:
    repository = find(call)
    del repositories(call)[repository.name]
    world.forward(call, {"repositoryName": repository.name, "force": True})
    return {"repository": described(repository)}


@operation("ecr", "PutImageTagMutability")
def put_image_tag_mutability(call: Call) -> dict[str, Any]:
    repository = find(call)
    repository.mutability = call.params["imageTagMutability"]
    repository.exclusions = call.params.get("imageTagMutabilityExclusionFilters", [])
    answer = described(repository)
    kept = ("registryId", "repositoryName", "imageTagMutability", "imageTagMutabilityExclusionFilters")
    return {key: value for key, value in answer.items() if key in kept}


@operation("ecr", "PutImageScanningConfiguration")
def put_image_scanning_configuration(call: Call) -> dict[str, Any]:
    repository = find(call)
    repository.scan_on_push = bool(call.params["imageScanningConfiguration"].get("scanOnPush"))
    answer = described(repository)
    return {key: answer[key] for key in ("registryId", "repositoryName", "imageScanningConfiguration")}


def _of(repository: Repository, **more: Any) -> dict[str, Any]:
    return {"registryId": repository.registry, "repositoryName": repository.name, **more}


@operation("ecr", "SetRepositoryPolicy")
def set_repository_policy(call: Call) -> dict[str, Any]:
    repository = find(call)
    repository.policy = call.params["policyText"]
    return _of(repository, policyText=repository.policy)


@operation("ecr", "GetRepositoryPolicy", "DeleteRepositoryPolicy")
def repository_policy(call: Call) -> dict[str, Any]:
    repository = find(call)
    if not repository.policy:
        words = f"Repository policy does not exist for {repository.words}"
        raise Refusal("RepositoryPolicyNotFoundException", words)
    answer = _of(repository, policyText=repository.policy)
    if call.operation.startswith("Delete"):
        repository.policy = ""
    return answer


def _tagged(call: Call) -> Repository:
    arn: str = call.params["resourceArn"]
    match = re.fullmatch(r"arn:aws[\w-]*:ecr:[\w-]+:\d{12}:repository/(.+)", arn)
    if match is None:
        raise Refusal("InvalidParameterException", "Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN'")
    return find(call, match[1])


@operation("ecr", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    return {"tags": [{"Key": key, "Value": value} for key, value in _tagged(call).tags.items()]}


@operation("ecr", "TagResource")
def tag_resource(call: Call) -> dict[str, Any]:
    repository = _tagged(call)
    tags = {**repository.tags, **{tag["Key"]: tag["Value"] for tag in call.params["tags"]}}
    if len(tags) > 50:
        raise Refusal("TooManyTagsException", "The list of tags on the repository is over the limit. The maximum number of tags is 50.")
    repository.tags = tags
    return {}


@operation("ecr", "UntagResource")
def untag_resource(call: Call) -> dict[str, Any]:
    repository = _tagged(call)
    for key in call.params["tagKeys"]:
        repository.tags.pop(key, None)
    return {}
