"""ECR as AWS has it."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from emulator import process
from tests.support import images
from tests.support.emulated import Emulated

CONFIG = b"0"


def _manifest(layer: str = "a") -> str:
    return images.manifest(CONFIG, layer.encode() * 10)


def _digest(manifest: str) -> str:
    return "sha256:" + hashlib.sha256(manifest.encode()).hexdigest()


def _push(emulated: Emulated, layer: str, tag: str | None = None) -> Any:
    return images.push(emulated.client("ecr"), "shop", CONFIG, layer.encode() * 10, tag=tag)


def test_a_repository_from_beginning_to_end(emulated: Emulated) -> None:
    ecr = emulated.client("ecr")
    made = ecr.create_repository(repositoryName="shop", imageScanningConfiguration={"scanOnPush": True}, tags=[{"Key": "a", "Value": "1"}])[
        "repository"
    ]
    assert made["repositoryArn"] == "arn:aws:ecr:eu-west-1:123456789012:repository/shop"
    assert made["repositoryUri"] == "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop"
    assert made["encryptionConfiguration"] == {"encryptionType": "AES256"}
    assert emulated.refused("ecr", "create_repository", repositoryName="shop") == (
        "RepositoryAlreadyExistsException",
        "The repository with name 'shop' already exists in the registry with id '123456789012'",
    )
    assert ecr.describe_repositories(repositoryNames=["shop"])["repositories"] == [made]
    assert emulated.refused("ecr", "describe_repositories", repositoryNames=["no"]) == (
        "RepositoryNotFoundException",
        "The repository with name 'no' does not exist in the registry with id '123456789012'",
    )
    ecr.tag_resource(resourceArn=made["repositoryArn"], tags=[{"Key": "b", "Value": "2"}])
    ecr.untag_resource(resourceArn=made["repositoryArn"], tagKeys=["a"])
    assert ecr.list_tags_for_resource(resourceArn=made["repositoryArn"])["tags"] == [{"Key": "b", "Value": "2"}]
    ecr.put_image_scanning_configuration(repositoryName="shop", imageScanningConfiguration={"scanOnPush": False})
    assert ecr.describe_repositories()["repositories"][0]["imageScanningConfiguration"] == {"scanOnPush": False}
    _push(emulated, "a", "v1")
    assert emulated.refused("ecr", "delete_repository", repositoryName="shop") == (
        "RepositoryNotEmptyException",
        "The repository with name 'shop' in registry with id '123456789012' cannot be deleted because it still contains images",
    )
    ecr.delete_repository(repositoryName="shop", force=True)
    assert emulated.refused("ecr", "list_images", repositoryName="shop")[0] == "RepositoryNotFoundException"
    ecr.create_repository(repositoryName="shop")
    assert ecr.list_images(repositoryName="shop")["imageIds"] == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"repositoryName": "Shop"}, "InvalidParameterException"),
        ({"repositoryName": "s"}, "InvalidParameterException"),
        ({"repositoryName": "shop/"}, "InvalidParameterException"),
        ({"repositoryName": "s" * 257}, "InvalidParameterException"),
        ({"imageTagMutability": "FROZEN"}, "InvalidParameterException"),
        ({"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"}, "InvalidParameterException"),
        ({"imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "l*"}]}, "InvalidParameterException"),
        ({"encryptionConfiguration": {"encryptionType": "AES256", "kmsKey": "a"}}, "InvalidParameterException"),
        ({"encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": "alias/none"}}, "KmsException"),
        ({"tags": [{"Key": f"k{number}", "Value": ""} for number in range(51)]}, "TooManyTagsException"),
        ({"tags": [{"Key": "aws:a", "Value": ""}]}, "InvalidTagParameterException"),
    ],
)
def test_create_repository_refuses(emulated: Emulated, params: dict[str, Any], code: str) -> None:
    assert emulated.refused("ecr", "create_repository", **{"repositoryName": "shop", **params})[0] == code


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("list_tags_for_resource", {"resourceArn": "shop"}, "InvalidParameterException"),
        ("tag_resource", {"resourceArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/shop", "tags": []}, "InvalidParameterException"),
        (
            "untag_resource",
            {"resourceArn": "arn:aws:ecr:eu-west-1:123456789012:repository/absent", "tagKeys": ["a"]},
            "RepositoryNotFoundException",
        ),
    ],
)
def test_tags_are_asked_for_by_arn(emulated: Emulated, operation: str, params: dict[str, Any], code: str) -> None:
    assert emulated.refused("ecr", operation, **params)[0] == code


def test_images_have_real_digests(emulated: Emulated) -> None:
    ecr = emulated.client("ecr")
    ecr.create_repository(repositoryName="shop")
    image = _push(emulated, "a", "v1")
    assert image["imageId"] == {"imageDigest": _digest(_manifest("a")), "imageTag": "v1"}
    assert image["imageManifestMediaType"] == images.DOCKER
    assert (
        emulated.refused("ecr", "put_image", repositoryName="shop", imageManifest=_manifest("a"), imageTag="v1")[0]
        == "ImageAlreadyExistsException"
    )
    assert emulated.refused("ecr", "put_image", repositoryName="shop", imageManifest=_manifest("a"))[0] == "ImageAlreadyExistsException"
    assert emulated.refused("ecr", "put_image", repositoryName="shop", imageManifest="no")[0] == "InvalidParameterException"
    assert (
        emulated.refused("ecr", "put_image", repositoryName="shop", imageManifest=_manifest("c"), imageTag="a b")[0]
        == "InvalidParameterException"
    )
    wrong = {"repositoryName": "shop", "imageManifest": _manifest("b"), "imageDigest": "sha256:" + "1" * 64}
    assert emulated.refused("ecr", "put_image", **wrong)[0] == "ImageDigestDoesNotMatchException"
    _push(emulated, "a", "latest")
    described = ecr.describe_images(repositoryName="shop", imageIds=[{"imageTag": "latest"}])["imageDetails"]
    assert [(each["imageTags"], each["imageSizeInBytes"]) for each in described] == [(["v1", "latest"], 11)]
    _push(emulated, "b", "latest")
    found = ecr.batch_get_image(repositoryName="shop", imageIds=[{"imageTag": "latest"}, {"imageTag": "no"}, {}])
    assert [each["imageId"]["imageDigest"] for each in found["images"]] == [_digest(_manifest("b"))]
    assert found["images"][0]["imageManifest"] == _manifest("b")
    assert [each["failureCode"] for each in found["failures"]] == ["ImageNotFound", "MissingDigestAndTag"]
    code, words = emulated.refused("ecr", "describe_images", repositoryName="shop", imageIds=[{"imageTag": "no"}])
    assert code == "ImageNotFoundException"
    assert "imageTag:'no'" in words


def test_lists_pages_and_deletions(emulated: Emulated) -> None:
    ecr = emulated.client("ecr")
    ecr.create_repository(repositoryName="shop")
    _push(emulated, "a", "v1")
    _push(emulated, "a", "v2")
    _push(emulated, "b")
    pages = list(ecr.get_paginator("list_images").paginate(repositoryName="shop", PaginationConfig={"PageSize": 1}))
    assert [len(page["imageIds"]) for page in pages] == [1, 1, 1]
    assert len(ecr.list_images(repositoryName="shop", filter={"tagStatus": "TAGGED"})["imageIds"]) == 2
    assert ecr.list_images(repositoryName="shop", filter={"tagStatus": "UNTAGGED"})["imageIds"] == [
        {"imageDigest": _digest(_manifest("b"))}
    ]
    assert len(ecr.describe_images(repositoryName="shop")["imageDetails"]) == 2
    gone = ecr.batch_delete_image(repositoryName="shop", imageIds=[{"imageTag": "v1"}, {"imageTag": "no"}])
    assert [each["imageTag"] for each in gone["imageIds"]] == ["v1"]
    assert [each["failureCode"] for each in gone["failures"]] == ["ImageNotFound"]
    assert len(ecr.describe_images(repositoryName="shop")["imageDetails"]) == 2
    ecr.batch_delete_image(repositoryName="shop", imageIds=[{"imageTag": "v2"}, {"imageDigest": _digest(_manifest("b"))}])
    assert ecr.describe_images(repositoryName="shop")["imageDetails"] == []
    for number in range(3):
        ecr.create_repository(repositoryName=f"more-{number}")
    first = ecr.describe_repositories(maxResults=3)
    assert len(first["repositories"]) == 3
    assert len(ecr.describe_repositories(maxResults=3, nextToken=first["nextToken"])["repositories"]) == 1


def test_an_immutable_tag_stays(emulated: Emulated) -> None:
    ecr = emulated.client("ecr")
    ecr.create_repository(repositoryName="shop", imageTagMutability="IMMUTABLE")
    _push(emulated, "a", "v1")
    again = {"repositoryName": "shop", "imageManifest": _manifest("b"), "imageTag": "v1"}
    assert emulated.refused("ecr", "put_image", **again) == (
        "ImageTagAlreadyExistsException",
        "The image tag 'v1' already exists in the 'shop' repository and cannot be overwritten because the tag is immutable.",
    )
    filters = [{"filterType": "WILDCARD", "filter": "latest*"}]
    ecr.put_image_tag_mutability(
        repositoryName="shop", imageTagMutability="IMMUTABLE_WITH_EXCLUSION", imageTagMutabilityExclusionFilters=filters
    )
    _push(emulated, "a", "latest-1")
    _push(emulated, "b", "latest-1")
    assert emulated.refused("ecr", "put_image", **again)[0] == "ImageTagAlreadyExistsException"
    ecr.put_image_tag_mutability(
        repositoryName="shop", imageTagMutability="MUTABLE_WITH_EXCLUSION", imageTagMutabilityExclusionFilters=filters
    )
    _push(emulated, "b", "v1")
    last = {**again, "imageManifest": _manifest("a"), "imageTag": "latest-1"}
    assert emulated.refused("ecr", "put_image", **last)[0] == "ImageTagAlreadyExistsException"


def test_scans(emulated: Emulated) -> None:
    ecr = emulated.client("ecr")
    ecr.create_repository(repositoryName="shop", imageScanningConfiguration={"scanOnPush": True})
    _push(emulated, "a", "v1")
    which = {"repositoryName": "shop", "imageId": {"imageTag": "v1"}}
    assert ecr.describe_image_scan_findings(**which)["imageScanStatus"]["status"] == "IN_PROGRESS"
    assert emulated.refused("ecr", "start_image_scan", **which)[0] == "LimitExceededException"
    emulated.advance(31)
    found = ecr.describe_image_scan_findings(**which)
    assert (found["imageScanStatus"]["status"], found["imageScanFindings"]["findings"]) == ("COMPLETE", [])
    assert ecr.describe_images(repositoryName="shop")["imageDetails"][0]["imageScanStatus"]["status"] == "COMPLETE"
    filters = [{"filter": "other*", "filterType": "WILDCARD"}]
    ecr.put_registry_scanning_configuration(scanType="BASIC", rules=[{"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": filters}])
    assert ecr.get_registry_scanning_configuration()["scanningConfiguration"]["rules"][0]["repositoryFilters"] == filters
    ecr.create_repository(repositoryName="other-1")
    answer = ecr.batch_get_repository_scanning_configuration(repositoryNames=["other-1", "no"])
    assert [(each["scanOnPush"], each["appliedScanFilters"]) for each in answer["scanningConfigurations"]] == [(True, filters)]
    assert [each["failureCode"] for each in answer["failures"]] == ["REPOSITORY_NOT_FOUND"]
    ecr.put_image_scanning_configuration(repositoryName="shop", imageScanningConfiguration={"scanOnPush": False})
    _push(emulated, "b", "v2")
    assert (
        emulated.refused("ecr", "describe_image_scan_findings", repositoryName="shop", imageId={"imageTag": "v2"})[0]
        == "ScanNotFoundException"
    )
    assert ecr.start_image_scan(repositoryName="shop", imageId={"imageTag": "v2"})["imageScanStatus"]["status"] == "IN_PROGRESS"
    continuous = {"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": filters}
    assert (
        emulated.refused("ecr", "put_registry_scanning_configuration", scanType="BASIC", rules=[continuous])[0]
        == "InvalidParameterException"
    )


def test_repository_policies(emulated: Emulated) -> None:
    ecr = emulated.client("ecr")
    ecr.create_repository(repositoryName="shop")
    assert emulated.refused("ecr", "get_repository_policy", repositoryName="shop")[0] == "RepositoryPolicyNotFoundException"
    statement = {"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ecr.set_repository_policy(repositoryName="shop", policyText=text)
    assert json.loads(ecr.get_repository_policy(repositoryName="shop")["policyText"]) == json.loads(text)
    assert emulated.refused("ecr", "set_repository_policy", repositoryName="shop", policyText="{}")[0] == "InvalidParameterException"
    ecr.delete_repository_policy(repositoryName="shop")
    assert emulated.refused("ecr", "delete_repository_policy", repositoryName="shop")[0] == "RepositoryPolicyNotFoundException"


def test_a_held_image_is_pushed_once_its_repository_exists(emulated: Emulated) -> None:
    ecr = emulated.client("ecr")
    digest = process.control(emulated.state, "images", repository="shop", tag="made-up")["digest"]
    ecr.create_repository(repositoryName="shop")
    image = ecr.describe_images(repositoryName="shop", imageIds=[{"imageDigest": digest}])["imageDetails"][0]
    assert image["imageTags"] == ["made-up"]
    assert _digest(ecr.batch_get_image(repositoryName="shop", imageIds=[{"imageTag": "made-up"}])["images"][0]["imageManifest"]) == digest
    later = process.control(emulated.state, "images", repository="shop", tag="second")["digest"]
    assert ecr.describe_images(repositoryName="shop", imageIds=[{"imageTag": "second"}])["imageDetails"][0]["imageDigest"] == later
    ecr.batch_delete_image(repositoryName="shop", imageIds=[{"imageDigest": digest}])
    assert [each["imageDigest"] for each in ecr.list_images(repositoryName="shop")["imageIds"]] == [later]


def test_the_token_of_the_registry(emulated: Emulated) -> None:
    data = emulated.client("ecr").get_authorization_token()["authorizationData"][0]
    assert base64.b64decode(data["authorizationToken"]).decode().startswith("AWS:")
    assert data["proxyEndpoint"] == "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com"
