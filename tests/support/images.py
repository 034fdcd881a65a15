"""Images as `docker push` pushes them: layers first, then the manifest."""

from __future__ import annotations

import hashlib
import json
from typing import Any

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
PART = 10 * 1024**2


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def manifest(config: bytes, *layers: bytes) -> str:
    """The manifest of an image with this configuration and these layers."""
    described = [{"mediaType": LAYER, "size": len(data), "digest": digest(data)} for data in layers]
    of = {"mediaType": CONFIG, "size": len(config), "digest": digest(config)}
    return json.dumps({"schemaVersion": 2, "mediaType": DOCKER, "config": of, "layers": described})


def upload(ecr: Any, repository: str, *blobs: bytes) -> None:
    """Upload those that the repository does not have."""
    named = {digest(data): data for data in blobs}
    found = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=list(named))["layers"]
    for name in [each["layerDigest"] for each in found if each["layerAvailability"] == "UNAVAILABLE"]:
        began = {"repositoryName": repository, "uploadId": ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]}
        for first in range(0, len(named[name]), PART):
            part = named[name][first : first + PART]
            ecr.upload_layer_part(**began, partFirstByte=first, partLastByte=first + len(part) - 1, layerPartBlob=part)
        ecr.complete_layer_upload(**began, layerDigests=[name])


def push(ecr: Any, repository: str, config: bytes, *layers: bytes, tag: str | None = None) -> dict[str, Any]:
    """Push an image; returns what PutImage answers of it."""
    upload(ecr, repository, config, *layers)
    tagged = {"imageTag": tag} if tag else {}
    image: dict[str, Any] = ecr.put_image(repositoryName=repository, imageManifest=manifest(config, *layers), **tagged)["image"]
    return image
