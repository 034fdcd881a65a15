"""Layers of the emulated ECR: uploaded in parts, downloaded by URL, and refused as AWS refuses them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.support import images
from tests.support.emulated import Emulated

SHOP = {"repositoryName": "shop"}
MIB = 1024**2
INDEX = "application/vnd.oci.image.index.v1+json"


@pytest.fixture
def ecr(emulated: Emulated) -> Any:
    client = emulated.client("ecr")
    client.create_repository(**SHOP)
    return client


def begun(ecr: Any) -> dict[str, Any]:
    return {**SHOP, "uploadId": ecr.initiate_layer_upload(**SHOP)["uploadId"]}


def part(first: int, data: bytes, last: int | None = None) -> dict[str, Any]:
    return {"partFirstByte": first, "partLastByte": first + len(data) - 1 if last is None else last, "layerPartBlob": data}


def both(manifest: str) -> dict[str, Any]:
    """What PutImage takes for an index of one image."""
    part_of = {"mediaType": images.DOCKER, "digest": images.digest(manifest.encode()), "size": 1}
    return {**SHOP, "imageManifest": json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [part_of]}), "imageTag": "both"}


def test_a_layer_of_two_parts_comes_back_as_it_was(emulated: Emulated, ecr: Any) -> None:
    data = bytes(range(256)) * 4096 * 11
    assert ecr.initiate_layer_upload(**SHOP)["partSize"] == 10 * MIB
    images.push(ecr, "shop", b"{}", data, tag="v1")
    name = images.digest(data)
    assert ecr.batch_check_layer_availability(**SHOP, layerDigests=[name, "sha256:no"]) | {"ResponseMetadata": {}} == {
        "layers": [{"layerDigest": name, "layerAvailability": "AVAILABLE", "layerSize": 11 * MIB}],
        "failures": [{"layerDigest": "sha256:no", "failureCode": "InvalidLayerDigest", "failureReason": "Invalid layer digest"}],
        "ResponseMetadata": {},
    }
    url = ecr.get_download_url_for_layer(**SHOP, layerDigest=name)["downloadUrl"]
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == data
    emulated.advance(3601)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url)


def test_parts_follow_each_other(emulated: Emulated, ecr: Any) -> None:
    upload = begun(ecr)
    assert emulated.refused("ecr", "complete_layer_upload", **upload, layerDigests=[images.digest(b"")])[0] == "EmptyUploadException"
    assert ecr.upload_layer_part(**upload, **part(0, b"abc"))["lastByteReceived"] == 2
    for wrong in (part(0, b"abc"), part(4, b"abc"), part(3, b"abc", last=4)):
        with pytest.raises(ecr.exceptions.InvalidLayerPartException) as refused:
            ecr.upload_layer_part(**upload, **wrong)
        assert refused.value.response["lastValidByteReceived"] == 2
    wrong = {**upload, "layerDigests": [images.digest(b"xyz")]}
    assert emulated.refused("ecr", "complete_layer_upload", **wrong)[0] == "InvalidLayerException"
    upload_of = {**upload, "layerDigests": [images.digest(b"abc")]}
    assert ecr.complete_layer_upload(**upload_of)["layerDigest"] == images.digest(b"abc")
    assert emulated.refused("ecr", "complete_layer_upload", **upload_of)[0] == "UploadNotFoundException"
    again = begun(ecr)
    ecr.upload_layer_part(**again, **part(0, b"abc"))
    complete = {**again, "layerDigests": [images.digest(b"abc")]}
    assert emulated.refused("ecr", "complete_layer_upload", **complete)[0] == "LayerAlreadyExistsException"


def test_only_the_last_part_is_small_and_none_is_too_big(emulated: Emulated, ecr: Any) -> None:
    upload = begun(ecr)
    ecr.upload_layer_part(**upload, **part(0, b"a"))
    ecr.upload_layer_part(**upload, **part(1, b"b"))
    complete = {**upload, "layerDigests": [images.digest(b"ab")]}
    assert emulated.refused("ecr", "complete_layer_upload", **complete)[0] == "LayerPartTooSmallException"
    assert emulated.refused("ecr", "upload_layer_part", **begun(ecr), **part(0, bytes(20 * MIB + 1)))[0] == "InvalidParameterException"
    assert ecr.upload_layer_part(**begun(ecr), **part(0, bytes(20 * MIB)))["lastByteReceived"] == 20 * MIB - 1


def test_a_manifest_comes_after_what_it_names(emulated: Emulated, ecr: Any) -> None:
    whole = {**SHOP, "imageManifest": images.manifest(b"{}", b"layer")}
    images.upload(ecr, "shop", b"{}")
    assert emulated.refused("ecr", "put_image", **whole) == (
        "LayersNotFoundException",
        f"Layers with digests '[{images.digest(b'layer')}]' required for pushing image into the repository with name 'shop' in the "
        "registry with id '123456789012' do not exist",
    )
    index, digest = both(whole["imageManifest"]), images.digest(whole["imageManifest"].encode())
    assert emulated.refused("ecr", "put_image", **index)[0] == "ReferencedImagesNotFoundException"
    wanted = {**SHOP, "layerDigest": images.digest(b"{}")}
    assert emulated.refused("ecr", "get_download_url_for_layer", **wanted)[0] == "LayerInaccessibleException"
    images.push(ecr, "shop", b"{}", b"layer")
    assert emulated.refused("ecr", "put_image", **index) == ("", "")
    assert emulated.refused("ecr", "get_download_url_for_layer", **wanted) == ("", "")
    deletion = {**SHOP, "imageIds": [{"imageDigest": digest}]}
    assert [each["failureCode"] for each in ecr.batch_delete_image(**deletion)["failures"]] == ["ImageReferencedByManifestList"]
    ecr.batch_delete_image(**SHOP, imageIds=[{"imageTag": "both"}, {"imageDigest": digest}])
    assert emulated.refused("ecr", "get_download_url_for_layer", **wanted)[0] == "LayersNotFoundException"


def test_parts_expire_after_their_index(emulated: Emulated, ecr: Any) -> None:
    ecr.put_image(**both(images.push(ecr, "shop", b"{}", b"layer")["imageManifest"]))
    selection = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1}
    rules = [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]
    ecr.put_lifecycle_policy(**SHOP, lifecyclePolicyText=json.dumps({"rules": rules}))
    emulated.advance(3 * 86_401)
    assert len(ecr.describe_images(**SHOP)["imageDetails"]) == 2
    ecr.batch_delete_image(**SHOP, imageIds=[{"imageTag": "both"}])
    emulated.advance(86_401)
    assert ecr.describe_images(**SHOP)["imageDetails"] == []
