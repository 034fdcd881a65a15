"""ECR: layers, uploaded in parts and downloaded by a URL that tells nobody's keys. A manifest's configuration is a layer, too.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UploadLayerPart.html
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from ... import registry, world
from ...registry import operation
from ...wire import Answer, Call, Refusal
from .store import Repository, blobs, find, parsed

PART_SIZE = 10 * 1024**2
SMALLEST = 5 * 1024**2
DOWNLOADS = "/_emulator/layers/"
EXPIRES = 3600


@dataclass
class Upload:
    """Bytes that have come so far, and the sizes of the parts."""

    repository: str
    data: bytearray = field(default_factory=bytearray)
    parts: list[int] = field(default_factory=list)


_downloads: dict[str, bytes] = {}


def _uploads(call: Call) -> dict[str, Upload]:
    held: dict[str, Upload] = world.store("ecr", call).setdefault("uploads", {})
    return held


def _of(repository: Repository, **more: Any) -> dict[str, Any]:
    return {"registryId": repository.registry, "repositoryName": repository.name, **more}


def _upload(call: Call, repository: Repository) -> Upload:
    found = _uploads(call).get(call.params["uploadId"])
    if found is None or found.repository != repository.name:
        words = f"The upload with id '{call.params['uploadId']}' for {repository.words} could not be found"
        raise Refusal("UploadNotFoundException", words)
    return found


@operation("ecr", "BatchCheckLayerAvailability")
def batch_check_layer_availability(call: Call) -> dict[str, Any]:
    """What is not there is UNAVAILABLE and no failure."""
    repository = find(call)
    layers: list[dict[str, Any]] = []
    failures = []
    for digest in call.params["layerDigests"]:
        if not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
            words = "Invalid layer digest"
            failures.append({"layerDigest": digest, "failureCode": "InvalidLayerDigest", "failureReason": words})
            continue
        there = repository.layers.get(digest)
        size = {} if there is None else {"layerSize": len(there)}
        layers.append({"layerDigest": digest, "layerAvailability": "UNAVAILABLE" if there is None else "AVAILABLE", **size})
    return {"layers": layers, "failures": failures}


@operation("ecr", "InitiateLayerUpload")
def initiate_layer_upload(call: Call) -> dict[str, Any]:
    repository, name = find(call), str(uuid.uuid4())
    _uploads(call)[name] = Upload(repository.name)
    return {"uploadId": name, "partSize": PART_SIZE}


@operation("ecr", "UploadLayerPart")
def upload_layer_part(call: Call) -> dict[str, Any]:
    """A part begins right after the last one, and has as many bytes as it says."""
    repository = find(call)
    upload, first, last = _upload(call, repository), call.params["partFirstByte"], call.params["partLastByte"]
    blob = _bytes(call.params["layerPartBlob"])
    if first != len(upload.data) or last - first + 1 != len(blob):
        words = (
            f"Invalid layer part upload for upload with id '{call.params['uploadId']}' in {repository.words}: "
            f"bytes {first} to {last}, last valid byte received {len(upload.data) - 1}"
        )
        more = _of(repository, uploadId=call.params["uploadId"], lastValidByteReceived=len(upload.data) - 1)
        raise Refusal("InvalidLayerPartException", words, **more)
    upload.parts.append(len(blob))
    upload.data += blob
    return _of(repository, uploadId=call.params["uploadId"], lastByteReceived=last)


def _bytes(blob: Any) -> bytes:
    return blob if isinstance(blob, bytes) else base64.b64decode(blob)


@operation("ecr", "CompleteLayerUpload")
def complete_layer_upload(call: Call) -> dict[str, Any]:
    """The upload ends only when it succeeds or finds the layer there."""
    repository = find(call)
    upload, wanted = _upload(call, repository), call.params["layerDigests"]
    digest = "sha256:" + hashlib.sha256(upload.data).hexdigest()
    if not upload.data:
        raise Refusal("EmptyUploadException", f"The upload with id '{call.params['uploadId']}' does not contain any layer parts")
    if any(size < SMALLEST for size in upload.parts[:-1]):
        raise Refusal("LayerPartTooSmallException", f"Layer parts must be at least {SMALLEST} bytes in size")
    if any(each != digest for each in wanted):
        words = f"The layer digest calculated by Amazon ECR, {digest}, does not match {', '.join(wanted)}"
        raise Refusal("InvalidLayerException", words)
    del _uploads(call)[call.params["uploadId"]]
    if digest in repository.layers:
        raise Refusal("LayerAlreadyExistsException", f"The layer with digest '{digest}' already exists in {repository.words}")
    repository.layers[digest] = bytes(upload.data)
    return _of(repository, uploadId=call.params["uploadId"], layerDigest=digest)


@operation("ecr", "GetDownloadUrlForLayer")
def get_download_url_for_layer(call: Call) -> dict[str, Any]:
    """Only what an image refers to can be downloaded."""
    repository, digest = find(call), call.params["layerDigest"]
    if digest not in repository.layers:
        raise Refusal("LayersNotFoundException", f"The layer with digest '{digest}' does not exist in {repository.words}")
    if not any(digest in blobs(parsed(image.manifest) or {}) for image in repository.images.values()):
        words = f"The layer with digest '{digest}' in {repository.words} is not associated with an image"
        raise Refusal("LayerInaccessibleException", words)
    secret = secrets.token_urlsafe(24)
    _downloads[secret] = repository.layers[digest]
    world.clock.after(EXPIRES, lambda: _forget_one(secret))
    return {"downloadUrl": f"http://{call.environ['HTTP_HOST']}{DOWNLOADS}{secret}", "layerDigest": digest}


def _forget_one(secret: str) -> None:
    _downloads.pop(secret, None)


def asked(environ: dict[str, Any]) -> bool:
    """Whether a request is for a layer, by a URL that was answered before."""
    return str(environ["PATH_INFO"]).startswith(DOWNLOADS)


def download(environ: dict[str, Any]) -> Answer:
    """The layer of a URL, as S3 answers: nobody signs in, and an hour later it is refused."""
    with world.lock:
        world.clock.run_due()
        found = _downloads.get(environ["PATH_INFO"].removeprefix(DOWNLOADS))
    if found is None:
        return Answer(403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>")
    return Answer(200, {"Content-Type": "application/octet-stream"}, found)


@registry.on_reset
def _forget() -> None:
    _downloads.clear()
