"""Connections, bodies and refusals in each of AWS's protocols."""

from __future__ import annotations

import http.client
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlparse

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.emulated import REGION, Emulated


@pytest.mark.parametrize(
    ("service", "operation", "params", "protocol"),
    [
        ("ssm", "describe_ops_items", {}, "json"),
        ("rds", "describe_tenant_databases", {}, "query"),
        ("ec2", "describe_trunk_interface_associations", {}, "ec2"),
        ("route53", "list_cidr_collections", {}, "rest-xml"),
        ("lambda", "list_capacity_providers", {}, "rest-json"),
    ],
)
def test_an_unknown_operation_is_named_and_not_tried_again(
    emulated: Emulated, service: str, operation: str, params: dict[str, Any], protocol: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(emulated.client(service), operation)(**params)
    error = refused.value.response
    assert error["Error"]["Code"] == "UnknownOperationException", protocol
    assert operation.replace("_", "") in error["Error"]["Message"].lower()
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400


def _raw(emulated: Emulated, method: str, headers: dict[str, str], body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlparse(emulated.state.url).netloc, timeout=60)
    connection.request(method, "/", body, headers)
    reply = connection.getresponse()
    return reply.status, dict(reply.getheaders()), reply.read()


def _signed(service: str) -> dict[str, str]:
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential=EMULATOR/20200101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=x"
    }


@pytest.mark.parametrize(
    ("service", "headers", "body", "part"),
    [
        ("ecs", {"X-Amz-Target": "AmazonEC2ContainerServiceV20141113.Fly"}, b"{}", b'"__type": "UnknownOperationException"'),
        ("rds", {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=Fly", b"<Code>UnknownOperationException</Code>"),
        ("ec2", {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=Fly", b"<Response><Errors><Error>"),
        ("nothing", {"X-Amz-Target": "Nothing.Fly"}, b"{}", b'"__type": "UnknownServiceException"'),
        ("ecs", {"X-Amz-Target": "X.ListClusters"}, b"not json", b'"__type": "SerializationException"'),
    ],
)
def test_what_nobody_answers_is_refused_in_the_protocol_of_its_sender(
    emulated: Emulated, service: str, headers: dict[str, str], body: bytes, part: bytes
) -> None:
    status, _, answer = _raw(emulated, "POST", {**_signed(service), **headers}, body)
    assert status == 400
    assert part in answer
    if b"Fly" in body or "Fly" in str(headers):
        assert b"Fly" in answer or service == "nothing"


def test_cbor_is_refused_in_cbor(emulated: Emulated) -> None:
    status, headers, body = _raw(emulated, "POST", {**_signed("codedeploy"), "smithy-protocol": "rpc-v2-cbor"}, b"\xa0")
    assert status == 400
    assert headers["smithy-protocol"] == "rpc-v2-cbor"
    from botocore.parsers import create_parser

    lower = {name.lower(): value for name, value in headers.items()}
    parsed = create_parser("smithy-rpc-v2-cbor").parse({"status_code": 400, "headers": lower, "body": body}, None)
    assert parsed["Error"]["Code"] == "UnsupportedProtocolException"
    assert "JSON" in parsed["Error"]["Message"]


def test_an_unknown_service_is_named(emulated: Emulated) -> None:
    config = Config(retries={"max_attempts": 0})
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    client = boto3.client("ecs", region_name=REGION, endpoint_url=emulated.state.url, config=config, **keys)
    client._request_signer._signing_name = "teleport"
    with pytest.raises(ClientError, match="teleport") as refused:
        client.list_clusters()
    assert refused.value.response["Error"]["Code"] == "UnknownServiceException"


def test_a_connection_is_kept(emulated: Emulated) -> None:
    connection = http.client.HTTPConnection(urlparse(emulated.state.url).netloc, timeout=60)
    sockets = set()
    for _ in range(3):
        connection.request(
            "POST", "/", b"{}", {**_signed("ecs"), "X-Amz-Target": "X.ListClusters", "Content-Type": "application/x-amz-json-1.1"}
        )
        reply = connection.getresponse()
        assert reply.status == 200
        reply.read()
        assert connection.sock is not None
        sockets.add(connection.sock.getsockname())
    assert len(sockets) == 1


def test_s3_takes_streams_and_answers_head(emulated: Emulated) -> None:
    s3 = emulated.client("s3")
    s3.create_bucket(Bucket="bucket-a", CreateBucketConfiguration={"LocationConstraint": REGION})
    data = bytes(range(256)) * 4096
    s3.put_object(Bucket="bucket-a", Key="a/b", Body=data, ContentType="text/plain")
    s3.upload_fileobj(io.BytesIO(data), "bucket-a", "c")
    assert s3.head_object(Bucket="bucket-a", Key="a/b")["ContentLength"] == len(data)
    assert s3.get_object(Bucket="bucket-a", Key="c")["Body"].read() == data
    chunks = (data[start : start + 1000] for start in range(0, 10_000, 1000))
    connection = http.client.HTTPConnection(urlparse(emulated.state.url).netloc, timeout=60)
    connection.request("PUT", "/bucket-a/chunked", chunks, _signed("s3"), encode_chunked=True)
    reply = connection.getresponse()
    reply.read()
    assert reply.status == 200
    assert s3.get_object(Bucket="bucket-a", Key="chunked")["Body"].read() == data[:10_000]
    with pytest.raises(ClientError) as refused:
        s3.head_object(Bucket="bucket-a", Key="absent")
    assert refused.value.response["Error"]["Code"] == "404"


def test_sixteen_clients_at_once(emulated: Emulated) -> None:
    logs = emulated.client("logs")

    def create(number: int) -> int:
        logs.create_log_group(logGroupName=f"group-{number}")
        return int(logs.describe_log_groups(logGroupNamePrefix=f"group-{number}")["ResponseMetadata"]["HTTPStatusCode"])

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(create, range(64))) == {200}
    pages = logs.get_paginator("describe_log_groups").paginate()
    assert sum(len(page["logGroups"]) for page in pages) == 64


def test_accounts_and_unsigned_requests(emulated: Emulated) -> None:
    assert emulated.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert emulated.client("sts", account="210987654321").get_caller_identity()["Account"] == "210987654321"
    token = {"RoleArn": "arn:aws:iam::123456789012:role/a", "RoleSessionName": "session", "WebIdentityToken": "abcdef"}
    assert emulated.client("sts").assume_role_with_web_identity(**token)["Credentials"]
