"""CloudTrail's event history: the writes, late, without secrets, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.emulated import Emulated

WRITES = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]


@pytest.fixture
def emulated(tmp_path: Path) -> Emulated:
    started = Emulated.start(tmp_path / "state.json")
    yield started
    started.stop()


def test_a_write_is_seen_a_quarter_of_an_hour_later(emulated: Emulated) -> None:
    logs, trail = emulated.client("logs"), emulated.client("cloudtrail")
    logs.create_log_group(logGroupName="/shop/web")
    logs.describe_log_groups()
    assert trail.lookup_events(LookupAttributes=WRITES)["Events"] == []
    emulated.advance(900)
    (event,) = trail.lookup_events(LookupAttributes=WRITES)["Events"]
    detail = json.loads(event["CloudTrailEvent"])
    assert (event["EventName"], event["EventSource"], event["Username"]) == ("CreateLogGroup", "logs.amazonaws.com", "moto")
    assert detail["requestParameters"] == {"logGroupName": "/shop/web"}
    assert detail["userIdentity"]["arn"] == "arn:aws:iam::123456789012:user/moto"
    by_name = [{"AttributeKey": "EventName", "AttributeValue": "DeleteLogGroup"}]
    assert trail.lookup_events(LookupAttributes=by_name)["Events"] == []


def test_refused_writes_have_their_code_global_services_are_in_one_region_and_secrets_are_hidden(emulated: Emulated) -> None:
    emulated.refused("logs", "delete_log_group", logGroupName="/none")
    emulated.client("ssm").put_parameter(Name="/shop/key", Type="SecureString", Value="very secret")
    emulated.client("iam").create_user(UserName="anna")
    emulated.client("s3").create_bucket(Bucket="shop", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    emulated.client("s3").put_object(Bucket="shop", Key="data", Body=b"x")
    emulated.advance(900)
    here = emulated.client("cloudtrail").lookup_events()["Events"]
    assert [event["EventName"] for event in here] == ["CreateBucket", "PutParameter", "DeleteLogGroup"]
    assert json.loads(here[2]["CloudTrailEvent"])["errorCode"] == "ResourceNotFoundException"
    assert "very secret" not in json.dumps(here, default=str) and "HIDDEN_DUE_TO_SECURITY_REASONS" in here[1]["CloudTrailEvent"]
    there = emulated.client("cloudtrail", region="us-east-1").lookup_events()["Events"]
    assert [event["EventName"] for event in there] == ["CreateUser"]


def test_pages_of_fifty_the_newest_first(emulated: Emulated) -> None:
    logs, trail = emulated.client("logs"), emulated.client("cloudtrail")
    for number in range(53):
        logs.create_log_group(logGroupName=f"/shop/{number}")
    emulated.advance(900)
    first = trail.lookup_events()
    second = trail.lookup_events(NextToken=first["NextToken"])
    assert (len(first["Events"]), len(second["Events"]), "NextToken" in second) == (50, 3, False)
    assert "/shop/52" in first["Events"][0]["CloudTrailEvent"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"LookupAttributes": [*WRITES, {"AttributeKey": "EventName", "AttributeValue": "x"}]}, "InvalidLookupAttributesException"),
        ({"StartTime": 2000, "EndTime": 1000}, "InvalidTimeRangeException"),
    ],
)
def test_refusals(emulated: Emulated, asked: dict[str, object], code: str) -> None:
    assert emulated.refused("cloudtrail", "lookup_events", **asked)[0] == code
