"""Artifacts: zips in the bucket of the pipeline, written and read by a role.

https://docs.aws.amazon.com/codepipeline/latest/userguide/welcome-introducing-artifacts.html
"""

from __future__ import annotations

import io
import secrets
import string
import zipfile
from collections.abc import Mapping
from typing import Any

from moto.s3.exceptions import S3ClientError

from ... import world
from ...wire import Call
from ..iam import authority
from ..iam.authority import Session
from . import service_role
from .actions import ActionError
from .shapes import ActionRun, Declaration, Execution

ALPHABET = string.ascii_letters + string.digits
# As many characters of the names of pipeline and artifact are in a key.
PIPELINE, ARTIFACT, RANDOM = 20, 10, 7
DENIED = (
    "The object with key '{key}' is getting S3 access denied while accessing from '{bucket}' S3 bucket. Make sure your pipeline IAM "
    "role has sufficient permissions."
)


def store(execution: Execution, region: str) -> Declaration:
    """The artifact store of a Region."""
    declaration = execution.declaration
    found: Declaration = declaration.get("artifactStores", {}).get(region) or declaration.get("artifactStore", {})
    return found


def place(run: ActionRun, name: str) -> dict[str, str]:
    """Where an artifact that an action makes comes to be."""
    kept = run.execution.pipeline
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return {"bucket": store(run.execution, kept.call.region)["location"], "key": f"{kept.name[:PIPELINE]}/{name[:ARTIFACT]}/{random}"}


def revision(run: ActionRun, name: str) -> str:
    """The revision of a source's artifact; "" for one that another action has made."""
    return next((str(each["revisionId"]) for each in run.execution.revisions if each.get("name") == name), "")


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip of files by their names."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def unpacked(data: bytes, name: str) -> bytes | None:
    """One file of a zip, None where it is not in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read(name)
    except (KeyError, zipfile.BadZipFile):
        return None


def policy(call: Call, bucket: str) -> str:
    found = world.backend("s3", call).buckets.get(bucket)
    return authority.text(found.policy) if found is not None and found.policy else ""


def denied(who: Session, action: str, at: Mapping[str, str]) -> str:
    """Why a session may not do something with an object, "" when it may."""
    return authority.denied(who, action, f"arn:aws:s3:::{at['bucket']}/{at['key']}", resource_policy=policy(who.call, at["bucket"]))


def read(who: Session, at: Mapping[str, str], version: str | None = None) -> bytes:
    """An object, read in a session. Raises ActionError."""
    denial = DENIED.format(key=at["key"], bucket=at["bucket"])
    if denied(who, "s3:GetObjectVersion" if version else "s3:GetObject", at):
        raise ActionError("PermissionError", denial)
    try:
        found = world.backend("s3", who.call).get_object(at["bucket"], at["key"], version_id=version)
    except S3ClientError:
        found = None
    if found is None:
        raise ActionError("ConfigurationError", f"The artifact with key '{at['key']}' does not exist in the S3 bucket '{at['bucket']}'.")
    if not _may_use(who, str(found.kms_key_id or ""), "kms:Decrypt"):
        raise ActionError("PermissionError", denial)
    return bytes(found.value)


def write(who: Session, at: Mapping[str, str], data: bytes, key: str = "") -> None:
    """Write an object in a session, encrypted with a key of KMS if there is one. Raises ActionError."""
    denial = DENIED.format(key=at["key"], bucket=at["bucket"])
    if denied(who, "s3:PutObject", at) or not _may_use(who, key or _default_key(who.call, at["bucket"]), "kms:GenerateDataKey"):
        raise ActionError("PermissionError", denial)
    named: dict[str, Any] = {"encryption": "aws:kms", "kms_key_id": key} if key else {}
    try:
        world.backend("s3", who.call).put_object(at["bucket"], at["key"], data, **named)
    except S3ClientError:
        raise ActionError("ConfigurationError", f"The bucket {at['bucket']} does not exist.") from None


def _may_use(who: Session, key: str, action: str) -> bool:
    """Nobody is asked about S3's own key, or where there is none."""
    return not key or key.endswith("alias/aws/s3") or authority.may_use_key(who, key, action)


def _default_key(call: Call, bucket: str) -> str:
    """The key of KMS with which a bucket encrypts what comes without one, "" for S3's own."""
    found = world.backend("s3", call).buckets.get(bucket)
    rule = (getattr(found, "encryption", None) or {}).get("Rule", {})
    rule = rule[0] if isinstance(rule, list) else rule
    return str(rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID") or "")


def key_of(run: ActionRun) -> str:
    """The key of KMS with which a pipeline's artifacts are encrypted, "" for S3's own."""
    return str(store(run.execution, run.execution.pipeline.call.region).get("encryptionKey", {}).get("id", ""))


def inputs(run: ActionRun, who: Session | None = None) -> dict[str, bytes]:
    """The zips that an action takes, by name, read in its role or another session."""
    who = who or service_role.session(run)
    return {name: read(who, at) for name, at in run.inputs.items()}


def output(run: ActionRun, name: str, data: bytes, who: Session | None = None) -> None:
    """Write one of the artifacts that an action makes."""
    at = place(run, name)
    write(who or service_role.session(run), at, data, key_of(run))
    run.outputs[name] = at
