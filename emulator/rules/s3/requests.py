"""What S3 refuses of access, objects, conditions of writes and deletes, and pages."""

from __future__ import annotations

import base64
import hashlib

from moto.s3.models import s3_backends

from ...refusal import Refusal
from ...registry import rule
from ...services.s3 import buckets
from ...wire import Call, service_model

API = "https://docs.aws.amazon.com/AmazonS3/latest/API/"
ERRORS = API + "ErrorResponses.html"
GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html"
WRITES = ("PutObject", "CopyObject", "CompleteMultipartUpload")
ACLS = ("private", "public-read", "public-read-write", "authenticated-read", "log-delivery-write")
BUCKETS = tuple(
    name
    for name in service_model("s3").operation_names
    if "Bucket" in getattr(service_model("s3").operation_model(name).input_shape, "members", {}) and name != "CreateBucket"
)


@rule("S3-10", "s3", *WRITES, source=API + "API_PutObject.html")
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


@rule("S3-1", "s3", *BUCKETS, source=API + "API_HeadBucket.html")
def foreign(call: Call) -> Refusal | None:
    """A bucket of another account is closed unless its policy opens it, and so is one of another owner than the caller expects."""
    _, owner = s3_backends.bucket_accounts.get(call.params["Bucket"], ("", ""))
    if not owner:
        return None
    expected = call.params.get("ExpectedBucketOwner")
    if expected and expected != owner:
        return Refusal("AccessDenied", "Access Denied", 403)
    found = s3_backends[owner]["aws"].buckets[call.params["Bucket"]]
    return None if owner == call.account or found.policy else Refusal("AccessDenied", "Access Denied", 403)


@rule(
    "S3-3",
    "s3",
    "CreateBucket",
    "PutBucketAcl",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl",
)
def canned(call: Call) -> Refusal | None:
    """A bucket has five canned ACLs."""
    return Refusal("InvalidArgument", "The canned ACL is not valid") if call.params.get("ACL", "private") not in ACLS else None


@rule(
    "S3-3",
    "s3",
    "PutBucketOwnershipControls",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html",
)
def enforced(call: Call) -> Refusal | None:
    """Nobody but the owner may have access by ACL when ACLs are switched off."""
    bucket = buckets.find(call)
    rules = call.params.get("OwnershipControls", {}).get("Rules", [])
    if bucket is None or [each.get("ObjectOwnership") for each in rules] != ["BucketOwnerEnforced"] or bucket.acl is None:
        return None
    if len(bucket.acl.grants) > 1:
        text = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
        return Refusal("InvalidBucketAclWithObjectOwnership", text)
    return None


@rule(
    "S3-4",
    "s3",
    "PutBucketTagging",
    "PutObjectTagging",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-managing.html",
)
def tag_lengths(call: Call) -> Refusal | None:
    """A key has 128 characters, a value 256."""
    for tag in call.params.get("Tagging", {}).get("TagSet", []):
        if not 1 <= len(tag.get("Key", "")) <= 128:
            return Refusal("InvalidTag", "The TagKey you have provided is invalid")
        if len(tag.get("Value", "")) > 256:
            return Refusal("InvalidTag", "The TagValue you have provided is invalid")
    return None


@rule("S3-9", "s3", "PutObject", "CreateMultipartUpload", "CopyObject", source=ERRORS)
def new_object(call: Call) -> Refusal | None:
    """An object's key has 1024 bytes, its storage class is known, and its digest is that of what was sent."""
    if len(call.params["Key"].encode()) > 1024:
        return Refusal("KeyTooLongError", "Your key is too long")
    classes = service_model("s3").shape_for("StorageClass").enum  # type: ignore[attr-defined]
    if call.params.get("StorageClass", "STANDARD") not in classes:
        return Refusal("InvalidStorageClass", "The storage class you specified is not valid")
    digest = call.params.get("ContentMD5")
    chunked = call.environ.get("HTTP_CONTENT_ENCODING", "").startswith("aws-chunked")
    if digest and not chunked and digest != base64.b64encode(hashlib.md5(call.body).digest()).decode():
        return Refusal("BadDigest", "The Content-MD5 you specified did not match what we received.")
    return None


@rule("S3-9", "s3", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload", "ListParts", source=API + "API_UploadPart.html")
def upload(call: Call) -> Refusal | None:
    """A part has a number of 1 to 10,000 and belongs to an upload."""
    if not 1 <= call.params.get("PartNumber", 1) <= 10_000:
        return Refusal("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    bucket = buckets.find(call)
    if bucket is None or call.params["UploadId"] in bucket.multiparts:
        return None
    text = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    return Refusal("NoSuchUpload", text, 404)


@rule("S3-9", "s3", "ListObjects", "ListObjectsV2", "ListObjectVersions", source=API + "API_ListObjectsV2.html")
def listed(call: Call) -> Refusal | None:
    """A page has no negative size."""
    if call.params.get("MaxKeys", 0) < 0:
        return Refusal("InvalidArgument", "Argument maxKeys must be an integer between 0 and 2147483647")
    return None
