"""ECR: lifecycle policies, their previews, and images that expire.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

from __future__ import annotations

import json
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from .store import Image, Repository, find, listed, page, remove

DAY = 86_400.0
PREVIEW_SECONDS = 5.0


def _selected(selection: dict[str, Any], image: Image) -> bool:
    """Whether a rule is about an image: every prefix or pattern must fit one of its tags."""
    if selection["tagStatus"] == "any":
        return True
    if selection["tagStatus"] == "untagged":
        return not image.tags
    prefixes, patterns = selection.get("tagPrefixList", []), selection.get("tagPatternList", [])
    fits = all(any(tag.startswith(prefix) for tag in image.tags) for prefix in prefixes)
    return bool(image.tags) and fits and all(any(fnmatchcase(tag, pattern) for tag in image.tags) for pattern in patterns)


def expiring(policy: str, images: list[Image], now: datetime) -> list[tuple[Image, int]]:
    """Images that a policy would expire, with the priority of the rule. A lower number goes first and keeps what it selected."""
    claimed: set[str] = set()
    gone: list[tuple[Image, int]] = []
    for rule in sorted(json.loads(policy)["rules"], key=lambda each: int(each["rulePriority"])):
        selection, number = rule["selection"], rule["selection"]["countNumber"]
        mine = [image for image in images if image.digest not in claimed and _selected(selection, image)]
        mine.sort(key=lambda image: image.pushed, reverse=True)
        if selection["countType"] == "imageCountMoreThan":
            over = mine[number:]
        else:
            over = [image for image in mine if (now - image.pushed).total_seconds() > number * DAY / world.clock.speed]
        claimed |= {image.digest for image in mine}
        if rule["action"]["type"] == "expire":
            gone += [(image, int(rule["rulePriority"])) for image in over]
    return gone


def _of(repository: Repository, text: str) -> dict[str, Any]:
    return {"registryId": repository.registry, "repositoryName": repository.name, "lifecyclePolicyText": text}


def _needed(repository: Repository) -> str:
    if not repository.lifecycle:
        words = f"Lifecycle policy does not exist for {repository.words}"
        raise Refusal("LifecyclePolicyNotFoundException", words)
    return repository.lifecycle


@operation("ecr", "PutLifecyclePolicy")
def put_lifecycle_policy(call: Call) -> dict[str, Any]:
    """The policy counts from the next day on, and again every day."""
    repository, text = find(call), call.params["lifecyclePolicyText"]
    repository.lifecycle = text

    def daily() -> None:
        if repository.lifecycle is not text:
            return
        for image, _ in expiring(text, list(repository.images.values()), world.clock.utc()):
            # https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html: parts go after their index.
            if not listed(repository, image.digest):
                remove(repository, image.digest)
        world.clock.after(DAY, daily)

    world.clock.after(DAY, daily)
    return _of(repository, text)


@operation("ecr", "GetLifecyclePolicy")
def get_lifecycle_policy(call: Call) -> dict[str, Any]:
    repository = find(call)
    return {**_of(repository, _needed(repository)), "lastEvaluatedAt": world.clock.utc()}


@operation("ecr", "DeleteLifecyclePolicy")
def delete_lifecycle_policy(call: Call) -> dict[str, Any]:
    repository = find(call)
    answer = {**_of(repository, _needed(repository)), "lastEvaluatedAt": world.clock.utc()}
    repository.lifecycle = ""
    return answer


@operation("ecr", "StartLifecyclePolicyPreview")
def start_lifecycle_policy_preview(call: Call) -> dict[str, Any]:
    """What a policy would do, of a text or of the repository's own; ready after some seconds."""
    repository = find(call)
    if repository.preview.get("status") == "IN_PROGRESS":
        words = "The previous lifecycle policy preview request has not completed. Wait and try again."
        raise Refusal("LifecyclePolicyPreviewInProgressException", words)
    text = call.params.get("lifecyclePolicyText") or _needed(repository)
    preview: dict[str, Any] = {"text": text, "status": "IN_PROGRESS", "results": []}
    repository.preview = preview

    def done() -> None:
        found = expiring(text, list(repository.images.values()), world.clock.utc())
        preview.update(status="COMPLETE", results=[_result(image, priority) for image, priority in found])

    world.clock.after(PREVIEW_SECONDS, done)
    return {**_of(repository, text), "status": "IN_PROGRESS"}


def _result(image: Image, priority: int) -> dict[str, Any]:
    named = {"imageTags": image.tags, "imageDigest": image.digest, "imagePushedAt": image.pushed}
    return {**named, "action": {"type": "EXPIRE"}, "appliedRulePriority": priority}


@operation("ecr", "GetLifecyclePolicyPreview")
def get_lifecycle_policy_preview(call: Call) -> dict[str, Any]:
    repository = find(call)
    preview = repository.preview
    if not preview:
        words = f"Lifecycle policy preview does not exist for {repository.words}"
        raise Refusal("LifecyclePolicyPreviewNotFoundException", words)
    paged = page(preview["results"], call.params, "previewResults")
    summary = {"expiringImageTotalCount": len(preview["results"])}
    return {**_of(repository, preview["text"]), "status": preview["status"], **paged, "summary": summary}
