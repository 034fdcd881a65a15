"""codepipeline_step against the emulated S3."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._pipeline import archive
from tests.support.emulated import REGION, Emulated
from tests.support.walk import differences

BUCKET = "shop-local-artifacts-123456789012"


@pytest.fixture
def s3(emulated: Emulated) -> Any:
    client = emulated.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def run(emulated: Emulated, check: bool = False) -> dict[str, Any]:
    return emulated.run("codepipeline_step", check=check, bucket=BUCKET)


def test_check_create_again_repair(emulated: Emulated, s3: Any) -> None:
    before = emulated.writes()
    predicted = run(emulated, check=True)
    assert predicted["changed"] and emulated.writes() == before
    stored = run(emulated)
    assert stored["changed"] and stored["step"] == predicted["step"] and differences("codepipeline_step", stored) == []
    body = s3.get_object(Bucket=BUCKET, Key=stored["step"]["key"])["Body"].read()
    assert hashlib.sha256(body).hexdigest() == stored["step"]["sha256"] and stored["step"]["key"] == f"steps/{stored['step']['sha256']}.pyz"
    assert body == archive.build(archive.installed).body, "what Ansible sends to the module is what is in the collection"
    before = emulated.writes()
    assert not run(emulated)["changed"] and emulated.writes() == before
    s3.put_object(Bucket=BUCKET, Key=stored["step"]["key"], Body=b"something else")
    assert run(emulated)["changed"]
    assert s3.get_object(Bucket=BUCKET, Key=stored["step"]["key"])["Body"].read() == body


def test_without_a_bucket_it_is_predicted_and_not_stored(emulated: Emulated) -> None:
    assert run(emulated, check=True)["changed"]
    assert "NoSuchBucket" in run(emulated)["msg"]
