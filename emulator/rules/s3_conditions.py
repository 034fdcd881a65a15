"""What S3 refuses of writes and deletes with a condition."""

from __future__ import annotations

from ..refusal import Refusal
from ..registry import rule
from ..services import s3_buckets as buckets
from ..wire import Call

GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html"
WRITES = ("PutObject", "CopyObject", "CompleteMultipartUpload")


@rule("S3-10", "s3", *WRITES, source="https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html")
def understood(call: Call) -> Refusal | None:
    """If-None-Match takes nothing but `*`, and does not go with If-Match."""
    unless = call.params.get("IfNoneMatch")
    if unless is None or (unless == "*" and not call.params.get("IfMatch")):
        return None
    return Refusal("NotImplemented", "A header you provided implies functionality that is not implemented", 501)


@rule("S3-10", "s3", *WRITES, "DeleteObject", source=GUIDE)
def condition(call: Call) -> Refusal | None:
    """An object is written when there is none, or when it is still the one with the given ETag; a delete marker is none."""
    bucket = buckets.find(call)
    wanted, unless = call.params.get("IfMatch"), call.params.get("IfNoneMatch")
    if bucket is None or not (wanted or unless):
        return None
    found = buckets.current(bucket, call.params["Key"])
    if unless and found is not None:
        return _failed("If-None-Match")
    if wanted and found is None:
        return Refusal("NoSuchKey", "The specified key does not exist.", 404, Key=call.params["Key"])
    return _failed("If-Match") if wanted and not buckets.same(wanted, found) else None


def _failed(header: str) -> Refusal:
    return Refusal("PreconditionFailed", buckets.UNMET, 412, Condition=header)
