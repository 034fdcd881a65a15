"""ECR: images. A digest is the SHA-256 of a manifest.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ... import images
from ...registry import operation
from ...wire import Call, Refusal
from .scans import scan, scans_on_push
from .store import Image, Repository, absent, chosen, digest, find, listed, page, parsed, push, remove, repositories

# Each is told of an image that somebody has pushed.
pushed: list[Callable[[Repository, Image], None]] = []
DIGEST = r"[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+"


def _answer(repository: Repository, image: Image, tag: str | None) -> dict[str, Any]:
    identity = {"imageDigest": image.digest, **({"imageTag": tag} if tag else {})}
    named = {"registryId": repository.registry, "repositoryName": repository.name, "imageId": identity}
    return {**named, "imageManifest": image.manifest, "imageManifestMediaType": image.kind}


@operation("ecr", "PutImage")
def put_image(call: Call) -> dict[str, Any]:
    """The same manifest under the same tag, or without one, is there already."""
    repository, tag, manifest = find(call), call.params.get("imageTag"), call.params["imageManifest"]
    known = repository.images.get(digest(manifest))
    if known is not None and (tag is None or tag in known.tags):
        words = f"Image with digest '{known.digest}' and tag '{tag or 'null'}' already exists in {repository.words}"
        raise Refusal("ImageAlreadyExistsException", words)
    image = push(repository, manifest, tag, call.params.get("imageManifestMediaType", ""))
    if known is None and scans_on_push(call, repository):
        scan(image)
    for hook in pushed:
        hook(repository, image)
    return {"image": _answer(repository, image, tag)}


def _failure(repository: Repository, identity: dict[str, str]) -> dict[str, Any] | None:
    """Why an image of a batch cannot be had; None when it can."""
    tag, wanted = identity.get("imageTag"), identity.get("imageDigest")
    code, words = "", ""
    if not tag and not wanted:
        code, words = "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null"
    elif wanted and not re.fullmatch(DIGEST, wanted):
        code, words = "InvalidImageDigest", f"Invalid request parameters: image digest should satisfy the regex '{DIGEST}'"
    elif wanted and tag and repository.tagged(tag) and repository.images.get(wanted) is not repository.tagged(tag):
        code, words = "ImageTagDoesNotMatchDigest", "Specified tag does not match the digest"
    elif chosen(repository, identity) is None:
        code, words = "ImageNotFound", "Requested image not found"
    return {"imageId": identity, "failureCode": code, "failureReason": words} if code else None


@operation("ecr", "BatchGetImage")
def batch_get_image(call: Call) -> dict[str, Any]:
    """What is not found is no error; it comes back as a failure."""
    repository = find(call)
    found, failures = [], []
    for identity in call.params["imageIds"]:
        image = chosen(repository, identity)
        if (failure := _failure(repository, identity)) is not None:
            failures.append(failure)
        elif image is not None:
            found.append(_answer(repository, image, identity.get("imageTag")))
    return {"images": found, "failures": failures}


@operation("ecr", "BatchDeleteImage")
def batch_delete_image(call: Call) -> dict[str, Any]:
    """By digest an image goes with all its tags; by tag it goes with its last one."""
    repository = find(call)
    deleted, failures = [], []
    for identity in call.params["imageIds"]:
        image = chosen(repository, identity)
        if (failure := _failure(repository, identity)) is not None:
            failures.append(failure)
        elif image is not None:
            gone = list(image.tags) if "imageDigest" in identity else [identity["imageTag"]]
            left = [tag for tag in image.tags if tag not in gone]
            if not left and (indexes := listed(repository, image.digest)):
                words = f"Requested image referenced by manifest list: [{', '.join(indexes)}]"
                failures.append({"imageId": identity, "failureCode": "ImageReferencedByManifestList", "failureReason": words})
                continue
            image.tags = left
            if not left:
                remove(repository, image.digest)
            deleted += [{"imageDigest": image.digest, "imageTag": tag} for tag in gone] or [{"imageDigest": image.digest}]
    return {"imageIds": deleted, "failures": failures}


def _status(call: Call) -> str:
    return str(call.params.get("filter", {}).get("tagStatus", "ANY"))


def _passes(image: Image, status: str) -> bool:
    return status == "ANY" or (status == "TAGGED") is bool(image.tags)


@operation("ecr", "ListImages")
def list_images(call: Call) -> dict[str, Any]:
    """One entry for each tag, and one for an image without any."""
    listed: list[dict[str, str]] = []
    for image in find(call).images.values():
        if _passes(image, _status(call)):
            listed += [{"imageDigest": image.digest, "imageTag": tag} for tag in image.tags] or [{"imageDigest": image.digest}]
    return page(listed, call.params, "imageIds")


@operation("ecr", "DescribeImages")
def describe_images(call: Call) -> dict[str, Any]:
    """All images, or those of a list, of which each must be there."""
    wanted = call.params.get("imageIds")
    if wanted and (made_up := _held(call, wanted)):
        return made_up
    repository = find(call)
    if not wanted:
        found = [image for image in repository.images.values() if _passes(image, _status(call))]
        return page([_described(repository, image) for image in found], call.params, "imageDetails")
    named: dict[str, Image] = {}
    for identity in wanted:
        image = chosen(repository, identity)
        if image is None:
            raise absent(repository, identity)
        named[image.digest] = image
    return {"imageDetails": [_described(repository, image) for image in named.values()]}


def _held(call: Call, wanted: list[dict[str, str]]) -> dict[str, Any] | None:
    """A made-up image that is held for a repository can be described before there is one; in AWS there is no such thing."""
    name = call.params["repositoryName"]
    if name in repositories(call):
        return None
    digests = [images.digest(name, tag) for tag in images.held(name)]
    named = [identity.get("imageDigest") for identity in wanted]
    if not set(named) <= set(digests):
        return None
    return {"imageDetails": [{"repositoryName": name, "imageDigest": digest} for digest in named]}


def _described(repository: Repository, image: Image) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "registryId": repository.registry,
        "repositoryName": repository.name,
        "imageDigest": image.digest,
        "imageSizeInBytes": image.size,
        "imagePushedAt": image.pushed,
        "imageManifestMediaType": image.kind,
        "imageStatus": "ACTIVE",
    }
    if image.tags:
        answer["imageTags"] = image.tags
    config = (parsed(image.manifest) or {}).get("config", {})
    if config.get("mediaType"):
        answer["artifactMediaType"] = config["mediaType"]
    if image.scan:
        answer["imageScanStatus"] = {"status": image.scan["status"], "description": image.scan["description"]}
    if image.scan.get("status") == "COMPLETE":
        answer["imageScanFindingsSummary"] = {"imageScanCompletedAt": image.scan["completed"], "findingSeverityCounts": {}}
    return answer
