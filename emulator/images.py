"""Made-up images: a manifest whose digest follows from repository and tag, pushed as soon as the repository exists.

Nobody can pull one; it lets a newcomer's environment, and tests, have a release without Docker.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict

from . import registry

_held: dict[str, set[str]] = defaultdict(set)


def manifest(repository: str, tag: str) -> str:
    layer = hashlib.sha256(f"{repository}:{tag}".encode()).hexdigest()
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1024, "digest": f"sha256:{layer}"}
    content = {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 40_000_000, "digest": f"sha256:{layer}"}
    return json.dumps({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [content]}, sort_keys=True)


def digest(repository: str, tag: str) -> str:
    return "sha256:" + hashlib.sha256(manifest(repository, tag).encode()).hexdigest()


def hold(repository: str, tag: str) -> dict[str, str]:
    """Hold an image for a repository; it is pushed when the repository is created. Returns its digest."""
    _held[repository].add(tag)
    return {"digest": digest(repository, tag)}


def held(repository: str) -> list[str]:
    return sorted(_held[repository])


@registry.on_reset
def _forget() -> None:
    _held.clear()
