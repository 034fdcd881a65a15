"""Conditional writes of the emulated S3: a lock and a numbered record depend on them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.emulated import REGION, Emulated

NAME, KEY = "shop-releases", "lock.json"
LOCK = {"Bucket": NAME, "Key": KEY}


@pytest.fixture(params=["plain", "versioned"])
def s3(request: pytest.FixtureRequest, emulated: Emulated) -> Any:
    client = emulated.client("s3")
    client.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    if request.param == "versioned":
        client.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    return client


def test_an_object_is_created_once_and_replaced_only_by_who_has_seen_it(emulated: Emulated, s3: Any) -> None:
    first = s3.put_object(**LOCK, Body=b"1", IfNoneMatch="*")["ETag"]
    assert emulated.refused("s3", "put_object", **LOCK, Body=b"2", IfNoneMatch="*")[0] == "PreconditionFailed"
    second = s3.put_object(**LOCK, Body=b"2", IfMatch=first)["ETag"]
    assert emulated.refused("s3", "put_object", **LOCK, Body=b"3", IfMatch=first)[0] == "PreconditionFailed"
    (listed,) = s3.list_objects_v2(Bucket=NAME)["Contents"]
    assert s3.get_object(**LOCK)["Body"].read() == b"2"
    assert {listed["ETag"], s3.get_object(**LOCK)["ETag"], s3.head_object(**LOCK)["ETag"]} == {second}


def test_it_is_deleted_only_by_who_has_seen_it_and_then_there_is_none(emulated: Emulated, s3: Any) -> None:
    old = s3.put_object(**LOCK, Body=b"1")["ETag"]
    new = s3.put_object(**LOCK, Body=b"2")["ETag"]
    assert emulated.refused("s3", "delete_object", **LOCK, IfMatch=old)[0] == "PreconditionFailed"
    several = {"Objects": [{"Key": KEY, "ETag": old}, {"Key": "other"}]}
    answer = s3.delete_objects(Bucket=NAME, Delete=several)
    assert [(item["Key"], item["Code"]) for item in answer["Errors"]] == [(KEY, "PreconditionFailed")]
    assert [item["Key"] for item in answer["Deleted"]] == ["other"]
    s3.delete_object(**LOCK, IfMatch=new)
    for operation, more in (("delete_object", {}), ("put_object", {"Body": b"3"})):
        assert emulated.refused("s3", operation, **LOCK, **more, IfMatch=new)[0] == "NoSuchKey"
    s3.put_object(**LOCK, Body=b"3", IfNoneMatch="*")


@pytest.mark.parametrize("condition", [{"IfNoneMatch": '"0"'}, {"IfNoneMatch": "*", "IfMatch": '"0"'}])
def test_conditions_that_s3_does_not_know(emulated: Emulated, s3: Any, condition: dict[str, str]) -> None:
    words = ("NotImplemented", "A header you provided implies functionality that is not implemented")
    assert emulated.refused("s3", "put_object", **LOCK, Body=b"", **condition) == words


@pytest.mark.parametrize("condition", [{"IfNoneMatch": "*"}, {"IfMatch": '"0"'}])
def test_copies_and_uploads_have_conditions_too(emulated: Emulated, s3: Any, condition: dict[str, str]) -> None:
    s3.put_object(**LOCK, Body=b"1")
    s3.put_object(Bucket=NAME, Key="other", Body=b"2")
    upload = {**LOCK, "UploadId": s3.create_multipart_upload(**LOCK)["UploadId"]}
    part = {"ETag": s3.upload_part(**upload, PartNumber=1, Body=b"2")["ETag"], "PartNumber": 1}
    assert emulated.refused("s3", "copy_object", **LOCK, CopySource=f"{NAME}/other", **condition)[0] == "PreconditionFailed"
    refused = emulated.refused("s3", "complete_multipart_upload", **upload, MultipartUpload={"Parts": [part]}, **condition)
    assert refused[0] == "PreconditionFailed"
    assert s3.get_object(**LOCK)["Body"].read() == b"1"


@pytest.mark.parametrize("replaces", [False, True])
def test_of_ten_at_once_one_wins(emulated: Emulated, s3: Any, replaces: bool) -> None:
    condition = {"IfMatch": s3.put_object(**LOCK, Body=b"")["ETag"]} if replaces else {"IfNoneMatch": "*"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda number: emulated.refused("s3", "put_object", **LOCK, Body=b"%d" % number, **condition)[0], range(10))
        )
    assert sorted(answers) == ["", *["PreconditionFailed"] * 9]
    assert s3.get_object(**LOCK)["Body"].read() == b"%d" % answers.index("")
