"""What ECR holds: repositories and images. moto has the same repositories, for what it alone answers (the registry)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from ... import images, world
from ...wire import Call, Refusal

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"


@dataclass
class Image:
    """One manifest. `scan` is its scan's status and the time of its completion."""

    digest: str
    manifest: str
    kind: str
    size: int
    pushed: datetime
    tags: list[str] = field(default_factory=list)
    scan: dict[str, Any] = field(default_factory=dict)


@dataclass
class Repository:
    name: str
    arn: str
    registry: str
    uri: str
    created: datetime
    mutability: str
    exclusions: list[dict[str, str]]
    scan_on_push: bool
    encryption: dict[str, str]
    tags: dict[str, str]
    images: dict[str, Image] = field(default_factory=dict)
    layers: dict[str, bytes] = field(default_factory=dict)
    policy: str = ""
    lifecycle: str = ""
    preview: dict[str, Any] = field(default_factory=dict)
    planted: set[str] = field(default_factory=set)

    @property
    def words(self) -> str:
        return f"the repository with name '{self.name}' in the registry with id '{self.registry}'"

    def tagged(self, tag: str) -> Image | None:
        return next((image for image in self.images.values() if tag in image.tags), None)

    def keeps(self, tag: str) -> bool:
        """Whether this tag, once given, stays with its image."""
        excluded = any(fnmatchcase(tag, each["filter"]) for each in self.exclusions)
        return self.mutability.startswith("IMMUTABLE") is not (self.mutability.endswith("_WITH_EXCLUSION") and excluded)


def repositories(call: Call) -> dict[str, Repository]:
    held: dict[str, Repository] = world.store("ecr", call).setdefault("repositories", {})
    return held


def registry(call: Call) -> str:
    named: str = call.params.get("registryId") or call.account
    return named


def find(call: Call, name: str | None = None) -> Repository:
    """The repository of a call. Raises RepositoryNotFoundException."""
    wanted = name or call.params["repositoryName"]
    found = repositories(call).get(wanted)
    if found is None or registry(call) != call.account:
        words = f"The repository with name '{wanted}' does not exist in the registry with id '{registry(call)}'"
        raise Refusal("RepositoryNotFoundException", words)
    plant(found)
    return found


def plant(repository: Repository) -> None:
    """Push the made-up images that are held for this name, each once."""
    for tag in images.held(repository.name):
        if tag not in repository.planted:
            repository.planted.add(tag)
            repository.layers |= images.layers(repository.name, tag)
            push(repository, images.manifest(repository.name, tag), tag)


def push(repository: Repository, manifest: str, tag: str | None, kind: str = "") -> Image:
    """Hold a manifest and give it a tag, which leaves the image that had it."""
    name, content = digest(manifest), parsed(manifest) or {}
    fresh = Image(name, manifest, kind or content.get("mediaType", DOCKER), size(content), world.clock.utc())
    image = repository.images.setdefault(name, fresh)
    if tag:
        for other in repository.images.values():
            other.tags = [each for each in other.tags if each != tag]
        image.tags.append(tag)
    return image


def digest(manifest: str) -> str:
    return "sha256:" + hashlib.sha256(manifest.encode()).hexdigest()


def parsed(manifest: str) -> dict[str, Any] | None:
    """A manifest's content; None when it is no JSON object."""
    try:
        content = json.loads(manifest)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def blobs(content: dict[str, Any]) -> list[str]:
    """Digests of configuration and layers of a manifest, without those that are kept elsewhere (`urls`)."""
    listed = [content.get("config"), *content.get("layers", [])]
    return [each["digest"] for each in listed if isinstance(each, dict) and "digest" in each and not each.get("urls")]


def parts(content: dict[str, Any]) -> list[str]:
    """Digests of the manifests that an index lists."""
    return [each["digest"] for each in content.get("manifests", [])]


def listed(repository: Repository, digest: str) -> list[str]:
    """Digests of the indexes that list an image; while there is one, AWS does not delete it."""
    return [each.digest for each in repository.images.values() if digest in parts(parsed(each.manifest) or {})]


def remove(repository: Repository, digest: str) -> None:
    """Delete an image, and the layers that no other image has."""
    gone = repository.images.pop(digest, None)
    left = {each for image in repository.images.values() for each in blobs(parsed(image.manifest) or {})}
    for each in blobs(parsed(gone.manifest) or {}) if gone else []:
        if each not in left:
            repository.layers.pop(each, None)


def size(content: dict[str, Any]) -> int:
    layers = [content.get("config", {}), *content.get("layers", [])]
    return sum(int(layer.get("size", 0)) for layer in layers if isinstance(layer, dict))


def chosen(repository: Repository, identity: dict[str, str]) -> Image | None:
    """The image of a digest, of a tag, or of both when they belong together."""
    tag, wanted = identity.get("imageTag"), identity.get("imageDigest")
    found = repository.images.get(wanted) if wanted else repository.tagged(tag or "")
    return None if found is None or (tag and tag not in found.tags) else found


def absent(repository: Repository, identity: dict[str, str]) -> Refusal:
    known = {key: identity.get(key, "null") for key in ("imageDigest", "imageTag")}
    which = f"{{imageDigest:'{known['imageDigest']}', imageTag:'{known['imageTag']}'}}"
    return Refusal("ImageNotFoundException", f"The image with imageId {which} does not exist within {repository.words}")


def page(items: Sequence[Any], wanted: dict[str, Any], name: str) -> dict[str, Any]:
    """One page under `name`, 100 to a page unless more or fewer are wanted."""
    token = wanted.get("nextToken") or "0"
    if not token.isdigit() or int(token) > len(items):
        raise Refusal(
            "InvalidParameterException", "Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid pagination token'"
        )
    start, most = int(token), wanted.get("maxResults") or 100
    more = {"nextToken": str(start + most)} if start + most < len(items) else {}
    return {name: list(items[start : start + most]), **more}
