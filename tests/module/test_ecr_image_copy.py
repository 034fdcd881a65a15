"""ecr_image_copy between two accounts of the emulated ECR, and what becomes of replies and downloads that are lost."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import interruption
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecr import copy
from tests.support import images
from tests.support.emulated import Emulated
from tests.support.persons import until
from tests.support.walk import differences

STAGING, REGION = "222222222222", "us-east-1"
FROM, TO = "shop-staging", "shop-production"
SECRET = "secret-of-staging"
INDEX = "application/vnd.oci.image.index.v1+json"
BIG = bytes(range(256)) * 4096 * 11  # More than one part.


@dataclass
class Shop:
    """Both repositories, and an index of two images in the one of staging."""

    emulated: Emulated
    source: Any
    target: Any
    index: str = ""
    digest: str = ""
    parts: list[str] = field(default_factory=list)

    def run(self, **params: Any) -> dict[str, Any]:
        key = {"access_key": f"AKIA{STAGING}AAAA", "secret_key": SECRET}
        source = {"repository": FROM, "region": REGION, "endpoint_url": self.emulated.state.url, "profile": "", **key}
        return self.emulated.run("ecr_image_copy", **{"repository": TO, "image": "1a2b3c4", "source": source, **params})

    def writes(self) -> list[str]:
        return [name.removeprefix("ecr:") for name in self.emulated.writes()]

    @property
    def places(self) -> tuple[copy.Place, copy.Place]:
        return copy.Place(self.source, FROM), copy.Place(self.target, TO)


@pytest.fixture
def shop(emulated: Emulated) -> Iterator[Shop]:
    made = Shop(emulated, emulated.client("ecr", REGION, STAGING), emulated.client("ecr"))
    made.source.create_repository(repositoryName=FROM, imageTagMutability="IMMUTABLE")
    made.target.create_repository(repositoryName=TO, imageTagMutability="IMMUTABLE")
    pushed = [images.push(made.source, FROM, json.dumps({"architecture": name}).encode(), b"base", BIG) for name in ("amd64", "arm64")]
    made.parts = [image["imageId"]["imageDigest"] for image in pushed]
    listed = [{"mediaType": images.DOCKER, "size": 1, "digest": digest} for digest in made.parts]
    # As somebody else writes it: the digest is of these very characters.
    made.index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}, indent=3)
    for tag in ("1a2b3c4", "release-7"):
        image = made.source.put_image(repositoryName=FROM, imageManifest=made.index, imageManifestMediaType=INDEX, imageTag=tag)
    made.digest = image["image"]["imageId"]["imageDigest"]
    yield made


def test_check_copy_again_and_another_tag(shop: Shop) -> None:
    before = shop.writes()
    predicted = shop.run(check=True)
    assert predicted["changed"] and shop.writes() == before
    copied = shop.run()
    assert differences("ecr_image_copy", copied) == [] and SECRET not in json.dumps(copied)
    assert {key: copied[key] for key in ("image", "copied", "diff")} == {key: predicted[key] for key in ("image", "copied", "diff")}
    assert copied["image"]["digest"] == shop.digest and copied["image"]["tags"] == ["1a2b3c4"] and copied["image"]["commit"] == "1a2b3c4"
    assert len(copied["copied"]["layers"]) == 4 and set(copied["copied"]["manifests"][:2]) == set(shop.parts)
    assert shop.writes()[len(before) :].count("PutImage") == 3 and shop.writes()[-1] == "PutImage"

    listed = shop.target.describe_images(repositoryName=TO, imageIds=[{"imageDigest": shop.digest}])["imageDetails"]
    assert [image["imageTags"] for image in listed] == [["1a2b3c4"]]
    taken = shop.target.batch_get_image(repositoryName=TO, imageIds=[{"imageTag": "1a2b3c4"}])["images"][0]
    assert (taken["imageManifest"], taken["imageManifestMediaType"]) == (shop.index, INDEX)

    before = shop.writes()
    assert not shop.run()["changed"] and not shop.run(image=shop.digest)["changed"] and shop.writes() == before
    other = shop.run(tags=["candidate"])
    assert other["changed"] and other["copied"] == {"manifests": [], "layers": [], "bytes": 0, "tags": ["candidate"]}
    assert shop.writes()[len(before) :] == ["PutImage"]


def test_a_tag_of_another_image_stops_it_before_the_first_layer(shop: Shop) -> None:
    images.push(shop.target, TO, b"{}", tag="1a2b3c4")
    before = shop.writes()
    refused = shop.run()
    assert refused["failed"] and "has the tag 1a2b3c4 on sha256:" in refused["msg"] and "push the image under another tag" in refused["msg"]
    assert shop.writes() == before
    assert shop.run(tags=["from-staging"])["changed"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"image": "nope"}, "no image with the tag nope"),
        ({"repository": "shop-nowhere"}, "there is no repository shop-nowhere; site.yml makes it"),
        ({"source": {"repository": FROM}}, "there is no repository shop-staging"),
        ({"source": {"repository": FROM, "profile": "nobodys"}}, "the source cannot be reached: The config profile (nobodys)"),
        ({"source": {"repository": FROM, "access_key": "AKIA"}}, "parameters are required together: access_key, secret_key"),
    ],
)
def test_invalid_copies_are_refused(shop: Shop, params: dict[str, Any], words: str) -> None:
    before = shop.writes()
    assert words in shop.run(**params)["msg"] and shop.writes() == before


def test_copy_within_one_account(shop: Shop) -> None:
    shop.target.create_repository(repositoryName="shop-other")
    shop.run()
    done = shop.run(repository="shop-other", source={"repository": TO})
    assert done["changed"] and done["image"]["digest"] == shop.digest


@dataclass
class Client:
    """A client of ECR whose calls of one operation go wrong in a way."""

    real: Any
    operation: str
    wrong: Any

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        return (lambda **params: self.wrong(found, params)) if name == self.operation else found


def twice(call: Any, params: dict[str, Any]) -> Any:
    """What AWS sees when its first answer is lost."""
    call(**params)
    return call(**params)


@pytest.mark.parametrize("operation", ["upload_layer_part", "complete_layer_upload", "put_image"])
def test_a_lost_reply_is_no_failure(shop: Shop, operation: str) -> None:
    source, target = shop.places
    losing = copy.Place(Client(target.ecr, operation, twice), TO)
    copy.carry_out(copy.look(source, target, "1a2b3c4", None), source, losing, lambda line: None)
    assert not copy.look(source, target, "1a2b3c4", None).changed


def test_a_download_that_fails_begins_anew(shop: Shop) -> None:
    urls: list[str] = []

    def expired(call: Any, params: dict[str, Any]) -> Any:
        urls.append(call(**params)["downloadUrl"])
        return {"downloadUrl": urls[-1] + ("-expired" if len(urls) <= 2 else "")}

    source, target = shop.places
    broken = copy.Place(Client(source.ecr, "get_download_url_for_layer", expired), FROM)
    said: list[str] = []
    copy.carry_out(copy.look(source, target, "1a2b3c4", None), broken, target, said.append)
    assert len(urls) == 6 and not copy.look(source, target, "1a2b3c4", None).changed
    assert said[0].startswith("Copying 4 layers, 11.5 MB") and said[-1].startswith("Layer 4 of 4")


def test_other_bytes_than_the_layers_never_arrive(shop: Shop) -> None:
    other = images.digest(b"base")
    source, target = shop.places
    lying = copy.Place(
        Client(source.ecr, "get_download_url_for_layer", lambda call, params: call(**{**params, "layerDigest": other})), FROM
    )
    with pytest.raises(RailyardError, match=r"cannot be downloaded: 4 bytes came, of \d+, with the digest sha256:"):
        copy.carry_out(copy.look(source, target, "1a2b3c4", None), lying, target, lambda line: None)
    assert target.ecr.list_images(repositoryName=TO)["imageIds"] == []


def test_killed_in_between_it_goes_on_with_what_is_missing(shop: Shop) -> None:
    """Also where the parts are there and the index is not."""
    source, target = shop.places

    def dies(call: Any, params: dict[str, Any]) -> Any:
        if params["imageManifest"] == shop.index:
            raise KeyboardInterrupt
        return call(**params)

    with pytest.raises(KeyboardInterrupt):
        dying = copy.Place(Client(target.ecr, "put_image", dies), TO)
        copy.carry_out(copy.look(source, target, "1a2b3c4", None), source, dying, lambda line: None)
    left = copy.look(source, target, "1a2b3c4", None)
    assert [manifest.digest for manifest in left.manifests] == [shop.digest] and not left.blobs
    assert shop.run()["changed"] and not shop.run()["changed"]


def test_a_person_ends_it_between_two_parts_and_the_next_run_copies_the_rest(shop: Shop) -> None:
    source, target = shop.places
    completed: list[str] = []

    def asks(call: Any, params: dict[str, Any]) -> Any:
        # Once, at the first part of the big layer: what else is under way is not waited for.
        if params["partFirstByte"] == 0 and len(params["layerPartBlob"]) > 1_000_000:
            os.kill(os.getpid(), signal.SIGTERM)
            until(interruption.asked)
        return call(**params)

    def completes(call: Any, params: dict[str, Any]) -> Any:
        completed.extend(params["layerDigests"])
        return call(**params)

    asking = copy.Place(Client(Client(target.ecr, "upload_layer_part", asks), "complete_layer_upload", completes), TO)
    big = "sha256:" + hashlib.sha256(BIG).hexdigest()
    with interruption.noticed(), pytest.raises(interruption.Interrupted, match=r"interrupted: \d of 4 missing layers are there") as ended:
        copy.carry_out(copy.look(source, target, "1a2b3c4", None), source, asking, lambda line: None)
    assert "The same command again copies the rest" in ended.value.message and big not in completed
    again = copy.look(source, target, "1a2b3c4", None)
    assert again.changed and again.tags == ["1a2b3c4"]
    with interruption.noticed():
        copy.carry_out(again, source, target, lambda line: None)
    assert not copy.look(source, target, "1a2b3c4", None).changed
