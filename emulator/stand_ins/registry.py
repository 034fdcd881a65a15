"""Registries: signing in, pushing to ECR through its API with the keys of the environment, and looking for images there.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-ecr-image.html
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from .image import Image

ECR = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.amazonaws\.com")
PART = 10 * 1024**2
# What the registry's own protocol says of a refusal of the API.
SAID = {
    "RepositoryNotFoundException": "name unknown: {message}",
    "ImageTagAlreadyExistsException": "tag invalid: {message}",
    "AccessDeniedException": "denied: {message}",
    "ExpiredTokenException": "denied: Your authorization token has expired. Reauthenticate and try again.",
}


class RegistryError(Exception):
    """What docker says on its last line."""


def _config() -> Path:
    return Path(os.environ.get("DOCKER_CONFIG") or Path(os.environ["HOME"]) / ".docker") / "config.json"


def _known() -> dict[str, Any]:
    path = _config()
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def login(host: str, user: str, password: str) -> None:
    """Raises RegistryError for a password that a registry does not know; ECR's are those of its tokens."""
    found = ECR.fullmatch(host)
    if found is not None and not _is_token(found, user, password):
        raise RegistryError(f"Error response from daemon: login attempt to https://{host}/v2/ failed with status: 400 Bad Request")
    known = _known()
    known.setdefault("auths", {})[host] = {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}
    _config().parent.mkdir(parents=True, exist_ok=True)
    _config().write_text(json.dumps(known))


def _is_token(found: re.Match[str], user: str, password: str) -> bool:
    return user == "AWS" and password.startswith(f"{found['account']}-auth-token")


def logout(host: str) -> None:
    known = _known()
    known.get("auths", {}).pop(host, None)
    _config().write_text(json.dumps(known))


def parts(reference: str) -> tuple[str, str, str]:
    """Host ("" for Docker Hub), name, and tag or digest."""
    host, _, rest = reference.partition("/")
    if not rest or not ("." in host or ":" in host or host == "localhost"):
        host, rest = "", reference
    if "@" in rest:
        name, _, version = rest.partition("@")
        return host, name.partition(":")[0], version
    name, _, version = rest.partition(":")
    return host, name, version or "latest"


def _client(host: str) -> Any:
    import boto3

    found = ECR.fullmatch(host)
    if found is None:
        return None
    if host not in _known().get("auths", {}):
        raise RegistryError("no basic auth credentials")
    return boto3.client("ecr", region_name=found["region"])


def _refused(error: ClientError) -> RegistryError:
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    return RegistryError(SAID.get(code, "unknown: {message}").format(message=message))


def push(image: Image, reference: str) -> None:
    """Raises RegistryError."""
    host, name, version = parts(reference)
    client = _client(host)
    if client is None:
        raise RegistryError("denied: requested access to the resource is denied")
    try:
        for known, data in image.blobs.items():
            _upload(client, name, known, data)
        for text in image.parts.values():
            _put(client, name, text)
        _put(client, name, image.manifest, version)
    except ClientError as error:
        raise _refused(error) from None


def _put(client: Any, name: str, manifest: str, tag: str = "") -> None:
    kind = json.loads(manifest)["mediaType"]
    with contextlib.suppress(client.exceptions.ImageAlreadyExistsException):
        client.put_image(repositoryName=name, imageManifest=manifest, imageManifestMediaType=kind, **({"imageTag": tag} if tag else {}))


def _upload(client: Any, name: str, known: str, data: bytes) -> None:
    there = client.batch_check_layer_availability(repositoryName=name, layerDigests=[known])["layers"]
    if there and there[0]["layerAvailability"] == "AVAILABLE":
        return
    upload = {"repositoryName": name, "uploadId": client.initiate_layer_upload(repositoryName=name)["uploadId"]}
    for start in range(0, len(data), PART):
        part = data[start : start + PART]
        client.upload_layer_part(**upload, partFirstByte=start, partLastByte=start + len(part) - 1, layerPartBlob=part)
    client.complete_layer_upload(**upload, layerDigests=[known])


def find(reference: str) -> tuple[str, str] | None:
    """Manifest and digest of an image of a private registry of ECR; ("", "") for one elsewhere, which is taken to be there.

    None where there is none. Raises RegistryError.
    """
    host, name, version = parts(reference)
    client = _client(host)
    if client is None:
        return "", ""
    identity = {"imageDigest": version} if version.startswith("sha256:") else {"imageTag": version}
    try:
        answer = client.batch_get_image(repositoryName=name, imageIds=[identity])
    except ClientError as error:
        raise _refused(error) from None
    found = answer["images"]
    return (found[0]["imageManifest"], found[0]["imageId"]["imageDigest"]) if found else None
