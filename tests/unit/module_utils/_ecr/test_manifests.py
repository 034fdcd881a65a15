"""What an image consists of, and what ECR may not answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecr import manifests
from ansible_collections.railyard.fargate.plugins.module_utils._ecr.manifests import Blob, Manifest

ONE, TWO = (f"sha256:{number * 64}" for number in "12")


def manifest(**content: Any) -> Manifest:
    text = json.dumps(content)
    return Manifest(manifests.digest_of(text), manifests.MANIFESTS[2], text)


@pytest.mark.parametrize(
    ("content", "blobs", "parts"),
    [
        ({"config": {"digest": ONE, "size": 1}, "layers": [{"digest": TWO, "size": 2}] * 2}, [Blob(ONE, 1), Blob(TWO, 2)], []),
        ({"config": {"digest": ONE, "size": 1}, "layers": [{"digest": TWO, "size": 2, "urls": ["https://…"]}]}, [Blob(ONE, 1)], []),
        ({"manifests": [{"digest": TWO}, {"digest": ONE}, {"digest": TWO}]}, [], [TWO, ONE]),
    ],
)
def test_what_an_image_consists_of(content: dict[str, Any], blobs: list[Blob], parts: list[str]) -> None:
    read = manifest(**content)
    assert (read.blobs, read.parts) == (blobs, parts)


class Answering:
    """A client of ECR that has one answer."""

    def __init__(self, **image: Any) -> None:
        self.image = image

    def batch_get_image(self, **_: Any) -> dict[str, Any]:
        return {"images": [self.image]}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("{}", manifests.MANIFESTS[0], f"for {ONE} has another digest, sha256:44136fa355b3"),
        ("{}", "application/vnd.docker.distribution.manifest.v1+prettyjws", r"of a kind that is not known here: .*prettyjws"),
        ("{}", None, "of a kind that is not known here: no media type"),
    ],
)
def test_manifests_that_are_refused(text: str, kind: str | None, words: str) -> None:
    ecr = Answering(imageId={"imageDigest": ONE}, imageManifest=text, imageManifestMediaType=kind)
    with pytest.raises(RailyardError, match=words):
        manifests.read(ecr, "shop", [{"imageDigest": ONE}])
