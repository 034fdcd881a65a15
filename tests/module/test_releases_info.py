"""releases_info against the emulated S3."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._release import record
from tests.support import written
from tests.support.emulated import REGION, Emulated
from tests.support.walk import differences

BUCKET = "shop-production-releases-123456789012"


@pytest.fixture
def s3(emulated: Emulated) -> Any:
    client = emulated.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def run(emulated: Emulated, **params: Any) -> dict[str, Any]:
    return emulated.run("releases_info", **{"bucket": BUCKET, **params})


def numbers(result: dict[str, Any]) -> list[int]:
    return [release["number"] for release in result["releases"]]


def test_releases_are_listed_newest_first(emulated: Emulated, s3: Any) -> None:
    assert run(emulated)["releases"] == []
    for name in ("deborah", "pipeline", "tom"):
        opened = record.open_release(s3, BUCKET, requested_by=name, image="shop@sha256:11", task_definitions={"web": "arn:1"})
        record.update(s3, BUCKET, opened, **record.entered(opened.value, "migrate"), destructive_migrations=["20260131"])
    read = run(emulated)
    assert not read["changed"] and differences("releases_info", read) == []
    assert numbers(read) == [3, 2, 1] and read["releases"][0]["requested_by"] == "tom" and read["releases"][0]["stage"] == "migrate"
    assert numbers(run(emulated, limit=2)) == [3, 2]
    assert numbers(run(emulated, number=2)) == [2] and numbers(run(emulated, number=9)) == []
    assert numbers(run(emulated, limit=0)) == [3, 2, 1]


@pytest.mark.parametrize("version", written.VERSIONS)
def test_what_an_earlier_version_has_written_is_read(emulated: Emulated, s3: Any, version: str) -> None:
    for key, value in written.objects(version).items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(value).encode())
    read = run(emulated)
    assert differences("releases_info", read) == [] and numbers(read) == [2, 1]
    assert [release["status"] for release in read["releases"]] == ["succeeded", "succeeded"]


def test_missing_bucket_and_wrong_limit_are_errors(emulated: Emulated) -> None:
    assert "there is no bucket" in run(emulated)["msg"]
    assert "limit is -1; it must be 0" in run(emulated, limit=-1)["msg"]
