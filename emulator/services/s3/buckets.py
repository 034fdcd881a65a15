"""New buckets are private, encrypted and without ACLs, as S3 makes them since 2023; what moto gets wrong about policies and times.

Times are the emulator's, as the `Date` of its answers is (emulator/server.py): a lock's age is told by the two.
"""

from __future__ import annotations

import copy
import json
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import moto.s3.models
from moto.s3.models import FakeBucket, FakeKey, PublicAccessBlock

from ... import world
from ...registry import operation
from ...wire import Call

ENCRYPTION = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}}
UNMET = "At least one of the pre-conditions you specified did not hold"
WITHOUT_TLS = {"Bool": {"aws:SecureTransport": "false"}}
_made, _permitted = FakeBucket.__init__, FakeBucket.get_permission


def _new(bucket: Any, *arguments: Any, **named: Any) -> None:
    _made(bucket, *arguments, **named)
    bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")
    bucket.ownership_rule = "BucketOwnerEnforced"
    bucket.encryption = copy.deepcopy(ENCRYPTION)


def _permission(bucket: Any, action: str, resource: str) -> Any:
    """moto denies whatever a Deny statement names and looks at no condition. The loopback stands for TLS, so that this one never holds."""
    if not bucket.policy:
        return _permitted(bucket, action, resource)
    document = json.loads(bucket.policy)
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    document["Statement"] = [statement for statement in statements if statement.get("Condition") != WITHOUT_TLS]
    return _permitted(SimpleNamespace(policy=json.dumps(document).encode()), action, resource)  # type: ignore[arg-type]


def _utcnow() -> datetime:
    """moto's times have no zone."""
    return world.clock.utc().replace(tzinfo=None)


FakeBucket.__init__ = _new  # type: ignore[assignment, method-assign]
FakeBucket.get_permission = _permission  # type: ignore[assignment, method-assign]
moto.s3.models.utcnow = _utcnow  # type: ignore[attr-defined]


@operation("s3", "CreateBucket")
def create_bucket(call: Call) -> dict[str, Any]:
    """A bucket can have its tags from the beginning. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""
    there = find(call) is not None
    answer = world.forward(call)
    labels = call.params.get("CreateBucketConfiguration", {}).get("Tags", [])
    if labels and not there:
        world.backend("s3", call).put_bucket_tagging(call.params["Bucket"], {tag["Key"]: tag["Value"] for tag in labels})
    return answer


@operation("s3", "DeleteBucketEncryption")
def delete_bucket_encryption(call: Call) -> dict[str, Any]:
    """A bucket without a setting of its own has S3's: it is never unencrypted."""
    world.forward(call)
    bucket = world.backend("s3", call).get_bucket(call.params["Bucket"])
    bucket.encryption = copy.deepcopy(ENCRYPTION)
    return {}


def find(call: Call) -> Any:
    """moto's bucket that a call names, when the caller's account has it; else None."""
    return world.backend("s3", call).buckets.get(call.params.get("Bucket", ""))


def ownership(bucket: Any) -> str:
    """Who owns objects; without ACLs it is always the bucket's owner."""
    rule = bucket.ownership_rule
    if isinstance(rule, dict):
        rules = rule.get("Rules") or rule.get("Rule") or rule
        rules = rules[0] if isinstance(rules, list) else rules
        return str(rules.get("ObjectOwnership", "ObjectWriter"))
    return str(rule or "ObjectWriter")


def current(bucket: Any, key: str) -> Any:
    """The current version of an object; None where there is none, or where a delete marker is the newest."""
    found = bucket.keys.get(key)
    return found if isinstance(found, FakeKey) else None


def same(wanted: str, found: Any) -> bool:
    """Whether an object has an ETag; S3 takes it with and without its quotes."""
    return bool(wanted.strip('"') == found.etag.strip('"'))


@operation("s3", "DeleteObjects")
def delete_objects(call: Call) -> dict[str, Any]:
    """Objects that are no longer the ones with the given ETags stay.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
    """
    bucket, wanted = find(call), call.params["Delete"]
    changed = [item for item in wanted["Objects"] if bucket and _changed(bucket, item)]
    if not changed:
        return world.forward(call)
    others = [item for item in wanted["Objects"] if item not in changed]
    errors = [{"Key": item["Key"], "Code": "PreconditionFailed", "Message": UNMET} for item in changed]
    answer = world.forward(call, {**call.params, "Delete": {**wanted, "Objects": others}}) if others else {}
    return {**answer, "Errors": [*answer.get("Errors", []), *errors]}


def _changed(bucket: Any, item: dict[str, Any]) -> bool:
    found = current(bucket, item["Key"])
    return bool(item.get("ETag") and found and not same(item["ETag"], found))
