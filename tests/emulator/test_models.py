"""What AWS's own models forbid is refused in every service, with the service's code; no pattern is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.session
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import models, patterns
from tests.support.emulated import REGION, Emulated

# What each service says: to a wrong value, to an absent required member.
CODES = {
    "acm": ("ValidationException", "ValidationException"),
    "application-autoscaling": ("ValidationException", "ValidationException"),
    "cloudwatch": ("ValidationError", "ValidationError"),
    "cloudtrail": ("ValidationException", "ValidationException"),
    "codebuild": ("InvalidInputException", "InvalidInputException"),
    "codeconnections": ("ValidationException", "ValidationException"),
    "codedeploy": ("Invalid.*Exception|ValidationException", ".*RequiredException"),
    "codepipeline": ("ValidationException", "ValidationException"),
    "ec2": ("InvalidParameterValue", "MissingParameter"),
    "ecr": ("InvalidParameterException", "InvalidParameterException"),
    "ecs": ("InvalidParameterException|ClientException", "InvalidParameterException|ClientException"),
    "elbv2": ("ValidationError", "ValidationError"),
    "events": ("ValidationException", "ValidationException"),
    "iam": ("ValidationError", "ValidationError"),
    "kms": ("ValidationException", "ValidationException"),
    "lambda": ("ValidationException", "ValidationException"),
    "logs": ("InvalidParameterException", "InvalidParameterException"),
    "rds": ("InvalidParameterValue", "MissingParameter"),
    "route53": ("InvalidInput", "InvalidInput"),
    "s3": ("InvalidArgument|MalformedXML", "InvalidArgument|MalformedXML"),
    "scheduler": ("ValidationException", "ValidationException"),
    "secretsmanager": ("ValidationException", "ValidationException"),
    "servicediscovery": ("InvalidInput", "InvalidInput"),
    "sns": ("InvalidParameter", "InvalidParameter"),
    "sqs": ("InvalidParameterValue", "MissingParameter"),
    "ssm": ("ValidationException", "ValidationException"),
    "sts": ("ValidationError", "ValidationError"),
    "wafv2": ("ValidationException", "ValidationException"),
    "xray": ("InvalidRequestException", "InvalidRequestException"),
}
# What a service's model does not have in a place where a request of one wrong member can be made.
LACKS = {
    "codedeploy": {"length", "range"},
    "application-autoscaling": {"range"},
    "ecs": {"length", "range"},
    "s3": {"length", "range"},
    "sns": {"enum", "length"},
    "sqs": {"enum", "length", "range"},
    "sts": {"enum"},
    "secretsmanager": {"enum"},
    "codebuild": {"length"},
    "elbv2": {"length"},
    "rds": {"length"},
    "ec2": {"length"},
}
# Operations that are addressed to a service of another name.
ELSEWHERE = {"ListDirectoryBuckets"}


@pytest.mark.parametrize("service", CODES)
def test_every_pattern_is_understood(service: str) -> None:
    model = botocore.session.get_session().get_service_model(service)
    shapes = [model.shape_for(name) for name in model.shape_names]
    for text in {shape.metadata["pattern"] for shape in shapes if "pattern" in shape.metadata}:
        patterns.matches(text, "x")


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", ["né à 1", "東京", ""], ["a!", "a\n"]),
        (r"[\w-_]*", ["a-b_c"], ["é", "a b"]),
        (r"\p{ASCII}+", ["a b"], ["é"]),
        (r"^(range|count|sum)", ["range(1)"], ["x range"]),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", ["a\n\U0001f600"], ["\x00"]),
        (r"[a-z]+", ["abc"], ["abc\n", "abcD"]),
    ],
)
def test_patterns_mean_what_they_mean_in_java(pattern: str, yes: list[str], no: list[str]) -> None:
    assert all(patterns.matches(pattern, value) for value in yes)
    assert not any(patterns.matches(pattern, value) for value in no)


def _filler(shape: Any, depth: int = 0) -> Any:
    """The smallest value of a shape, its pattern not looked at."""
    if shape.type_name == "structure":
        return {name: _filler(shape.members[name], depth + 1) for name in shape.required_members} if depth < 6 else {}
    if shape.type_name == "list":
        return [_filler(shape.member, depth + 1) for _ in range(shape.metadata.get("min", 1))]
    if shape.type_name == "map":
        return {}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "a" * max(shape.metadata.get("min", 1), 1)
    low = shape.metadata.get("min", 0)
    return {"boolean": True, "blob": b"a" * (low or 1), "timestamp": 0}.get(shape.type_name, low)


def _wrong(shape: Any) -> Iterator[tuple[str, Any]]:
    if shape.type_name == "string" and shape.enum:
        yield "enum", "no-such-value"
    elif shape.type_name == "string" and shape.metadata.get("max", 10**6) < 5000:
        yield "length", "a" * (shape.metadata["max"] + 1)
    elif shape.type_name in ("integer", "long") and shape.metadata.get("max", 2**40) < 2**31 - 1:
        yield "range", shape.metadata["max"] + 1
    elif shape.type_name in ("integer", "long") and shape.metadata.get("min", 0) > 0:
        yield "range", shape.metadata["min"] - 1


def _requests(service: str, kind: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Requests of which exactly one top-level member is wrong in this way."""
    model = botocore.session.get_session().get_service_model(service)
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        if shape is None or model.operation_model(operation).deprecated or operation in ELSEWHERE:
            continue
        base = _filler(shape)
        if service == "ec2" and ("{}" in repr(base) or "[]" in repr(base)):
            continue  # what is empty is nothing at all in EC2's query
        checked_by_boto3 = model.operation_model(operation).http_checksum.get("requestAlgorithmMember")
        for name, member in shape.members.items():
            if name == checked_by_boto3:
                continue
            if kind == "absent":
                wrongs = [("absent", None)] if name in shape.required_members and "location" not in member.serialization else []
            else:
                wrongs = [each for each in _wrong(member) if each[0] == kind]
            for _, value in wrongs:
                request = {**base, name: value}
                found = list(models.problems(shape, request, service=service))
                if [problem.path.lower() for problem in found] == [name.lower()]:
                    yield operation, name, request if value is not None else {key: item for key, item in request.items() if key != name}


@pytest.mark.parametrize("service", CODES)
@pytest.mark.parametrize("kind", ["enum", "length", "range", "absent"])
def test_a_wrong_member_is_refused(emulated: Emulated, service: str, kind: str) -> None:
    wrong, absent = CODES[service]
    requests = list(_requests(service, kind))[:: 5 if service == "ec2" else 1][:6]
    if not requests:
        assert kind in LACKS.get(service, set())
    for operation, name, request in requests:
        with pytest.raises(ClientError) as refused:
            getattr(_client(emulated, service), xform_name(operation))(**request)
        error = refused.value.response["Error"]
        assert re.fullmatch(absent if kind == "absent" else wrong, error["Code"]), (operation, name, error)
        assert name.lower() in error["Message"].lower()


def _client(emulated: Emulated, service: str) -> Any:
    config = Config(retries={"max_attempts": 0}, parameter_validation=False, s3={"addressing_style": "path"}, inject_host_prefix=False)
    return boto3.client(
        service, region_name=REGION, endpoint_url=emulated.state.url, aws_access_key_id="EMULATOR", aws_secret_access_key="x", config=config
    )


@pytest.mark.parametrize(
    ("service", "operation", "params", "words"),
    [
        ("ecs", "create_service", {"serviceName": 5}, "NUMBER_VALUE cannot be converted to String"),
        ("ecs", "create_service", {"serviceName": "a", "desiredCount": "1"}, "STRING_VALUE cannot be converted to Integer"),
        ("ecs", "create_service", {"serviceName": "a", "desiredCount": True}, "TRUE_VALUE cannot be converted to Integer"),
        ("ecs", "create_service", {"serviceName": "a", "enableExecuteCommand": "yes"}, "STRING_VALUE cannot be converted to Boolean"),
        ("ecs", "describe_services", {"services": [1]}, "NUMBER_VALUE cannot be converted to String"),
        ("ecs", "create_cluster", {"tags": [{"key": {"a": 1}}]}, "Start of structure or map found where not expected."),
        ("xray", "create_sampling_rule", {"SamplingRule": {"Priority": "1"}}, "STRING_VALUE cannot be converted to Integer"),
        ("logs", "create_log_group", {"logGroupName": True}, "TRUE_VALUE cannot be converted to String"),
    ],
)
def test_a_value_of_another_type_cannot_be_read(emulated: Emulated, service: str, operation: str, params: Any, words: str) -> None:
    assert emulated.refused(service, operation, **params) == ("SerializationException", words)


def test_a_number_is_due_in_a_query(emulated: Emulated) -> None:
    code, _ = emulated.refused("rds", "create_db_instance", DBInstanceIdentifier="a", DBInstanceClass="b", Engine="c", AllocatedStorage="x")
    assert code == "InvalidParameterValue"
    assert emulated.refused("ec2", "describe_subnets", MaxResults="x")[0] == "InvalidParameterValue"


def test_the_message_is_as_aws_words_it(emulated: Emulated) -> None:
    _, message = emulated.refused("logs", "create_log_group", logGroupName="a b")
    assert message == (
        "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+"
    )
    _, message = emulated.refused("ecr", "create_repository", repositoryName="a")
    assert message == "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must have length greater than or equal to 2'"


def test_a_secret_is_not_repeated(emulated: Emulated) -> None:
    _, message = emulated.refused("secretsmanager", "put_secret_value", SecretId="a", SecretString="", ClientRequestToken="x" * 10)
    assert "x" * 10 in message
    _, message = emulated.refused("ssm", "put_parameter", Name="", Value="hidden", Type="No")
    assert "hidden" not in message


def test_unknown_members_are_ignored(emulated: Emulated) -> None:
    """botocore sends only what it knows, so the request is written by hand."""
    import json
    import urllib.request

    headers = {
        "X-Amz-Target": "Logs_20140328.CreateLogGroup",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": "AWS4-HMAC-SHA256 Credential=EMULATOR/20200101/eu-west-1/logs/aws4_request, SignedHeaders=host, Signature=x",
    }
    body = json.dumps({"logGroupName": "a", "somethingNew": {"b": 1}}).encode()
    with urllib.request.urlopen(urllib.request.Request(emulated.state.url, body, headers), timeout=60) as reply:
        assert reply.status == 200
    assert emulated.client("logs").describe_log_groups()["logGroups"][0]["logGroupName"] == "a"
