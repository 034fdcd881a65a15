"""New buckets are private, encrypted and without ACLs, as S3 makes them since 2023."""

from __future__ import annotations

import copy
from typing import Any

from moto.s3.models import FakeBucket, PublicAccessBlock

from .. import world
from ..registry import operation
from ..wire import Call

ENCRYPTION = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}}
_moto = FakeBucket.__init__


def _new(bucket: Any, *arguments: Any, **named: Any) -> None:
    _moto(bucket, *arguments, **named)
    bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")
    bucket.ownership_rule = "BucketOwnerEnforced"
    bucket.encryption = copy.deepcopy(ENCRYPTION)


FakeBucket.__init__ = _new  # type: ignore[assignment, method-assign]


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
