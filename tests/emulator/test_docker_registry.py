"""The registry's own protocol: what docker, buildah and podman push, is in ECR, and what they are refused has the protocol's codes."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import ssl
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from emulator import process
from tests.support import images
from tests.support.emulated import REGION, Emulated

HOST = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
CONFIG, LAYER = b"{}", b"files" * 1000


class Client:
    """What docker sends, over TLS and by the emulator as a proxy."""

    def __init__(self, emulated: Emulated) -> None:
        self.proxy = urlsplit(emulated.state.url)
        self.trusted = ssl.create_default_context(cadata=process.control(emulated.state, "certificate")["pem"])
        self.signed: dict[str, str] = {}

    def sign_in(self, ecr: Any) -> None:
        token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        self.signed = {"Authorization": f"Basic {token}"}

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPSConnection(str(self.proxy.hostname), self.proxy.port, context=self.trusted)
        connection.set_tunnel(HOST, 443)
        try:
            connection.request(method, path, body, {**self.signed, **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()
        finally:
            connection.close()

    def upload(self, data: bytes, digest: str = "") -> int:
        _, headers, _ = self.ask("POST", "/v2/shop/blobs/uploads/")
        _, headers, _ = self.ask("PATCH", headers["Location"], data)
        assert headers["Range"] == f"0-{len(data) - 1}"
        return self.ask("PUT", f"{headers['Location']}&digest={digest or images.digest(data)}")[0]

    def code(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        status, _, said = self.ask(method, path, body, **headers)
        return status, json.loads(said)["errors"][0]["code"]


@pytest.fixture
def client(emulated: Emulated) -> Client:
    ecr = emulated.client("ecr")
    ecr.create_repository(repositoryName="shop", imageTagMutability="IMMUTABLE")
    made = Client(emulated)
    made.sign_in(ecr)
    return made


def manifest(layer: bytes = LAYER) -> bytes:
    described = [{"mediaType": "x", "digest": images.digest(data), "size": len(data)} for data in (CONFIG, layer)]
    return json.dumps({"schemaVersion": 2, "mediaType": images.DOCKER, "config": described[0], "layers": described[1:]}).encode()


def test_what_is_pushed_is_an_image_and_comes_back(emulated: Emulated, client: Client) -> None:
    path = f"/v2/shop/blobs/{images.digest(LAYER)}"
    assert client.ask("GET", "/v2/")[0] == 200 and client.ask("HEAD", path)[0] == 404
    assert [client.upload(data) for data in (CONFIG, LAYER, LAYER)] == [201, 201, 201]
    assert client.ask("HEAD", path)[1]["Content-Length"] == str(len(LAYER))
    kind = {"Content-Type": images.DOCKER}
    assert [client.ask("PUT", "/v2/shop/manifests/v1", manifest(), **kind)[0] for _ in range(2)] == [201, 201]
    (image,) = emulated.client("ecr").describe_images(repositoryName="shop")["imageDetails"]
    assert (image["imageTags"], image["imageDigest"]) == (["v1"], "sha256:" + hashlib.sha256(manifest()).hexdigest())

    status, headers, body = client.ask("GET", "/v2/shop/manifests/v1")
    assert (status, headers["Docker-Content-Digest"], body) == (200, image["imageDigest"], manifest())
    status, headers, _ = client.ask("GET", path)
    assert status == 307 and headers["Location"].startswith(emulated.state.url)


def test_refusals_have_the_codes_of_the_protocol(emulated: Emulated, client: Client) -> None:
    assert [client.upload(data) for data in (CONFIG, LAYER, b"other")] == [201, 201, 201]
    assert client.upload(b"whatever", images.digest(b"else")) == 400
    assert client.ask("PUT", "/v2/shop/manifests/v1", manifest())[0] == 201
    assert client.code("PUT", "/v2/shop/manifests/v1", manifest(b"other")) == (400, "TAG_INVALID")
    assert client.code("GET", "/v2/shop/manifests/v2") == (404, "MANIFEST_UNKNOWN")
    assert client.code("POST", "/v2/other/blobs/uploads/") == (404, "NAME_UNKNOWN")
    client.signed = {"Authorization": "Basic " + base64.b64encode(b"AWS:123456789012-auth-token").decode()}
    assert client.code("GET", "/v2/") == (401, "UNAUTHORIZED")
    client.sign_in(emulated.client("ecr"))
    emulated.advance(12 * 3600 + 1)
    assert client.code("GET", "/v2/") == (401, "UNAUTHORIZED")


def test_a_push_needs_the_rights_of_whoever_has_signed_in(emulated: Emulated, client: Client) -> None:
    iam = emulated.client("iam")
    iam.create_user(UserName="reader")
    rights = {"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken", "ecr:BatchGetImage"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [rights]})
    iam.put_user_policy(UserName="reader", PolicyName="reads", PolicyDocument=document)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    emulated.advance(60)
    process.control(emulated.state, "authority", on=True)
    try:
        keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        client.sign_in(boto3.client("ecr", region_name=REGION, endpoint_url=emulated.state.url, **keys))
        assert client.code("GET", "/v2/shop/manifests/v1") == (404, "MANIFEST_UNKNOWN")
        assert client.code("POST", "/v2/shop/blobs/uploads/") == (403, "DENIED")
    finally:
        process.control(emulated.state, "authority", on=False)
