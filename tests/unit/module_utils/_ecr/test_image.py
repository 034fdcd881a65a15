"""Which image is meant, and which is the newest that can be started."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecr import image, manifests

URI = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop"
DIGEST = f"sha256:{'1' * 64}"
SHA = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"


@pytest.mark.parametrize(
    ("wanted", "identity"),
    [
        ("3f2c1ab", {"imageTag": "3f2c1ab"}),
        ("shop:3f2c1ab", {"imageTag": "3f2c1ab"}),
        (DIGEST, {"imageDigest": DIGEST}),
        (f"{URI}:3f2c1ab", {"imageTag": "3f2c1ab"}),
        (f"{URI}@{DIGEST}", {"imageDigest": DIGEST}),
        (f"{URI}:3f2c1ab@{DIGEST}", {"imageDigest": DIGEST}),
    ],
)
def test_references_of_an_image(wanted: str, identity: dict[str, str]) -> None:
    assert image.identity(wanted, URI) == identity


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("sha256:12", "is no digest"),
        (f"{URI}@sha256:12", "is no digest"),
        (URI, "neither tag nor digest"),
        (f"{URI}s:1", "is no image of"),
        (f"localhost:5000/shop@{DIGEST}", "is no image of"),
    ],
)
def test_references_without_an_image(wanted: str, words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        image.identity(wanted, URI)


def described(digest: str, pushed: str, *tags: str, kind: int = 0, **more: str) -> dict[str, Any]:
    return {
        "imageDigest": digest,
        "imagePushedAt": pushed,
        "imageTags": list(tags),
        "imageManifestMediaType": manifests.MANIFESTS[kind],
        **more,
    }


@pytest.mark.parametrize(
    ("images", "newest"),
    [
        ([], None),
        ([described("old", "1", "a"), described("new", "2", "b")], "new"),
        ([described("index", "1", "a", kind=3), described("part", "2")], "index"),
        ([described("index", "1", kind=3), described("part", "2")], "index"),
        ([described("untagged", "1")], "untagged"),
        ([described("image", "1", "a"), described("signature", "2", f"sha256-{'1' * 64}.sig")], "image"),
        (
            [described("image", "1", "a"), described("chart", "2", "b", artifactMediaType="application/vnd.cncf.helm.config.v1+json")],
            "image",
        ),
    ],
)
def test_newest_image_ignores_signatures(images: list[dict[str, Any]], newest: str | None) -> None:
    assert next((item["imageDigest"] for item in image.newest_first(images)), None) == newest


def test_what_an_index_is_for() -> None:
    parts = [("linux", "arm64"), ("linux", "amd64"), ("unknown", "unknown")]
    index = {"manifests": [{"platform": {"os": system, "architecture": name}} for system, name in parts]}
    assert image.platforms(json.dumps(index)) == ["linux/amd64", "linux/arm64"]
    assert image.platforms(json.dumps({"layers": []})) is None


@pytest.mark.parametrize(
    ("tags", "labels", "commit"),
    [
        (["release-12", "main", SHA, SHA[:8]], None, SHA),
        (["v1", "0a1b2c3"], None, "0a1b2c3"),
        (["20260131", "1234567", "deadbee", "release-7", "0A1B2C3D"], None, None),
        ([], None, None),
        ([SHA], {"org.opencontainers.image.revision": "abc"}, "abc"),
    ],
)
def test_the_commit_of_an_image(tags: list[str], labels: dict[str, str] | None, commit: str | None) -> None:
    assert image.commit_of(tags, labels) == commit
