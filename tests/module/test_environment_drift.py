"""environment_record and environment_drift_info against the emulated S3 and CloudTrail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.walk import differences

BUCKET = "shop-production-releases-123456789012"


@pytest.fixture
def bucket(emulated: Emulated) -> str:
    emulated.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return BUCKET


def group(live: int, declared: int) -> dict[str, Any]:
    sides = {side: {"name": "/shop/web", "retention_days": days} for side, days in (("live", live), ("declared", declared))}
    return {**sides, "kind": "logs group", "name": "/shop/web", "changed": live != declared, "operations": [], "awaited": {}}


def test_record_again_and_change(emulated: Emulated, bucket: str) -> None:
    def run(days: int, **how: Any) -> dict[str, Any]:
        return emulated.run("environment_record", bucket=bucket, requested_by="anna", resources=[group(days, days)], **how)

    before = emulated.writes()
    assert not run(7, check=True)["changed"] and emulated.writes() == before
    first = run(7)
    assert not first["changed"] and differences("environment_record", first) == [] and first["record"]["requested_by"] == "anna"
    before = emulated.writes()
    assert run(7)["record"]["at"] == first["record"]["at"] and emulated.writes() == before
    run(30)
    kept = json.loads(emulated.client("s3").get_object(Bucket=bucket, Key="converged.json")["Body"].read())
    assert kept["resources"] == {"logs group /shop/web": {"name": "/shop/web", "retention_days": 30}}
    assert "record" not in emulated.run("environment_record", bucket=bucket)


def test_drift_with_and_without_a_record_and_who_it_was(emulated: Emulated, bucket: str) -> None:
    def run(**more: Any) -> dict[str, Any]:
        found = emulated.run("environment_drift_info", bucket=bucket, resources=[group(1, 7)], **more)
        assert not found["changed"] and differences("environment_drift_info", found) == []
        return dict(found["drift"])

    unknown = run()
    assert (unknown["result"], unknown["last_converged"], unknown["resources"][0]["fields"][0]["cause"]) == ("drift", None, "unknown")
    emulated.run("environment_record", bucket=bucket, requested_by="anna", resources=[group(7, 7)])
    emulated.client("logs").create_log_group(logGroupName="/shop/web")
    emulated.client("logs").put_retention_policy(logGroupName="/shop/web", retentionInDays=1)
    emulated.advance(900)
    known = run(events=True)
    (drifted,) = known["resources"]
    assert drifted["fields"] == [{"field": "retention_days", "declared": 7, "last_converged": 7, "live": 1, "cause": "aws"}]
    newest = drifted["events"][0]
    assert (newest["operation"], newest["by"], known["all_events"]) == ("PutRetentionPolicy", "user/moto", True)
    none = emulated.run("environment_drift_info", bucket=bucket, resources=[group(7, 7)])["drift"]
    assert none["result"] == "none" and none["resources"] == []
    refused = emulated.run("environment_drift_info", bucket=bucket, resources=[], refused=[{"task": "x", "message": "y"}])["drift"]
    assert refused["result"] == "drift"
