# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Manifests of images: what an image consists of, read from a repository as the very text that its digest is of.

https://github.com/opencontainers/image-spec/blob/main/manifest.md and image-index.md
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from .._core import aws
from .._core.errors import RailyardError

# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html: without them ECR answers an older kind of manifest.
MANIFESTS = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
]
INDEXES = (MANIFESTS[1], MANIFESTS[3])
BATCH = 100


@dataclass(frozen=True)
class Blob:
    """A layer, or the configuration of an image, which ECR keeps as a layer. `size` in bytes."""

    digest: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """A manifest's digest, media type and text. The text stays as it was pushed, or the digest would be another one."""

    digest: str
    kind: str
    text: str

    @property
    def parts(self) -> list[str]:
        """Digests of the manifests that an index lists; [] for a single image."""
        return list(dict.fromkeys(item["digest"] for item in json.loads(self.text).get("manifests", [])))

    @property
    def blobs(self) -> list[Blob]:
        """Configuration and layers of a single image, each once. What its maker keeps elsewhere (`urls`) is in no repository."""
        read = json.loads(self.text)
        listed = [item for item in (read.get("config"), *read.get("layers", [])) if item and not item.get("urls")]
        return [Blob(digest, size) for digest, size in {item["digest"]: int(item["size"]) for item in listed}.items()]


def digest_of(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def read(ecr: Any, repository: str, wanted: list[dict[str, Any]]) -> list[Manifest]:
    """The manifests of imageIds that are there, in any order; those that are not are left out. Raises RailyardError for damaged ones."""
    found = []
    for batch in aws.batches(wanted, BATCH):
        output = aws.call(ecr, "BatchGetImage", repositoryName=repository, imageIds=batch, acceptedMediaTypes=MANIFESTS)
        found += [_manifest(image) for image in output.get("images", [])]
    return found


def _manifest(image: dict[str, Any]) -> Manifest:
    digest, text = image["imageId"]["imageDigest"], image["imageManifest"]
    kind = image.get("imageManifestMediaType") or json.loads(text).get("mediaType", "")
    if kind not in MANIFESTS:
        raise RailyardError(f"the manifest of {digest} is of a kind that is not known here: {kind or 'no media type'}; push the image anew")
    if digest_of(text) != digest:
        raise RailyardError(f"the manifest that ECR answers for {digest} has another digest, {digest_of(text)}; push the image anew")
    return Manifest(digest, kind, text)


def walk(ecr: Any, repository: str, digest: str) -> list[Manifest]:
    """The manifest of an image and, for an index, of all its parts: parts before what lists them, as ECR takes them.

    Raises RailyardError when one of them is not there.
    """
    found: dict[str, Manifest] = {}
    level = [digest]
    while level:
        there = read(ecr, repository, [{"imageDigest": item} for item in level])
        absent = sorted(set(level) - {manifest.digest for manifest in there})
        if absent:
            of = f", which {digest} lists" if absent != [digest] else ""
            raise RailyardError(f"the repository {repository} has no image {', '.join(absent)}{of}; push the image anew")
        for manifest in there:
            # What is listed again further down goes before everything that lists it.
            found.pop(manifest.digest, None)
            found[manifest.digest] = manifest
        level = sorted({part for manifest in there for part in manifest.parts})
    return list(reversed(found.values()))
