# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private buckets. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._core import aws, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step
from .._core.policy import same
from . import policy

NAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
BLOCKED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
OWNERSHIP = "BucketOwnerEnforced"
RULE = "railyard"
# What is read of a bucket, with the error that says that it has none of it.
READS = {
    "GetPublicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    "GetBucketOwnershipControls": "OwnershipControlsNotFoundError",
    "GetBucketVersioning": "",
    "GetBucketEncryption": "ServerSideEncryptionConfigurationNotFoundError",
    "GetBucketLifecycleConfiguration": "NoSuchLifecycleConfiguration",
    "GetBucketPolicy": "NoSuchBucketPolicy",
    "GetBucketTagging": "NoSuchTagSet",
}
# A fresh bucket is not known everywhere at once, and S3 refuses two changes of one bucket at the same moment.
FRESH = (Propagation("NoSuchBucket", ""), Propagation("OperationAborted", ""))


def find(client: Any, name: str, objects: bool = False) -> dict[str, Any] | None:
    """The bucket in our shape, or None. With `objects` it has every version under `versions`, as DeleteObjects takes them."""
    try:
        head = aws.find(client, "HeadBucket", {"404", "NoSuchBucket"}, Bucket=name)
    except RailyardError as error:
        if error.code == "403":
            message = f"bucket {name} belongs to another account, or you may not read it; names are unique among all accounts of AWS"
            raise RailyardError(message, error.code) from error
        raise
    if head is None:
        return None
    live = {"name": name, "arn": _arn(client, name), "region": head["BucketRegion"], **_settings(client, name)}
    return {**live, "versions": _versions(client, name)} if objects else live


def _arn(client: Any, name: str) -> str:
    return f"arn:{client.meta.partition}:s3:::{name}"


def _settings(client: Any, name: str) -> dict[str, Any]:
    with ThreadPoolExecutor(len(READS)) as pool:
        answers = pool.map(lambda read: aws.find(client, read, {READS[read]}, Bucket=name) or {}, READS)
        found: dict[str, dict[str, Any]] = dict(zip(READS, answers, strict=True))
    block = found["GetPublicAccessBlock"].get("PublicAccessBlockConfiguration", {})
    ownership = found["GetBucketOwnershipControls"].get("OwnershipControls", {}).get("Rules", [{}])
    rules = found["GetBucketEncryption"].get("ServerSideEncryptionConfiguration", {}).get("Rules", [{}])
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {})
    text = found["GetBucketPolicy"].get("Policy")
    return {
        "public_access_blocked": all(block.get(key) for key in BLOCKED),
        "ownership": ownership[0].get("ObjectOwnership"),
        "versioning": found["GetBucketVersioning"].get("Status") == "Enabled",
        "encryption": {"algorithm": default.get("SSEAlgorithm"), "kms_key_id": default.get("KMSMasterKeyID")},
        "lifecycle": lifecycle(found["GetBucketLifecycleConfiguration"].get("Rules", [])),
        "policy": json.loads(text) if text else None,
        "tags": tags.as_dict(found["GetBucketTagging"].get("TagSet")),
    }


def lifecycle(rules: list[dict[str, Any]]) -> dict[str, Any]:
    """AWS's lifecycle rules as three numbers of days. Rules that are not ours, or are switched off, are only counted."""
    ours = [rule for rule in rules if rule.get("ID") == RULE and rule.get("Status") == "Enabled"]
    rule = ours[0] if ours else {}
    return {
        "expire_days": rule.get("Expiration", {}).get("Days"),
        "noncurrent_days": rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays"),
        "incomplete_upload_days": rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation"),
        "other_rules": len(rules) - len(ours),
    }


def _versions(client: Any, name: str) -> list[dict[str, str]]:
    markers = [*aws.pages(client, "ListObjectVersions", "Versions", Bucket=name)]
    markers += aws.pages(client, "ListObjectVersions", "DeleteMarkers", Bucket=name)
    return [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in markers]


def make_plan(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: the parameters of the module s3_bucket."""
    if not NAME.fullmatch(wanted["name"]):
        raise RailyardError(f"{wanted['name']!r} cannot be the name of a bucket: 3 to 63 of a-z, 0-9, hyphen and dot")
    if wanted["state"] == "absent":
        return _deletion(wanted, live)
    region = client.meta.region_name
    if live and live["region"] != region:
        raise RailyardError(f"bucket {wanted['name']} is in {live['region']}, not in {region}; a bucket cannot move", live=live)
    after = _declared(client, wanted, live or {"tags": {}})
    steps = [] if live else [Step("CreateBucket", _creation(client, after), already=("BucketAlreadyOwnedByYou",))]
    known = live or ({"tags": after["tags"]} if _takes_tags(client) else {"tags": {}})
    steps += [Step(name, params, propagation=FRESH) for name, params in _changes(wanted["name"], known, after)]
    return Plan(live, after, tuple(steps))


def _creation(client: Any, after: dict[str, Any]) -> dict[str, Any]:
    """The tags come with the bucket, so that one which is there without them is somebody else's."""
    # us-east-1 is the one Region that may not be named.
    place = {"LocationConstraint": after["region"]} if after["region"] != "us-east-1" else {}
    pairs = {"Tags": tags.as_pairs(after["tags"])} if after["tags"] and _takes_tags(client) else {}
    configuration = place | pairs
    return {"Bucket": after["name"], **({"CreateBucketConfiguration": configuration} if configuration else {})}


def _takes_tags(client: Any) -> bool:
    """Whether this botocore knows CreateBucket with tags; before it they follow at once."""
    return "Tags" in client.meta.service_model.shape_for("CreateBucketConfiguration").members


def _deletion(wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    if live is None:
        return Plan(notes={"deleted_objects": 0})
    name = wanted["name"]
    versions = live["versions"]
    before = {key: value for key, value in live.items() if key != "versions"}
    if versions and not wanted["force"]:
        raise RailyardError(f"bucket {name} holds {len(versions)} objects and versions; force: true deletes them with it", live=before)
    emptying = [
        Step("DeleteObjects", {"Bucket": name, "Delete": {"Objects": batch, "Quiet": True}}) for batch in aws.batches(versions, 1000)
    ]
    # Logs may arrive while the bucket is being emptied.
    last = Step("DeleteBucket", {"Bucket": name}, already=("BucketNotEmpty", "NoSuchBucket"))
    return Plan(before, None, (*emptying, last), {"deleted_objects": len(versions)})


def _declared(client: Any, wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    arn = _arn(client, wanted["name"])
    document = policy.document(arn, wanted["policy_statements"])
    key = wanted["kms_key_id"]
    return {
        "name": wanted["name"],
        "arn": arn,
        "region": client.meta.region_name,
        "public_access_blocked": True,
        "ownership": OWNERSHIP,
        "versioning": wanted["versioning"],
        "encryption": {"algorithm": "aws:kms" if key else "AES256", "kms_key_id": key},
        "lifecycle": {**{name: wanted[name] for name in ("expire_days", "noncurrent_days", "incomplete_upload_days")}, "other_rules": 0},
        "policy": live["policy"] if same(live.get("policy"), document) else document,
        "tags": tags.change(live["tags"], wanted["tags"], wanted["purge_tags"]).after,
    }


def _changes(name: str, live: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    calls: dict[str, Callable[[Any], tuple[str, dict[str, Any]]]] = {
        "tags": lambda value: ("PutBucketTagging", {"Tagging": {"TagSet": tags.as_pairs(value)}}),
        "public_access_blocked": lambda _unused: ("PutPublicAccessBlock", {"PublicAccessBlockConfiguration": BLOCKED}),
        "ownership": lambda value: ("PutBucketOwnershipControls", {"OwnershipControls": {"Rules": [{"ObjectOwnership": value}]}}),
        "versioning": lambda value: ("PutBucketVersioning", {"VersioningConfiguration": {"Status": "Enabled" if value else "Suspended"}}),
        "encryption": _encryption,
        "lifecycle": _lifecycle,
        "policy": lambda value: ("PutBucketPolicy", {"Policy": json.dumps(value)}),
    }
    changed = [key for key in calls if live.get(key, False) != after[key]]
    return [(operation, {"Bucket": name, **params}) for operation, params in (calls[key](after[key]) for key in changed)]


def _encryption(value: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    default = {"SSEAlgorithm": value["algorithm"], **({"KMSMasterKeyID": value["kms_key_id"]} if value["kms_key_id"] else {})}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bool(value["kms_key_id"])}
    return "PutBucketEncryption", {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


def _lifecycle(value: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    rule: dict[str, Any] = {
        "ID": RULE,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": value["noncurrent_days"]},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": value["incomplete_upload_days"]},
    }
    if value["expire_days"]:
        rule["Expiration"] = {"Days": value["expire_days"]}
    return "PutBucketLifecycleConfiguration", {"LifecycleConfiguration": {"Rules": [rule]}}
