"""Where a build gets its source, and where it leaves its artifacts, when it is no part of a pipeline. Both in a session of its role."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ... import world, zips
from ...wire import Refusal
from ..codeconnections import repositories, usage
from ..iam import authority
from ..iam.authority import Session
from .build import Source, SourceError
from .store import Shape

Fetch = Callable[[Session], Source]
Files = Mapping[str, Mapping[str, Path]]
GITHUB = re.compile(r"https://(?:[^/@]+@)?github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?")


def fetcher(source: Shape, version: str) -> Fetch | None:
    """What fetches a source when the build has begun; None for one that has none, or gets it from a pipeline."""
    kind = source["type"]
    if kind in ("NO_SOURCE", "CODEPIPELINE"):
        return None
    if kind == "S3":
        return lambda who: _from_s3(who, source["location"].removeprefix("arn:aws:s3:::"), version)
    if kind == "GITHUB":
        return lambda who: _from_github(who, source, version)
    return lambda who: _nowhere(kind)


def _nowhere(kind: str) -> Source:
    raise SourceError(f"the emulator has no repositories of {kind}")


def _from_s3(who: Session, location: str, version: str) -> Source:
    """A zip, or all objects below a path that ends with a slash."""
    bucket, _, key = location.partition("/")
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    if denied := authority.denied(who, action, f"arn:aws:s3:::{location}", **_policy(who, bucket)):
        raise SourceError(f"AccessDenied: Access Denied. {denied} for primary source and source version {version}")
    try:
        found = world.backend("s3", who.call).get_object(bucket, key, version_id=version or None)
    except Exception as error:
        raise SourceError(f"NoSuchBucket: {error} for primary source and source version {version}") from None
    if found is None:
        raise SourceError(f"NoSuchKey: The specified key does not exist. for primary source and source version {version}")
    return Source({"source": bytes(found.value)}, version or str(found.version_id or ""))


def _policy(who: Session, bucket: str) -> dict[str, Any]:
    found = world.backend("s3", who.call).buckets.get(bucket)
    return {"resource_policy": authority.text(found.policy) if found and found.policy else ""}


def _from_github(who: Session, source: Shape, version: str) -> Source:
    """A commit, a branch, or the head of main."""
    found = GITHUB.fullmatch(source["location"])
    name = found[1] if found else source["location"]
    auth = source.get("auth", {})
    if auth.get("type") == "CODECONNECTIONS" and (refused := usage.unusable(who, auth.get("resource", ""), name)):
        raise SourceError(refused)
    commit = repositories.commit(name, version) or repositories.head(name, version.removeprefix("refs/heads/") or "main")
    if commit is None:
        reference = version or "main"
        raise SourceError(f"reference not found for primary source and source version {reference}")
    return Source({"source": commit.tree}, commit.id)


def uploader(artifacts: list[Shape], build_id: str) -> Callable[[Session, Files], None] | None:
    """What puts artifacts into S3; None where none go there."""
    places = {given.get("artifactIdentifier", ""): given for given in artifacts if given["type"] == "S3"}
    if not places:
        return None

    def upload(who: Session, found: Files) -> None:
        for name, files in found.items():
            if name in places:
                _put(who, places[name], files, build_id)

    return upload


def place(given: Shape, build_id: str) -> tuple[str, str]:
    """Bucket and key: path, id of the build and name, as far as they are said."""
    bucket, _, prefix = given["location"].removeprefix("arn:aws:s3:::").partition("/")
    middle = build_id.rpartition(":")[2] if given.get("namespaceType") == "BUILD_ID" else ""
    name = given.get("name", "") if given.get("name") != "/" else ""
    return bucket, "/".join(part.strip("/") for part in (prefix, given.get("path", ""), middle, name) if part.strip("/"))


def _put(who: Session, given: Shape, files: Mapping[str, Path], build_id: str) -> None:
    bucket, key = place(given, build_id)
    packed = given.get("packaging") == "ZIP"
    data = {key: zips.pack(files)} if packed else {f"{key}/{name}".lstrip("/"): path.read_bytes() for name, path in files.items()}
    for name, content in data.items():
        arn = f"arn:aws:s3:::{bucket}/{name}"
        if denied := authority.denied(who, "s3:PutObject", arn, **_policy(who, bucket)):
            raise SourceError(f"Error in UPLOAD_ARTIFACTS phase: AccessDenied: Access Denied. {denied}")
        try:
            world.backend("s3", who.call).put_object(bucket, name, content)
        except Refusal as refusal:
            raise SourceError(f"Error in UPLOAD_ARTIFACTS phase: {refusal.code}") from None
        except Exception as error:
            raise SourceError(f"Error in UPLOAD_ARTIFACTS phase: {error}") from None


def described(given: Shape, build_id: str, outputs: Mapping[str, bytes]) -> Shape:
    """AWS's BuildArtifacts: where an artifact is, and its sums once it is there."""
    if given["type"] != "S3":
        return {"location": ""}
    bucket, key = place(given, build_id)
    identifier = given.get("artifactIdentifier", "")
    answer: dict[str, Any] = {"location": f"arn:aws:s3:::{bucket}/{key}"}
    answer |= {name: given[name] for name in ("overrideArtifactName", "encryptionDisabled", "bucketOwnerAccess") if name in given}
    if identifier:
        answer["artifactIdentifier"] = identifier
    if identifier in outputs and given.get("packaging") == "ZIP":
        answer["sha256sum"] = hashlib.sha256(outputs[identifier]).hexdigest()
        answer["md5sum"] = hashlib.md5(outputs[identifier], usedforsecurity=False).hexdigest()
    return answer
