"""ECR as docker, buildah and podman see it: the registry protocol, each request of which is an operation of the API by whoever asked for
the password. The emulator is an HTTP proxy for the names of registries, as for those of load balancers (router.py).

https://distribution.github.io/distribution/spec/api/, https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import world
from .services.ecr import tokens
from .wire import Answer

REGISTRY = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.amazonaws\.com(?::\d+)?")
BLOBS = re.compile(r"/v2/(?P<name>.+)/blobs/(?P<digest>sha256:[0-9a-f]{64})")
UPLOADS = re.compile(r"/v2/(?P<name>.+)/blobs/uploads/(?P<upload>[\w-]*)")
MANIFESTS = re.compile(r"/v2/(?P<name>.+)/manifests/(?P<reference>[\w.:-]+)")
TARGET = "AmazonEC2ContainerRegistry_V20150921"
PART = 20 * 1024**2
# Status and code of the protocol for refusals of the API; any other is 400 UNSUPPORTED.
CODES = {
    "RepositoryNotFoundException": (404, "NAME_UNKNOWN"),
    "ImageNotFound": (404, "MANIFEST_UNKNOWN"),
    "LayersNotFoundException": (404, "BLOB_UNKNOWN"),
    "LayerInaccessibleException": (404, "BLOB_UNKNOWN"),
    "UploadNotFoundException": (404, "BLOB_UPLOAD_UNKNOWN"),
    "InvalidLayerException": (400, "DIGEST_INVALID"),
    "ImageTagAlreadyExistsException": (400, "TAG_INVALID"),
    "AccessDeniedException": (403, "DENIED"),
    "ThrottlingException": (429, "TOOMANYREQUESTS"),
}
# What is there already is as good as pushed.
THERE = ("ImageAlreadyExistsException", "LayerAlreadyExistsException")
Serve = Callable[[dict[str, Any]], Answer]


class Failed(Exception):
    """A refusal of the API: its code and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code, self.words = code, words


def asked(environ: dict[str, Any]) -> bool:
    """Whether a request is for a registry."""
    return _host(environ) is not None and str(environ["PATH_INFO"]).startswith("/v2")


def _host(environ: dict[str, Any]) -> re.Match[str] | None:
    return REGISTRY.fullmatch(urlsplit(str(environ.get("REQUEST_URI", ""))).netloc or str(environ.get("HTTP_HOST", "")))


def answer(environ: dict[str, Any], serve: Serve) -> Answer:
    host, key = _host(environ), _key(environ)
    assert host is not None
    if key is None:
        realm = {"Www-Authenticate": f'Basic realm="https://{host[0]}/",service="ecr.amazonaws.com"'}
        return _error(401, "UNAUTHORIZED", "Not Authorized", realm)

    def ask(operation: str, **params: Any) -> dict[str, Any]:
        return _asked(serve, operation, params, key, host["region"])

    method, path = str(environ["REQUEST_METHOD"]), str(environ["PATH_INFO"])
    try:
        for pattern, handle in ROUTES:
            if (found := pattern.fullmatch(path)) is not None:
                return handle(ask, method, found, environ)
    except Failed as failed:
        return _error(*CODES.get(failed.code, (400, "UNSUPPORTED")), failed.words)
    return Answer(200, {"Docker-Distribution-Api-Version": "registry/2.0"}, b"{}")


def _key(environ: dict[str, Any]) -> str | None:
    """The access key of whoever got the password that a request comes with; None without one, and for one that is over."""
    _, _, coded = str(environ.get("HTTP_AUTHORIZATION", "")).partition("Basic ")
    with world.lock:
        world.clock.run_due()
        user, _, password = base64.b64decode(coded).decode(errors="replace").partition(":")
        return tokens.key(password) if user == "AWS" else None


def _asked(serve: Serve, operation: str, params: dict[str, Any], key: str | None, region: str) -> dict[str, Any]:
    body = json.dumps(params).encode()
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/x-amz-json-1.1",
        "HTTP_HOST": world.url.removeprefix("http://"),
        "HTTP_X_AMZ_TARGET": f"{TARGET}.{operation}",
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={key}/20200101/{region}/ecr/aws4_request, SignedHeaders=host, Signature=none",
    }
    given = serve(environ)
    said: dict[str, Any] = json.loads(given.body or b"{}")
    if given.status >= 400:
        raise Failed(str(said.get("__type", "")).rpartition("#")[2], str(said.get("message", said.get("Message", ""))))
    return said


def _error(status: int, code: str, words: str, headers: dict[str, str] | None = None) -> Answer:
    body = json.dumps({"errors": [{"code": code, "message": words}]}).encode()
    return Answer(status, {"Content-Type": "application/json", **(headers or {})}, body)


Ask = Callable[..., dict[str, Any]]


def _blob(ask: Ask, method: str, found: re.Match[str], _: dict[str, Any]) -> Answer:
    """Whether a layer is there, or where it is."""
    name, digest = found["name"], found["digest"]
    if method == "HEAD":
        (layer,) = ask("BatchCheckLayerAvailability", repositoryName=name, layerDigests=[digest])["layers"]
        if layer["layerAvailability"] != "AVAILABLE":
            return _error(404, "BLOB_UNKNOWN", digest)
        return Answer(200, {"Content-Length": str(layer["layerSize"]), "Docker-Content-Digest": digest}, b"")
    where = ask("GetDownloadUrlForLayer", repositoryName=name, layerDigest=digest)["downloadUrl"]
    return Answer(307, {"Location": where, "Docker-Content-Digest": digest}, b"")


def _upload(ask: Ask, method: str, found: re.Match[str], environ: dict[str, Any]) -> Answer:
    """A layer comes in parts. Where it goes on says how many bytes have come."""
    name, upload = found["name"], found["upload"]
    if method == "POST":
        upload, first = ask("InitiateLayerUpload", repositoryName=name)["uploadId"], 0
    else:
        query = parse_qs(str(environ.get("QUERY_STRING", "")))
        data = environ["wsgi.input"].read()
        first = int(query.get("from", ["0"])[0]) + len(data)
        _parts(ask, {"repositoryName": name, "uploadId": upload}, first - len(data), data)
        if method == "PUT":
            return _complete(ask, name, upload, query["digest"][0])
    headers = {
        "Location": f"/v2/{name}/blobs/uploads/{upload}?from={first}",
        "Docker-Upload-UUID": upload,
        "Range": f"0-{max(first - 1, 0)}",
    }
    return Answer(202, headers, b"")


def _parts(ask: Ask, upload: dict[str, str], first: int, data: bytes) -> None:
    for start in range(0, len(data), PART):
        part = data[start : start + PART]
        place = {"partFirstByte": first + start, "partLastByte": first + start + len(part) - 1}
        ask("UploadLayerPart", **upload, **place, layerPartBlob=base64.b64encode(part).decode())


def _complete(ask: Ask, name: str, upload: str, digest: str) -> Answer:
    try:
        ask("CompleteLayerUpload", repositoryName=name, uploadId=upload, layerDigests=[digest])
    except Failed as failed:
        if failed.code not in THERE:
            raise
    return Answer(201, {"Location": f"/v2/{name}/blobs/{digest}", "Docker-Content-Digest": digest}, b"")


def _manifest(ask: Ask, method: str, found: re.Match[str], environ: dict[str, Any]) -> Answer:
    name, reference = found["name"], found["reference"]
    identity = {"imageDigest" if reference.startswith("sha256:") else "imageTag": reference}
    if method == "PUT":
        return _put(ask, name, identity, environ)
    answered = ask("BatchGetImage", repositoryName=name, imageIds=[identity])
    if not answered["images"]:
        raise Failed("ImageNotFound", answered["failures"][0]["failureReason"])
    (image,) = answered["images"]
    body, digest = image["imageManifest"].encode(), image["imageId"]["imageDigest"]
    return Answer(
        200, {"Content-Type": image["imageManifestMediaType"], "Docker-Content-Digest": digest, "Content-Length": str(len(body))}, body
    )


def _put(ask: Ask, name: str, identity: dict[str, str], environ: dict[str, Any]) -> Answer:
    manifest = environ["wsgi.input"].read().decode()
    kind = {"imageManifestMediaType": environ["CONTENT_TYPE"]} if environ.get("CONTENT_TYPE") else {}
    try:
        digest = ask("PutImage", repositoryName=name, imageManifest=manifest, **kind, **identity)["image"]["imageId"]["imageDigest"]
    except Failed as failed:
        if failed.code not in THERE:
            raise
        digest = ask("BatchGetImage", repositoryName=name, imageIds=[identity])["images"][0]["imageId"]["imageDigest"]
    return Answer(201, {"Location": f"/v2/{name}/manifests/{digest}", "Docker-Content-Digest": digest}, b"")


ROUTES = ((UPLOADS, _upload), (BLOBS, _blob), (MANIFESTS, _manifest))
