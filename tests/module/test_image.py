"""Images of the emulated ECR."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecr import image, manifests
from tests.support.emulated import Emulated
from tests.support.releases import Deployer


@pytest.fixture
def ecr(emulated: Emulated) -> Any:
    client = emulated.client("ecr")
    client.create_repository(repositoryName="shop")
    return client


def test_by_tag_by_digest_and_the_newest(emulated: Emulated, ecr: Any) -> None:
    with pytest.raises(RailyardError, match=r"nothing has been pushed.*\n.*docker login.*\n.*docker push"):
        image.resolve(ecr, "shop", None, "X86_64")
    first = Deployer(emulated, "shop").push("1a2b3c4")
    emulated.advance(60)
    second = Deployer(emulated, "shop").push("v2")
    found = image.resolve(ecr, "shop", "1a2b3c4", "X86_64")
    assert (found["uri"], found["commit"], found["tags"]) == (first, "1a2b3c4", ["1a2b3c4"])
    assert image.resolve(ecr, "shop", first.partition("@")[2], "X86_64") == found == image.resolve(ecr, "shop", first, "X86_64")
    newest = image.resolve(ecr, "shop", None, "X86_64")
    assert newest["uri"] == second and newest["commit"] is None and newest["pushed_at"] > found["pushed_at"]
    with pytest.raises(RailyardError, match="no image with the tag nope; the newest are v2, 1a2b3c4"):
        image.resolve(ecr, "shop", "nope", "X86_64")
    with pytest.raises(RailyardError, match=r"no repository mart; site.yml makes it"):
        image.resolve(ecr, "mart", "nope", "X86_64")


def test_an_index_must_have_the_architecture(emulated: Emulated, ecr: Any) -> None:
    part = Deployer(emulated, "shop").push("part").partition("@")[2]
    kind = manifests.MANIFESTS[3]
    entry = {"mediaType": manifests.MANIFESTS[0], "digest": part, "size": 1, "platform": {"os": "linux", "architecture": "amd64"}}
    index = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": [entry]})
    ecr.put_image(repositoryName="shop", imageManifest=index, imageManifestMediaType=kind, imageTag="both")
    assert image.resolve(ecr, "shop", "both", "X86_64")["tags"] == ["both"]
    with pytest.raises(RailyardError, match=r"is for linux/amd64, and the environment's tasks are ARM64; build it with .*linux/arm64"):
        image.resolve(ecr, "shop", "both", "ARM64")
