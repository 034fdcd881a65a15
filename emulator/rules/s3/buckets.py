"""What S3 refuses of buckets: names, Regions, ACLs, tags, logs."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace

import botocore.session

from ...refusal import Refusal
from ...registry import rule
from ...services.s3 import buckets
from ...wire import Call

GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
API = "https://docs.aws.amazon.com/AmazonS3/latest/API/"
NAMES = GUIDE + "bucketnamingrules.html"
OWNERSHIP = GUIDE + "about-object-ownership.html"
BEGINNINGS = ("xn--", "sthree-", "amzn-s3-demo-")
ENDINGS = ("-s3alias", "--ols-s3", ".mrap", "--x-s3", "--table-s3", "-an")
GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")


@rule("S3-1", "s3", "CreateBucket", source=NAMES)
def name(call: Call) -> Refusal | None:
    """A bucket's name has 3 to 63 lower-case letters, digits, hyphens and dots, and is neither an address nor of S3's own kind."""
    text = call.params["Bucket"]
    wrong = (
        not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", text)
        or ".." in text
        or text.startswith(BEGINNINGS)
        or text.endswith(ENDINGS)
        or _address(text)
    )
    return Refusal("InvalidBucketName", "The specified bucket is not valid.") if wrong else None


def _address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


@rule("S3-2", "s3", "CreateBucket", source=API + "API_CreateBucket.html")
def location(call: Call) -> Refusal | None:
    """A bucket is made in the Region that is asked, and us-east-1 is not named."""
    constraint = call.params.get("CreateBucketConfiguration", {}).get("LocationConstraint")
    if constraint is None or constraint == call.region:
        if constraint == "us-east-1":
            return Refusal("InvalidLocationConstraint", "The specified location-constraint is not valid")
        if constraint is None and call.region != "us-east-1":
            text = "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."
            return Refusal("IllegalLocationConstraintException", text)
        return None
    if constraint not in ("EU", *botocore.session.get_session().get_available_regions("s3")):
        return Refusal("InvalidLocationConstraint", "The specified location-constraint is not valid")
    if call.region != "us-east-1":
        text = f"The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
        return Refusal("IllegalLocationConstraintException", text)
    return None


@rule("S3-3", "s3", "CreateBucket", source=OWNERSHIP)
def new_with_acl(call: Call) -> Refusal | None:
    """A bucket whose owner owns everything takes no ACL."""
    acl = call.params.get("ACL", "private") != "private" or any(call.params.get(grant) for grant in GRANTS)
    if acl and call.params.get("ObjectOwnership", "BucketOwnerEnforced") == "BucketOwnerEnforced":
        text = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
        return Refusal("InvalidBucketAclWithObjectOwnership", text)
    return None


@rule("S3-3", "s3", "PutBucketAcl", "PutObjectAcl", "PutObject", "CopyObject", "CreateMultipartUpload", source=OWNERSHIP)
def acl(call: Call) -> Refusal | None:
    """No ACLs where the bucket's owner owns everything; no public ones where they are blocked."""
    bucket, wanted = buckets.find(call), call.params.get("ACL")
    grants = wanted is not None or any(call.params.get(grant) for grant in GRANTS) or "AccessControlPolicy" in call.params
    if bucket is None or not grants:
        return None
    full = wanted == "bucket-owner-full-control" and call.operation not in ("PutBucketAcl", "PutObjectAcl")
    if buckets.ownership(bucket) == "BucketOwnerEnforced":
        return None if full else Refusal("AccessControlListNotSupported", "The bucket does not allow ACLs")
    blocked = bucket.public_access_block is not None and bucket.public_access_block.block_public_acls
    if blocked and str(wanted).startswith(("public-", "authenticated-")):
        return Refusal("AccessDenied", "Access Denied", 403)
    return None


@rule("S3-4", "s3", "CreateBucket", "PutBucketTagging", "PutObjectTagging", source=GUIDE + "tagging-managing.html")
def tags(call: Call) -> Refusal | None:
    """Fifty tags on a bucket, ten on an object; no key twice, none of AWS's."""
    given = call.params.get("Tagging", {}).get("TagSet", []) or call.params.get("CreateBucketConfiguration", {}).get("Tags", [])
    keys = [tag["Key"] for tag in given]
    if len(set(keys)) < len(keys):
        return Refusal("InvalidTag", "Cannot provide multiple Tags with the same key")
    if any(key.startswith("aws:") for key in keys):
        return Refusal("InvalidTag", "System tags cannot be added/updated by requester")
    most = 10 if call.operation == "PutObjectTagging" else 50
    return Refusal("BadRequest", f"Tag count cannot be greater than {most}") if len(keys) > most else None


@rule("S3-5", "s3", "PutBucketLogging", source=GUIDE + "enable-server-access-logging.html")
def logs(call: Call) -> Refusal | None:
    """Access logs go to a bucket of the same account and Region."""
    wanted = call.params.get("BucketLoggingStatus", {}).get("LoggingEnabled")
    if not wanted:
        return None
    target = buckets.find(replace(call, params={"Bucket": wanted["TargetBucket"]}))
    source = buckets.find(call)
    if target is None:
        return Refusal("InvalidTargetBucketForLogging", "The target bucket for logging does not exist")
    if source is not None and source.region_name != target.region_name:
        return Refusal("CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed.", 403)
    return None


@rule("S3-6", "s3", "PutBucketEncryption", source=API + "API_PutBucketEncryption.html")
def encryption(call: Call) -> Refusal | None:
    """One rule; a key is named only with KMS."""
    rules = call.params.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    if len(rules) != 1:
        return Refusal("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
    chosen = rules[0].get("ApplyServerSideEncryptionByDefault", {})
    if chosen.get("KMSMasterKeyID") and chosen.get("SSEAlgorithm") == "AES256":
        return Refusal("InvalidArgument", "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
    return None
