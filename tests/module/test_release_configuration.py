"""release_configuration against the emulated S3."""

import json
from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.walk import differences

BUCKET = "shop-production-releases-123456789012"
WEB = {"load_balancers": [{"container_name": "web", "container_port": 3000}], "platform_version": "LATEST", "health_check": {"path": "/up"}}


@pytest.fixture
def bucket(emulated: Emulated) -> str:
    emulated.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return BUCKET


def run(emulated: Emulated, check: bool = False, **processes: Any) -> dict[str, Any]:
    return emulated.run("release_configuration", check=check, bucket=BUCKET, processes=processes)


def test_check_create_again_change(emulated: Emulated, bucket: str) -> None:
    before = emulated.writes()
    predicted = run(emulated, check=True, web=WEB)
    assert predicted["changed"] and predicted["configuration"] == {"web": WEB} and emulated.writes() == before
    created = run(emulated, web=WEB)
    assert created["changed"] and differences("release_configuration", created) == []
    kept = emulated.client("s3").get_object(Bucket=bucket, Key="configuration.json")
    assert json.loads(kept["Body"].read()) == {"web": WEB}
    assert not run(emulated, web=WEB)["changed"]
    changed = run(emulated, web={**WEB, "platform_version": "1.4.0"})
    assert (
        changed["diff"]["before"]["web"]["platform_version"] == "LATEST" and changed["configuration"]["web"]["platform_version"] == "1.4.0"
    )


def test_without_a_bucket_it_is_predicted_and_not_kept(emulated: Emulated) -> None:
    assert run(emulated, check=True, web=WEB)["changed"]
    assert "site.yml makes it" in run(emulated, web=WEB)["msg"] or "NoSuchBucket" in run(emulated, web=WEB)["msg"]
