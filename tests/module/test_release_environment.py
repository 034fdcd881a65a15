"""release_environment against the emulated S3."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._pipeline import described
from tests.support.emulated import REGION, Emulated
from tests.support.names import names, option
from tests.support.walk import differences

WANTED: dict[str, Any] = {
    "processes": {"web": {"min": 2}, "worker": {"min": 1}},
    "smoke": {"port": 8080, "path": "/up"},
    "traffic": {"shift": "canary", "percent": 10, "minutes": 5},
    "protected": False,
}


@pytest.fixture
def bucket(emulated: Emulated) -> str:
    bucket: str = names().bucket
    emulated.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return bucket


def run(emulated: Emulated, check: bool = False, **options: Any) -> dict[str, Any]:
    return emulated.run("release_environment", check=check, names=option(), **{**WANTED, **options})


def test_check_create_again_change(emulated: Emulated, bucket: str) -> None:
    before = emulated.writes()
    predicted = run(emulated, check=True)
    assert predicted["changed"] and emulated.writes() == before
    created = run(emulated)
    assert created["changed"] and created["environment"] == predicted["environment"]
    assert differences("release_environment", created) == []
    assert not run(emulated)["changed"]
    changed = run(emulated, engine="ecs")
    assert changed["diff"]["before"]["engine"] == "codedeploy" and changed["diff"]["after"]["engine"] == "ecs"
    env, how = described.read(emulated.client("s3"), bucket)
    assert (env.engine, env.protected, env.traffic["minutes"], env.smoke["path"]) == ("ecs", False, 5, "/up")  # type: ignore[index]
    assert env.names.bucket == bucket and how == {"timeouts": {}, "lock_timeout": 2400}


def test_without_a_bucket_it_is_predicted_and_not_kept(emulated: Emulated) -> None:
    assert run(emulated, check=True)["changed"]
    assert "NoSuchBucket" in run(emulated)["msg"]
