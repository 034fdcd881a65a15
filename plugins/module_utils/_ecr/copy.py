# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies an image between repositories of any accounts and Regions, as `docker pull` and `docker push` would: the manifests stay
as they are, byte by byte, and so the digest is the same.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UploadLayerPart.html
"""

from __future__ import annotations

import hashlib
import os
import re
import ssl
import urllib.request
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

try:
    from botocore.httpsession import get_cert_path
except ImportError:
    pass  # AnsibleAWSModule ends the module with what is missing before anything of it is used.

from .._core import aws, interruption
from .._core.errors import RailyardError
from .._core.interruption import Interrupted
from .._core.progress import Say
from . import image, manifests
from .manifests import Blob, Manifest

# Tags that releases give (`_release/retention.py`) count the releases of one environment; in another they would say something untrue.
RELEASED = re.compile(r"release-\d+(-[0-9a-f]{12})?")
# A part has at least 5 MiB, but for the last one, and at most as much as UploadLayerPart takes.
SMALLEST, BIGGEST = 5 * 1024**2, 20_971_520
PIECE = 256 * 1024  # Bytes of a download that are read at once, at most.
AT_ONCE = 4  # Each holds one part in memory.
TRIES = 3
TIMEOUT = 60  # Seconds without a byte.


@dataclass(frozen=True)
class Place:
    """A repository, and a client of ECR for its account and Region."""

    ecr: Any
    name: str


@dataclass(frozen=True)
class Copy:
    """What a copy has to do: `manifests` (parts before what lists them), `blobs` and `tags` are those that the target lacks.

    `image` is the source's, `uri` that of the target by digest, `top` the image's own manifest, `known` tags
    are there already.
    """

    image: image.Image
    uri: str
    top: Manifest
    manifests: list[Manifest]
    blobs: list[Blob]
    tags: list[str]
    known: list[str]

    @property
    def changed(self) -> bool:
        return bool(self.manifests or self.tags)

    @property
    def size(self) -> int:
        """Bytes to be copied."""
        return sum(blob.size for blob in self.blobs)


def look(source: Place, target: Place, wanted: str, tags: list[str] | None) -> Copy:
    """What has to be done so that the target has the image `wanted` (a tag, a digest or a URI of the source) with `tags`.

    Without `tags` those that the source has, but for what its releases gave. Raises RailyardError when there is no such image or
    repository, and when one of the tags is on another image of the target: tags do not move.
    """
    found = image.look_up(source.ecr, source.name, wanted)
    uri = image.location(target.ecr, target.name)
    digest, given = found["digest"], [tag for tag in found["tags"] if not RELEASED.fullmatch(tag)] if tags is None else tags
    known = _known(target, digest, given)
    whole = manifests.walk(source.ecr, source.name, digest)
    there = {manifest.digest for manifest in manifests.read(target.ecr, target.name, [{"imageDigest": item.digest} for item in whole])}
    absent = [manifest for manifest in whole if manifest.digest not in there]
    blobs = list({blob.digest: blob for manifest in absent for blob in manifest.blobs}.values())
    fresh = [tag for tag in given if tag not in known]
    return Copy(found, f"{uri}@{digest}", whole[-1], absent, _missing(target, blobs), fresh, known)


def _known(target: Place, digest: str, tags: list[str]) -> list[str]:
    """Which of the tags the image has in the target. Raises RailyardError when another image has one of them."""
    ids = [{"imageTag": tag} for tag in tags]
    owners: dict[str, str] = {}
    for batch in aws.batches(ids, manifests.BATCH):
        given = {"repositoryName": target.name, "imageIds": batch, "acceptedMediaTypes": manifests.MANIFESTS}
        identities = [item["imageId"] for item in aws.call(target.ecr, "BatchGetImage", **given).get("images", [])]
        owners |= {item["imageTag"]: item["imageDigest"] for item in identities}
    for tag, owner in owners.items():
        if owner != digest:
            raise _taken(target, tag, owner, digest)
    return sorted(owners)


def _taken(target: Place, tag: str, owner: str, digest: str) -> RailyardError:
    what = f"the repository {target.name} has the tag {tag} on {owner or 'another image'}, and not on {digest}"
    right = "delete it there, or push the image under another tag in the source (the option `tags` of ecr_image_copy names those to give)"
    return RailyardError(f"{what}; a tag does not move: {right}", tag=tag, owner=owner)


def _missing(target: Place, blobs: list[Blob]) -> list[Blob]:
    available: set[str] = set()
    for batch in aws.batches([blob.digest for blob in blobs], manifests.BATCH):
        layers = aws.call(target.ecr, "BatchCheckLayerAvailability", repositoryName=target.name, layerDigests=batch).get("layers", [])
        available |= {layer["layerDigest"] for layer in layers if layer.get("layerAvailability") == "AVAILABLE"}
    return [blob for blob in blobs if blob.digest not in available]


def carry_out(copy: Copy, source: Place, target: Place, say: Say) -> None:
    """Do it: layers side by side, then manifests, then tags. Can be repeated after a kill, and copies only what is missing then.

    Raises Interrupted, with what is there, when a person ends the run: within a second, but for a part that is being uploaded.
    """
    done: list[Blob] = []
    try:
        if copy.blobs:
            say(f"Copying {len(copy.blobs)} layers, {megabytes(copy.size)}, to {target.name}")
            _layers(copy, source, target, done, say)
        for manifest in copy.manifests:
            if manifest != copy.top or not copy.tags:
                interruption.check()
                _put(target, manifest)
        for tag in copy.tags:
            interruption.check()
            _put(target, copy.top, tag)
    except Interrupted as end:
        what = f"the copy from {source.name} to {target.name} was interrupted: {len(done)} of {len(copy.blobs)} missing layers are there"
        raise Interrupted(f"{what}, and the image is not complete. The same command again copies the rest") from end


def _layers(copy: Copy, source: Place, target: Place, done: list[Blob], say: Say) -> None:
    """Copy all layers; those that are there are added to `done`."""
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        pending = {pool.submit(_transfer, source, target, blob): blob for blob in copy.blobs}
        for ended in _as_they_end(pending):
            ended.result()
            blob = pending[ended]
            done.append(blob)
            say(f"Layer {len(done)} of {len(pending)} is there: {blob.digest[:19]}, {megabytes(blob.size)}")
    except Interrupted:
        # A download that stands still is not waited for.
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def _as_they_end(pending: Iterable[Future[None]]) -> Iterator[Future[None]]:
    """Each that has ended, and an interruption as soon as there is one."""
    left = set(pending)
    while left:
        ended, left = wait(left, timeout=interruption.LONGEST, return_when=FIRST_COMPLETED)
        interruption.check()
        yield from ended


def result(copy: Copy) -> dict[str, Any]:
    """A copy for a person and for what comes next: {image, copied}, as the module `ecr_image_copy` documents it."""
    digest, commit = copy.image["digest"], copy.image["commit"]
    tags = sorted({*copy.known, *copy.tags})
    listed = {"manifests": [item.digest for item in copy.manifests], "layers": [blob.digest for blob in copy.blobs]}
    return {
        "image": {"digest": digest, "uri": copy.uri, "tags": tags, "commit": commit},
        "copied": {**listed, "bytes": copy.size, "tags": copy.tags},
    }


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _put(target: Place, manifest: Manifest, tag: str | None = None) -> None:
    params = {"imageManifest": manifest.text, "imageManifestMediaType": manifest.kind, "imageDigest": manifest.digest}
    try:
        aws.call(target.ecr, "PutImage", repositoryName=target.name, **params, **({"imageTag": tag} if tag else {}))
    except RailyardError as error:
        if error.code == "ImageTagAlreadyExistsException":
            raise _taken(target, tag or "", "", manifest.digest) from error
        if error.code != "ImageAlreadyExistsException":
            raise


def _transfer(source: Place, target: Place, blob: Blob) -> None:
    """Copy one layer; begun anew when its download breaks off, for then its URL may have expired."""
    for attempt in range(1, TRIES + 1):
        try:
            return _stream(source, target, blob)
        except (OSError, HTTPException) as error:
            if attempt == TRIES:
                raise RailyardError(f"the layer {blob.digest} of {source.name} cannot be downloaded: {error}") from error
    raise AssertionError("unreachable")


def _stream(source: Place, target: Place, blob: Blob) -> None:
    """Download and upload part by part. Raises OSError when what comes is not the layer."""
    url = _url(source, blob)
    began = aws.call(target.ecr, "InitiateLayerUpload", repositoryName=target.name)
    size = min(max(began["partSize"], SMALLEST), BIGGEST)
    upload = {"repositoryName": target.name, "uploadId": began["uploadId"]}
    seen, first = hashlib.sha256(), 0
    trusted = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True))
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusted))
    with opener.open(url, timeout=TIMEOUT) as stream:
        while part := _part(stream, size):
            seen.update(part)
            _send(target, upload, first, part)
            first += len(part)
    if f"sha256:{seen.hexdigest()}" != blob.digest:
        raise OSError(f"{first} bytes came, of {blob.size}, with the digest sha256:{seen.hexdigest()}")
    _complete(target, upload, blob)


def _part(stream: Any, size: int) -> bytes:
    """The next bytes of a download, `size` of them but for the last; between two pieces of them a person may end it."""
    pieces, missing = [], size
    while missing:
        interruption.check()
        piece = stream.read1(min(missing, PIECE))
        if not piece:
            break
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _url(source: Place, blob: Blob) -> str:
    """Where S3 has the layer; who has this URL needs no keys, so it is never shown."""
    params = {"repositoryName": source.name, "layerDigest": blob.digest}
    url = str(aws.call(source.ecr, "GetDownloadUrlForLayer", **params)["downloadUrl"])
    if urlsplit(url).scheme not in {"https", urlsplit(source.ecr.meta.endpoint_url).scheme}:
        raise RailyardError(f"ECR answers with a URL for the layer {blob.digest} that is not https")
    return url


def _send(target: Place, upload: dict[str, Any], first: int, part: bytes) -> None:
    last = first + len(part) - 1
    try:
        aws.call(target.ecr, "UploadLayerPart", **upload, partFirstByte=first, partLastByte=last, layerPartBlob=part)
    except RailyardError as error:
        # A part whose reply was lost is refused when it comes again, and has been received.
        if error.code != "InvalidLayerPartException" or _received(error) != last:
            raise


def _received(error: RailyardError) -> int | None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UploadLayerPart.html#API_UploadLayerPart_Errors"""
    response: dict[str, Any] = getattr(error.__cause__, "response", {})
    return response.get("lastValidByteReceived")


def _complete(target: Place, upload: dict[str, Any], blob: Blob) -> None:
    try:
        aws.call(target.ecr, "CompleteLayerUpload", **upload, layerDigests=[blob.digest])
    except RailyardError as error:
        lost = error.code == "UploadNotFoundException" and not _missing(target, [blob])
        if error.code != "LayerAlreadyExistsException" and not lost:
            raise
