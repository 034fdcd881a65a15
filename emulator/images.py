"""Made-up images: a manifest whose digest follows from repository and tag, pushed as soon as the repository exists.

Nobody can pull one; it lets a newcomer's environment, and tests, have a release without Docker.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict

from . import registry

_held: dict[str, set[str]] = defaultdict(set)


def layers(repository: str, tag: str) -> dict[str, bytes]:
    """Configuration and content of an image, by digest."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Labels": {"name": f"{repository}:{tag}"}}}).encode()
    return {"sha256:" + hashlib.sha256(data).hexdigest(): data for data in (config, f"{repository}:{tag}".encode())}


def manifest(repository: str, tag: str) -> str:
    described = [{"size": len(data), "digest": digest} for digest, data in layers(repository, tag).items()]
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", **described[0]}
    content = {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", **described[1]}
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    return json.dumps({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [content]}, sort_keys=True)


def digest(repository: str, tag: str) -> str:
    return "sha256:" + hashlib.sha256(manifest(repository, tag).encode()).hexdigest()


def hold(repository: str, tag: str) -> dict[str, str]:
    """Hold an image for a repository; it is pushed when the repository is created. Returns its digest."""
    _held[repository].add(tag)
    return {"digest": digest(repository, tag)}


def held(repository: str) -> list[str]:
    return sorted(_held[repository])


@registry.control_endpoint("images")
def _door(wanted: dict[str, str]) -> dict[str, str]:
    return hold(wanted["repository"], wanted.get("tag", "made-up"))


@registry.on_reset
def _forget() -> None:
    _held.clear()
