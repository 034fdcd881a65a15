# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images of a repository: which one is meant, and whether it fits the environment.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
"""

from __future__ import annotations

import json
import re
from typing import Any, TypedDict

from .._core import aws
from .._core.errors import RailyardError
from .manifests import INDEXES, MANIFESTS

# Kinds of configuration that a container can be started of; charts, signatures and caches of builds have others.
RUNNABLE = ("application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json")
# Architectures as ECS names them, and as images do.
ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
NAMED = 5
# The label that says of which commit an image was built. https://github.com/opencontainers/image-spec/blob/main/annotations.md
REVISION = "org.opencontainers.image.revision"
# What the task definition of an environment without a release names (roles/ecs/vars/main.yml).
NO_DIGEST = "sha256:" + "0" * 64


class Image(TypedDict):
    """An image of a repository. `uri`: by digest. `tags`: sorted. `pushed_at`: ISO 8601. `commit`: the tag that looks like one."""

    digest: str
    tags: list[str]
    pushed_at: str | None
    uri: str
    commit: str | None


def resolve(ecr: Any, repository: str, wanted: str | None, architecture: str) -> Image:
    """`look_up`, for an environment of an architecture: X86_64 or ARM64.

    Raises RailyardError also when the image is for another platform. One that is no index is accepted: ECR does not tell its platform.
    """
    image = look_up(ecr, repository, wanted)
    _fits(ecr, repository, image["digest"], architecture)
    return image


def look_up(ecr: Any, repository: str, wanted: str | None) -> Image:
    """The image of a tag, a digest or a full URI; the newest one where `wanted` is None. Raises RailyardError when there is none."""
    uri = location(ecr, repository)
    image = _named(ecr, repository, uri, wanted) if wanted else _newest(ecr, repository, uri)
    digest, tags = image["imageDigest"], sorted(image.get("imageTags", []))
    pushed = image["imagePushedAt"].isoformat() if image.get("imagePushedAt") else None
    return {"digest": digest, "tags": tags, "pushed_at": pushed, "uri": f"{uri}@{digest}", "commit": commit_of(tags)}


def digest_of(ecr: Any, repository: str, tag: str) -> str | None:
    """The digest of the image with a tag; None when no image has it."""
    found = aws.find(ecr, "DescribeImages", {"ImageNotFoundException"}, repositoryName=repository, imageIds=[{"imageTag": tag}])
    return str(found["imageDetails"][0]["imageDigest"]) if found and found["imageDetails"] else None


def missing(ecr: Any, repository: str, digests: list[str]) -> list[str]:
    """Those of the digests that are not in the repository, or not any more; all of them where there is no repository."""
    absent = {"ImageNotFoundException", "RepositoryNotFoundException"}
    asked = {digest: [{"imageDigest": digest}] for digest in digests}
    return [digest for digest, ids in asked.items() if not aws.find(ecr, "DescribeImages", absent, repositoryName=repository, imageIds=ids)]


def location(ecr: Any, repository: str) -> str:
    """The URI of a repository. Raises RailyardError when there is none."""
    found = aws.find(ecr, "DescribeRepositories", {"RepositoryNotFoundException"}, repositoryNames=[repository])
    if not found or not found.get("repositories"):
        raise RailyardError(f"there is no repository {repository}; site.yml makes it")
    return str(found["repositories"][0]["repositoryUri"])


def identity(wanted: str, uri: str) -> dict[str, Any]:
    """Tag, digest or full URI as an imageId of ECR. Pure; raises RailyardError for a URI of another repository."""
    name, at, digest = wanted.partition("@")
    where, colon, tag = name.rpartition(":") if ":" in name.rpartition("/")[2] else (name, "", "")
    if DIGEST.fullmatch(wanted):
        return {"imageDigest": wanted}
    if "/" not in wanted and not at:
        if wanted.startswith("sha256:"):
            raise RailyardError(f"{wanted} is no digest: sha256: and 64 digits from 0 to f")
        # What is called shop:1 at home is the tag 1 here.
        return {"imageTag": tag if colon and where == uri.rpartition("/")[2] else wanted}
    if where != uri:
        raise RailyardError(f"{wanted} is no image of {uri}; push it there, and name its tag or digest")
    if at and not DIGEST.fullmatch(digest):
        raise RailyardError(f"{digest} is no digest: sha256: and 64 digits from 0 to f")
    if not at and not tag:
        raise RailyardError(f"{wanted} has neither tag nor digest")
    return {"imageDigest": digest} if at else {"imageTag": tag}


def _named(ecr: Any, repository: str, uri: str, wanted: str) -> dict[str, Any]:
    which = identity(wanted, uri)
    absent = {"ImageNotFoundException", "InvalidParameterException"}
    found = aws.find(ecr, "DescribeImages", absent, repositoryName=repository, imageIds=[which])
    if found and found["imageDetails"]:
        return dict(found["imageDetails"][0])
    kind, value = next(iter(which.items()))
    there = newest_first(aws.pages(ecr, "DescribeImages", "imageDetails", repositoryName=repository))
    if not there:
        raise _none(repository, uri)
    tags = [tag for image in there[:NAMED] for tag in sorted(image.get("imageTags", []))[:1]]
    newest = f"the newest are {', '.join(tags)}" if tags else f"the newest is {there[0]['imageDigest']}"
    what = f"tag {value}" if kind == "imageTag" else f"digest {value}"
    raise RailyardError(f"the repository {repository} has no image with the {what}; {newest}", newest=tags)


def _newest(ecr: Any, repository: str, uri: str) -> dict[str, Any]:
    there = newest_first(aws.pages(ecr, "DescribeImages", "imageDetails", repositoryName=repository))
    if not there:
        raise _none(repository, uri)
    return there[0]


def newest_first(images: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Images of DescribeImages that can be started, the newest first. Pure.

    The parts of an index are images without a tag of their own, pushed at the same time as it: images with a tag go before all others,
    and indexes before what may be a part.
    """
    runnable = [image for image in images if image.get("artifactMediaType") in (None, *RUNNABLE) and not _is_signature(image)]
    tagged = [image for image in runnable if image.get("imageTags")]
    indexes = [image for image in runnable if image.get("imageManifestMediaType") in INDEXES]
    return sorted(tagged or indexes or runnable, key=lambda image: str(image.get("imagePushedAt", "")), reverse=True)


def _is_signature(image: dict[str, Any]) -> bool:
    """Signatures and attestations have the digest of what they speak of as their tag: sha256-<digest>.sig."""
    tags = image.get("imageTags", [])
    return bool(tags) and all(tag.startswith("sha256-") for tag in tags)


def _none(repository: str, uri: str) -> RailyardError:
    registry, region = uri.partition("/")[0], uri.split(".")[3] if uri.count(".") > 3 else "<region>"
    login = f"aws ecr get-login-password --region {region} | docker login --username AWS --password-stdin {registry}"
    push = f"docker build -t {uri}:$(git rev-parse HEAD) . && docker push {uri}:$(git rev-parse HEAD)"
    return RailyardError(f"nothing has been pushed to the repository {repository} yet. To push an image:\n  {login}\n  {push}")


def _fits(ecr: Any, repository: str, digest: str, architecture: str) -> None:
    """Raises RailyardError when the image is an index without the architecture."""
    given = {"repositoryName": repository, "imageIds": [{"imageDigest": digest}], "acceptedMediaTypes": MANIFESTS}
    images = aws.call(ecr, "BatchGetImage", **given).get("images", [])
    if not images:
        raise RailyardError(f"the repository {repository} has no image {digest} any more")
    there = platforms(images[0]["imageManifest"])
    if there is None or f"linux/{ARCHITECTURES[architecture]}" in there:
        return
    right = f"docker buildx build --platform linux/{ARCHITECTURES[architecture]}"
    what = f"the image {digest} is for {', '.join(there) or 'no platform'}, and the environment's tasks are {architecture}"
    raise RailyardError(f"{what}; build it with {right}", platforms=there)


def platforms(manifest: str) -> list[str] | None:
    """What an index is for, as os/architecture; None when it is a single image, whose platform only its configuration tells. Pure.

    https://github.com/opencontainers/image-spec/blob/main/image-index.md. Attestations are for unknown/unknown.
    """
    read = json.loads(manifest)
    if "manifests" not in read:
        return None
    known = [item.get("platform", {}) for item in read["manifests"]]
    found = {f"{item.get('os')}/{item.get('architecture')}" for item in known if item.get("architecture") not in (None, "unknown")}
    return sorted(found)


def commit_of(tags: list[str], labels: dict[str, str] | None = None) -> str | None:
    """The commit an image was built of: the label REVISION, else the longest tag that looks like a commit.

    A short one has digits and letters, so that neither a build's
    number nor a word is taken for it.
    """
    labelled = (labels or {}).get(REVISION)
    if labelled:
        return labelled
    short = r"(?=.*\d)(?=.*[a-f])[0-9a-f]{7,39}"
    found = [tag for tag in tags if re.fullmatch(rf"[0-9a-f]{{40}}|{short}", tag)]
    return max(found, key=len, default=None)
