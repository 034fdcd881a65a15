"""CloudWatch Logs as AWS has it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.roles import trust

GONE = ("ResourceNotFoundException", "The specified log group does not exist.")


def _now(emulated: Emulated) -> int:
    return int(time.time() * 1000)


def _events(emulated: Emulated, messages: list[str], stream: str = "web/1", group: str = "/shop") -> None:
    logs = emulated.client("logs")
    emulated.refused("logs", "create_log_group", logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    start = _now(emulated) - len(messages)
    batch = [{"timestamp": start + index, "message": message} for index, message in enumerate(messages)]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=batch)


def test_a_group_from_beginning_to_end(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    logs.create_log_group(logGroupName="/shop", tags={"a": "1"}, logGroupClass="STANDARD", deletionProtectionEnabled=True)
    assert emulated.refused("logs", "create_log_group", logGroupName="/shop")[0] == "ResourceAlreadyExistsException"
    logs.put_retention_policy(logGroupName="/shop", retentionInDays=30)
    group = logs.describe_log_groups(logGroupNamePrefix="/sh")["logGroups"][0]
    assert group["arn"] == "arn:aws:logs:eu-west-1:123456789012:log-group:/shop:*"
    assert group["logGroupArn"] == "arn:aws:logs:eu-west-1:123456789012:log-group:/shop"
    assert (group["retentionInDays"], group["logGroupClass"], group["deletionProtectionEnabled"]) == (30, "STANDARD", True)
    logs.delete_retention_policy(logGroupName="/shop")
    assert "retentionInDays" not in logs.describe_log_groups()["logGroups"][0]
    assert emulated.refused("logs", "delete_log_group", logGroupName="/shop")[0] == "ValidationException"
    logs.put_log_group_deletion_protection(logGroupIdentifier="/shop", deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName="/shop")
    assert emulated.refused("logs", "delete_log_group", logGroupName="/shop") == GONE
    assert emulated.refused("logs", "put_retention_policy", logGroupName="/shop", retentionInDays=1) == GONE
    assert emulated.refused("logs", "create_log_stream", logGroupName="/shop", logStreamName="a") == GONE
    assert emulated.refused("logs", "describe_log_streams", logGroupName="/shop") == GONE
    assert emulated.refused("logs", "filter_log_events", logGroupName="/shop") == GONE
    assert emulated.refused("logs", "list_tags_log_group", logGroupName="/shop") == GONE


def test_tags_by_name_and_by_arn(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    logs.create_log_group(logGroupName="/shop", tags={"a": "1"})
    arn = logs.describe_log_groups()["logGroups"][0]["logGroupArn"]
    logs.tag_log_group(logGroupName="/shop", tags={"b": "2"})
    logs.tag_resource(resourceArn=arn, tags={"c": "3"})
    logs.untag_log_group(logGroupName="/shop", tags=["a"])
    assert (
        logs.list_tags_for_resource(resourceArn=arn)["tags"]
        == logs.list_tags_log_group(logGroupName="/shop")["tags"]
        == {"b": "2", "c": "3"}
    )
    logs.untag_resource(resourceArn=arn, tagKeys=["b", "c"])
    assert logs.list_tags_for_resource(resourceArn=arn).get("tags", {}) == {}
    many = {f"k{number}": "" for number in range(50)}
    logs.tag_resource(resourceArn=arn, tags=many)
    assert emulated.refused("logs", "tag_resource", resourceArn=arn, tags={"more": ""})[0] == "TooManyTagsException"
    assert emulated.refused("logs", "list_tags_for_resource", resourceArn=arn + "x") == GONE


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        ("put_retention_policy", {"logGroupName": "/shop", "retentionInDays": 2}, "enum value set: [1, 3, 5, 7"),
        ("create_log_group", {"logGroupName": "aws/a"}, "reserved for AWS"),
        ("create_log_group", {"logGroupName": "a b"}, "regular expression"),
        ("create_log_group", {"logGroupName": "a" * 513}, "512"),
        ("create_log_group", {"logGroupName": "a", "logGroupClass": "CHEAP"}, "enum value set"),
        (
            "create_log_group",
            {"logGroupName": "a", "kmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/none"},
            "does not exist or is not allowed",
        ),
        ("create_log_group", {"logGroupName": "a", "tags": {"aws:a": "1"}}, "aws:"),
        ("describe_log_groups", {"logGroupNamePrefix": "a", "logGroupNamePattern": "a"}, "mutually exclusive"),
        ("describe_log_groups", {"limit": 51}, "less than or equal to 50"),
        ("describe_log_groups", {"nextToken": "x"}, "nextToken"),
        ("describe_log_streams", {"logGroupName": "/shop", "orderBy": "LastEventTime", "logStreamNamePrefix": "a"}, "LastEventTime"),
        ("describe_log_streams", {}, "Exactly one"),
        ("filter_log_events", {"logGroupName": "/shop", "filterPattern": "{ $.a = "}, "Invalid filter pattern"),
        ("filter_log_events", {"logGroupName": "/shop", "logStreamNames": ["a"], "logStreamNamePrefix": "a"}, "mutually exclusive"),
        ("get_log_events", {"logGroupName": "/shop", "logStreamName": "s", "nextToken": "x"}, "nextToken"),
        ("describe_metric_filters", {"metricName": "m"}, "specified together"),
        ("describe_metric_filters", {"metricNamespace": "n"}, "specified together"),
        ("list_tags_for_resource", {"resourceArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/a"}, "ARN"),
        ("tag_resource", {"resourceArn": "/shop", "tags": {"a": "b"}}, "ARN"),
    ],
)
def test_what_is_refused(emulated: Emulated, operation: str, params: dict[str, Any], words: str) -> None:
    logs = emulated.client("logs")
    logs.create_log_group(logGroupName="/shop")
    logs.create_log_stream(logGroupName="/shop", logStreamName="s")
    code, message = emulated.refused("logs", operation, **params)
    assert code == "InvalidParameterException"
    assert words in message


def test_a_key_must_admit_the_service(emulated: Emulated) -> None:
    kms, logs = emulated.client("kms"), emulated.client("logs")
    key = kms.create_key()["KeyMetadata"]
    assert emulated.refused("logs", "create_log_group", logGroupName="a", kmsKeyId=key["Arn"])[0] == "InvalidParameterException"
    statement = {"Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}, "Action": "kms:*", "Resource": "*"}
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    logs.create_log_group(logGroupName="a", kmsKeyId=key["Arn"])
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key["Arn"]
    logs.disassociate_kms_key(logGroupName="a")
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]
    logs.associate_kms_key(logGroupName="a", kmsKeyId=key["Arn"])
    kms.disable_key(KeyId=key["KeyId"])
    assert emulated.refused("logs", "associate_kms_key", logGroupName="a", kmsKeyId=key["Arn"])[0] == "InvalidParameterException"


def test_groups_and_streams_come_in_pages(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    for number in range(55):
        logs.create_log_group(logGroupName=f"g{number:02}")
    first = logs.describe_log_groups()
    assert len(first["logGroups"]) == 50
    assert len(logs.describe_log_groups(nextToken=first["nextToken"])["logGroups"]) == 5
    assert [group["logGroupName"] for group in logs.describe_log_groups(logGroupNamePattern="4")["logGroups"]] == [
        "g04", "g14", "g24", "g34", "g40", "g41", "g42", "g43", "g44", "g45", "g46", "g47", "g48", "g49", "g54",
    ]  # fmt: skip
    for name in ("a", "b", "c"):
        logs.create_log_stream(logGroupName="g00", logStreamName=name)
    assert emulated.refused("logs", "create_log_stream", logGroupName="g00", logStreamName="a")[0] == "ResourceAlreadyExistsException"
    logs.put_log_events(logGroupName="g00", logStreamName="b", logEvents=[{"timestamp": _now(emulated), "message": "m"}])
    streams = logs.describe_log_streams(logGroupName="g00", orderBy="LastEventTime", descending=True, limit=1)
    assert [stream["logStreamName"] for stream in streams["logStreams"]] == ["b"]
    assert streams["logStreams"][0]["lastEventTimestamp"] > 0
    assert "nextToken" in streams
    logs.delete_log_stream(logGroupName="g00", logStreamName="b")
    assert emulated.refused("logs", "get_log_events", logGroupName="g00", logStreamName="b") == (
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )


def test_reading_forward_ends_when_the_token_repeats(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    _events(emulated, [f"line {number}" for number in range(5)])
    which = {"logGroupName": "/shop", "logStreamName": "web/1"}
    seen: list[str] = []
    answer = logs.get_log_events(**which, startFromHead=True, limit=2)
    while answer["events"]:
        seen += [event["message"] for event in answer["events"]]
        answer = logs.get_log_events(**which, startFromHead=True, limit=2, nextToken=answer["nextForwardToken"])
    assert seen == [f"line {number}" for number in range(5)]
    token = answer["nextForwardToken"]
    assert logs.get_log_events(**which, startFromHead=True, nextToken=token)["nextForwardToken"] == token
    newest = logs.get_log_events(**which, limit=2)
    assert [event["message"] for event in newest["events"]] == ["line 3", "line 4"]
    older = logs.get_log_events(**which, limit=2, nextToken=newest["nextBackwardToken"])
    assert [event["message"] for event in older["events"]] == ["line 1", "line 2"]
    logs.put_log_events(**which, logEvents=[{"timestamp": _now(emulated) + 1000, "message": "new"}])
    assert [event["message"] for event in logs.get_log_events(**which, nextToken=token)["events"]] == ["new"]


def test_events_that_are_too_old_or_too_new_are_left_out(emulated: Emulated) -> None:
    logs, now, day = emulated.client("logs"), _now(emulated), 86_400_000
    logs.create_log_group(logGroupName="/shop")
    logs.create_log_stream(logGroupName="/shop", logStreamName="s")
    which = {"logGroupName": "/shop", "logStreamName": "s"}
    old = logs.put_log_events(**which, logEvents=[{"timestamp": now - 15 * day, "message": "a"}])
    assert old["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    new = logs.put_log_events(**which, logEvents=[{"timestamp": now, "message": "a"}, {"timestamp": now + 3 * 3_600_000, "message": "b"}])
    assert new["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    backwards = [{"timestamp": now, "message": "a"}, {"timestamp": now - 1, "message": "b"}]
    assert emulated.refused("logs", "put_log_events", **which, logEvents=backwards)[0] == "InvalidParameterException"
    wide = [{"timestamp": now - 2 * day, "message": "a"}, {"timestamp": now, "message": "b"}]
    assert "24 hours" in emulated.refused("logs", "put_log_events", **which, logEvents=wide)[1]
    large = [{"timestamp": now, "message": "a" * 1_048_576}]
    assert "Upload too large" in emulated.refused("logs", "put_log_events", **which, logEvents=large)[1]
    logs.put_retention_policy(logGroupName="/shop", retentionInDays=1)
    assert len(logs.get_log_events(**which)["events"]) == 1
    emulated.advance(2 * 86_400 * emulated.state.speed)
    assert logs.get_log_events(**which)["events"] == []


def test_filtering_over_streams(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    _events(emulated, ["INFO one", "ERROR two"], "web/1")
    _events(emulated, ["ERROR three", "INFO four"], "worker/1")

    def found(**wanted: Any) -> list[str]:
        emulated.advance(5)
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/shop", **wanted)
        return [event["message"] for page in pages for event in page["events"]]

    assert found(filterPattern="ERROR") == ["ERROR two", "ERROR three"] or found(filterPattern="ERROR") == ["ERROR three", "ERROR two"]
    assert found(logStreamNamePrefix="web") == ["INFO one", "ERROR two"]
    assert found(logStreamNames=["worker/1"], filterPattern="INFO") == ["INFO four"]
    assert sorted(found(PaginationConfig={"PageSize": 1})) == ["ERROR three", "ERROR two", "INFO four", "INFO one"]
    event = logs.filter_log_events(logGroupIdentifier="arn:aws:logs:eu-west-1:123456789012:log-group:/shop", limit=1)["events"][0]
    assert len({event["eventId"], event["logStreamName"]}) == 2
    assert found(startTime=event["timestamp"] + 10_000_000) == []
    assert emulated.refused("logs", "filter_log_events", logGroupName="/shop", logStreamNames=["no"])[0] == "ResourceNotFoundException"


def test_a_page_may_be_empty_before_the_end(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    _events(emulated, ["x"] * 9_999)
    _events(emulated, ["x", "needle"], "web/2")
    emulated.advance(5)
    first = logs.filter_log_events(logGroupName="/shop", filterPattern="needle")
    assert first["events"] == []
    last = logs.filter_log_events(logGroupName="/shop", filterPattern="needle", nextToken=first["nextToken"])
    assert [event["message"] for event in last["events"]] == ["needle"]
    assert "nextToken" not in last


def test_both_ends_of_a_range_are_in_it_and_late_lines_are_shown_when_they_come(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    _events(emulated, ["one", "two", "three"])
    first, _second, third = logs.filter_log_events(logGroupName="/shop")["events"]
    which = {"logGroupName": "/shop", "startTime": first["timestamp"], "endTime": third["timestamp"]}
    assert len(logs.filter_log_events(**which)["events"]) == 3
    page = logs.filter_log_events(**which, limit=2)
    late = [{"timestamp": first["timestamp"], "message": "late"}]
    logs.put_log_events(logGroupName="/shop", logStreamName="web/1", logEvents=late)
    # The token is beyond it already; who asks anew sees it between those of its time.
    assert [event["message"] for event in logs.filter_log_events(**which, nextToken=page["nextToken"])["events"]] == ["three"]
    emulated.advance(2)
    assert [event["message"] for event in logs.filter_log_events(**which)["events"]] == ["one", "late", "two", "three"]
    newest = logs.filter_log_events(**which, startFromHead=False, limit=2)
    rest = logs.filter_log_events(**which, nextToken=newest["nextToken"])
    assert [event["message"] for event in newest["events"] + rest["events"]] == ["three", "two", "late", "one"]
    assert emulated.refused("logs", "filter_log_events", logGroupName="/shop", startFromHead=False)[0] == "InvalidParameterException"
    emulated.advance(90_000 * 600)
    assert "nextToken" in emulated.refused("logs", "filter_log_events", **which, nextToken=page["nextToken"])[1]


def test_an_account_has_five_searches_in_a_second(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    _events(emulated, ["one"])
    answers = [emulated.refused("logs", "filter_log_events", logGroupName="/shop") for _number in range(20)]
    assert ("ThrottlingException", "Rate exceeded") in answers and answers[0] == ("", "")
    emulated.advance(2)
    assert len(logs.filter_log_events(logGroupName="/shop")["events"]) == 1


def test_groups_for_infrequent_access_are_not_searched(emulated: Emulated) -> None:
    emulated.client("logs").create_log_group(logGroupName="/rare", logGroupClass="INFREQUENT_ACCESS")
    assert emulated.refused("logs", "filter_log_events", logGroupName="/rare")[0] == "InvalidOperationException"


def test_metric_filters(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    logs.create_log_group(logGroupName="/shop")
    metric = {"metricName": "Errors", "metricNamespace": "shop", "metricValue": "1", "defaultValue": 0}
    which = {"logGroupName": "/shop", "filterName": "errors", "filterPattern": "{ $.status = 500 }"}
    logs.put_metric_filter(**which, metricTransformations=[metric])
    held = logs.describe_metric_filters(logGroupName="/shop", filterNamePrefix="err")["metricFilters"]
    assert [(each["filterPattern"], each["metricTransformations"]) for each in held] == [("{ $.status = 500 }", [metric])]
    assert logs.describe_metric_filters(metricName="Errors", metricNamespace="shop")["metricFilters"] == held
    assert logs.describe_log_groups()["logGroups"][0]["metricFilterCount"] == 1
    for wrong in (
        {"dimensions": {"a": "$.a"}},
        {"metricNamespace": "AWS/shop"},
        {"metricValue": "1" * 101},
        {"unit": "Apples"},
    ):
        code, _ = emulated.refused("logs", "put_metric_filter", **which, metricTransformations=[{**metric, **wrong}])
        assert code == "InvalidParameterException", wrong
    assert emulated.refused("logs", "put_metric_filter", **which, metricTransformations=[metric, metric])[0] == "InvalidParameterException"
    assert (
        emulated.refused("logs", "put_metric_filter", **{**which, "filterName": "a:b"}, metricTransformations=[metric])[0]
        == "InvalidParameterException"
    )
    logs.create_log_group(logGroupName="cheap", logGroupClass="INFREQUENT_ACCESS")
    assert emulated.refused("logs", "put_metric_filter", **{**which, "logGroupName": "cheap"}, metricTransformations=[metric]) == (
        "InvalidParameterException",
        "This operation is only supported on the Standard log class.",
    )
    tested = logs.test_metric_filter(filterPattern="{ $.status = 500 }", logEventMessages=['{"status": 500}', '{"status": 200}'])["matches"]
    assert tested == [{"eventNumber": 1, "eventMessage": '{"status": 500}', "extractedValues": {"$.status": "500"}}]
    logs.delete_metric_filter(logGroupName="/shop", filterName="errors")
    assert emulated.refused("logs", "delete_metric_filter", logGroupName="/shop", filterName="errors")[0] == "ResourceNotFoundException"


EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


def test_subscription_filters(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    logs.create_log_group(logGroupName="/shop")
    which = {"logGroupName": "/shop", "filterPattern": "", "destinationArn": "arn:aws:logs:eu-west-1:123456789012:destination:d"}
    for name in ("a", "b", "a"):
        logs.put_subscription_filter(**which, filterName=name)
    assert emulated.refused("logs", "put_subscription_filter", **which, filterName="c")[0] == "LimitExceededException"
    assert [each["filterName"] for each in logs.describe_subscription_filters(logGroupName="/shop")["subscriptionFilters"]] == ["a", "b"]
    function = {**which, "logGroupName": "/jobs", "filterName": "a", "destinationArn": "arn:aws:lambda:eu-west-1:123456789012:function:f"}
    logs.create_log_group(logGroupName="/jobs")
    assert "Could not execute the lambda function." in emulated.refused("logs", "put_subscription_filter", **function)[1]
    role = {"RoleName": "f", "AssumeRolePolicyDocument": trust("lambda.amazonaws.com")}
    arn = emulated.client("iam").create_role(**role)["Role"]["Arn"]
    functions = emulated.client("lambda")
    functions.create_function(FunctionName="f", Runtime="python3.13", Role=arn, Handler="f.f", Code={"ZipFile": EMPTY_ZIP})
    assert "Could not execute the lambda function." in emulated.refused("logs", "put_subscription_filter", **function)[1]
    functions.add_permission(FunctionName="f", StatementId="logs", Action="lambda:InvokeFunction", Principal="logs.amazonaws.com")
    logs.put_subscription_filter(**function)
    stream = {**which, "destinationArn": "arn:aws:kinesis:eu-west-1:123456789012:stream/s"}
    assert emulated.refused("logs", "put_subscription_filter", **stream, filterName="a")[0] == "InvalidParameterException"
    logs.delete_subscription_filter(logGroupName="/shop", filterName="a")
    assert emulated.refused("logs", "delete_subscription_filter", logGroupName="/shop", filterName="a")[0] == "ResourceNotFoundException"


def test_saved_queries_are_replaced_whole(emulated: Emulated) -> None:
    logs = emulated.client("logs")
    identity = logs.put_query_definition(name="errors", queryString="fields @message", logGroupNames=["/shop"])["queryDefinitionId"]
    logs.put_query_definition(name="errors", queryString="fields @timestamp", queryDefinitionId=identity)
    held = logs.describe_query_definitions(queryDefinitionNamePrefix="err")["queryDefinitions"]
    assert [(each["queryString"], each.get("logGroupNames", [])) for each in held] == [("fields @timestamp", [])]
    assert logs.delete_query_definition(queryDefinitionId=identity)["success"]
    assert emulated.refused("logs", "delete_query_definition", queryDefinitionId=identity)[0] == "ResourceNotFoundException"


def test_what_comes_later_is_unknown(emulated: Emulated) -> None:
    export = {"logGroupName": "/shop", "fromTime": 0, "to": 1, "destination": "bucket"}
    assert emulated.refused("logs", "create_export_task", **export)[0] == "UnknownOperationException"
