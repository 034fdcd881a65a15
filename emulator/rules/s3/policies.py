"""What S3 refuses of bucket policies and of lifecycle rules."""

from __future__ import annotations

import json
import re
from typing import Any

from ...refusal import Refusal
from ...registry import rule
from ...services.iam.roles import find
from ...services.s3 import buckets
from ...wire import Call
from ..iam.policy_documents import as_list, is_service

GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
POLICY = GUIDE + "bucket-policies.html"
PUBLIC = GUIDE + "access-control-block-public-access.html#access-control-block-public-access-policy-status"
LIFECYCLE = GUIDE + "intro-lifecycle-rules.html"
LARGEST = 20_480
# Conditions that tie "everybody" to somebody, so that a policy is not public.
NARROWING = {
    *("aws:sourcearn", "aws:sourceaccount", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceip", "aws:sourceowner", "aws:userid"),
    *("aws:principalorgid", "aws:principalarn", "aws:principalaccount", "aws:principalorgpaths", "aws:principalservicename"),
    *(
        "aws:sourceorgid",
        "aws:vpcsourceip",
        "s3:dataaccesspointarn",
        "s3:dataaccesspointaccount",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    ),
}
LIMITED = ("STANDARD_IA", "ONEZONE_IA")
ACTIONS = {
    "Expiration",
    "Transitions",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
    "AbortIncompleteMultipartUpload",
    "Transition",
}


def malformed(message: str) -> Refusal:
    return Refusal("MalformedPolicy", message)


@rule("S3-7", "s3", "PutBucketPolicy", source=POLICY)
def policy(call: Call) -> Refusal | None:
    """A bucket policy says who may do what with this bucket."""
    text = call.params["Policy"]
    try:
        document = json.loads(text)
    except ValueError:
        return malformed("Policies must be valid JSON and the first byte must be '{'")
    if len(text) > LARGEST:
        return Refusal("InvalidArgument", f"Policy exceeds the maximum allowed document size of {LARGEST} bytes.")
    if not isinstance(document, dict) or not document.get("Statement"):
        return malformed("Missing required field Statement")
    if document.get("Version", "2012-10-17") not in ("2012-10-17", "2008-10-17"):
        return malformed("The policy must contain a valid version string")
    statements = as_list(document["Statement"])
    sids = [statement["Sid"] for statement in statements if "Sid" in statement]
    if len(set(sids)) < len(sids):
        return malformed("Statement IDs (SID) in a single policy must be unique.")
    for statement in statements:
        if refusal := _fields(statement) or _values(statement, call.params["Bucket"]) or _roles(call, statement):
            return refusal
    return None


def _fields(statement: dict[str, Any]) -> Refusal | None:
    if statement.get("Effect") not in ("Allow", "Deny"):
        return malformed("Missing required field Effect" if "Effect" not in statement else f"Invalid effect: {statement['Effect']}")
    for field in ("Principal", "Action", "Resource"):
        if field not in statement and f"Not{field}" not in statement:
            return malformed(f"Missing required field {field}")
    return None


def _values(statement: dict[str, Any], bucket: str) -> Refusal | None:
    for action in as_list(statement.get("Action", statement.get("NotAction"))):
        if not re.fullmatch(r"\*|s3(-object-lambda)?:[\w*?]+", str(action), re.IGNORECASE):
            return malformed("Policy has invalid action")
    for resource in as_list(statement.get("Resource", statement.get("NotResource"))):
        if resource != "*" and not re.fullmatch(rf"arn:aws[\w-]*:s3:::{re.escape(bucket)}(/.*)?|arn:aws:s3:::\*?", str(resource)):
            return malformed("Policy has invalid resource")
    return _principals(statement.get("Principal", "*"))


def _principals(principal: Any) -> Refusal | None:
    if principal == "*":
        return None
    if not isinstance(principal, dict) or set(principal) - {"AWS", "Service", "Federated", "CanonicalUser"}:
        return malformed("Invalid policy syntax.")
    for value in as_list(principal.get("Service", [])):
        if not is_service(str(value)):
            return malformed("Invalid principal in policy")
    for value in as_list(principal.get("AWS", [])):
        if not re.fullmatch(r"\*|\d{12}|arn:aws[\w-]*:(iam|sts)::(\d{12}|cloudfront):.+|A[A-Z0-9]{15,}", str(value)):
            return malformed("Invalid principal in policy")
    return None


def _roles(call: Call, statement: dict[str, Any]) -> Refusal | None:
    """A role of the caller's account is one that is there."""
    principal = statement.get("Principal")
    for value in as_list(principal.get("AWS", [])) if isinstance(principal, dict) else []:
        name = re.fullmatch(rf"arn:aws[\w-]*:iam::{call.account}:role/(?:.+/)?(.+)", str(value))
        if name and find(call, name[1]) is None:
            return malformed("Invalid principal in policy")
    return None


def is_public(document: dict[str, Any]) -> bool:
    """Whether a policy gives something to everybody, as S3 judges it."""
    for statement in as_list(document["Statement"]):
        principal = statement.get("Principal")
        everybody = principal == "*" or (isinstance(principal, dict) and "*" in as_list(principal.get("AWS", [])))
        keys = {key.lower() for operator in statement.get("Condition", {}).values() for key in operator}
        if statement["Effect"] == "Allow" and everybody and not keys & NARROWING:
            return True
    return False


@rule("S3-7", "s3", "PutBucketPolicy", source=PUBLIC)
def public(call: Call) -> Refusal | None:
    """Where public policies are blocked, and they are in a new bucket, none is taken."""
    bucket = buckets.find(call)
    block = bucket.public_access_block if bucket is not None else None
    if block is not None and block.block_public_policy and is_public(json.loads(call.params["Policy"])):
        text = (
            f'User: arn:aws:iam::{call.account}:root is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::'
            f'{call.params["Bucket"]}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.'
        )
        return Refusal("AccessDenied", text, 403)
    return None


def argument(message: str) -> Refusal:
    return Refusal("InvalidArgument", message)


@rule("S3-8", "s3", "PutBucketLifecycleConfiguration", source=LIFECYCLE)
def lifecycle(call: Call) -> Refusal | None:
    """Each lifecycle rule has a name of its own, one scope, and does something."""
    xml = Refusal("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
    rules = call.params.get("LifecycleConfiguration", {}).get("Rules", [])
    if not 1 <= len(rules) <= 1000:
        return xml
    names = [each["ID"] for each in rules if each.get("ID")]
    if len(set(names)) < len(names):
        return argument("Rule ID must be unique. Found same ID for more than one rule")
    for each in rules:
        if len(each.get("ID", "")) > 255:
            return argument("ID length should not exceed allowed limit of 255")
        if ("Prefix" in each) == ("Filter" in each):
            return xml
        if not ACTIONS & set(each):
            return Refusal("InvalidRequest", "At least one action needs to be specified in a rule")
        if refusal := _expiration(each) or _transitions(each):
            return refusal
    return None


def _expiration(each: dict[str, Any]) -> Refusal | None:
    expiration = each.get("Expiration")
    if expiration is not None and len([key for key in ("Days", "Date", "ExpiredObjectDeleteMarker") if key in expiration]) != 1:
        return Refusal("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
    days = {
        "'Days' for Expiration action": (expiration or {}).get("Days", 1),
        "'NoncurrentDays' for NoncurrentVersionExpiration action": each.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 1),
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action": each.get("AbortIncompleteMultipartUpload", {}).get(
            "DaysAfterInitiation", 1
        ),
    }
    for name, value in days.items():
        if value < 1:
            return argument(f"{name} must be a positive integer")
    return None


def _transitions(each: dict[str, Any]) -> Refusal | None:
    last = each.get("Expiration", {}).get("Days")
    for transition in each.get("Transitions", []):
        days, storage = transition.get("Days"), transition.get("StorageClass")
        if days is None:
            continue
        if days < 0:
            return argument("'Days' for Transition action must be nonnegative")
        if storage in LIMITED and days < 30:
            return argument(f"'Days' in Transition action must be greater than or equal to 30 for storageClass '{storage}'")
        if last is not None and last <= days:
            return argument(
                f"'Days' in the Expiration action for filter '{each.get('Filter')}' must be greater than 'Days' in the Transition action"
            )
    return None
