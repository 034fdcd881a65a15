"""The emulated S3: what a new bucket is, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.emulated import Emulated

NAME = "shop-production-logs"
HERE = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}


def bucket(emulated: Emulated, name: str = NAME, **more: Any) -> Any:
    client = emulated.client("s3")
    client.create_bucket(Bucket=name, **HERE, **more)
    return client


def test_a_new_bucket_is_private_encrypted_and_without_acls(emulated: Emulated) -> None:
    client = bucket(emulated)
    assert all(client.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"].values())
    assert client.get_bucket_ownership_controls(Bucket=NAME)["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    rule = client.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule == {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    assert client.put_object(Bucket=NAME, Key="a", Body=b"a")["ServerSideEncryption"] == "AES256"
    assert client.get_object(Bucket=NAME, Key="a")["Body"].read() == b"a"
    assert client.get_bucket_location(Bucket=NAME)["LocationConstraint"] == "eu-west-1"


def test_encryption_cannot_be_taken_away(emulated: Emulated) -> None:
    client = bucket(emulated)
    kms = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}]}
    client.put_bucket_encryption(Bucket=NAME, ServerSideEncryptionConfiguration=kms)
    assert client.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"] == kms
    client.delete_bucket_encryption(Bucket=NAME)
    rule = client.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


@pytest.mark.parametrize(
    "name", ["ab", "Shop", "shop_logs", "a..b", "-shop", "shop-", "192.168.5.4", "xn--shop", "sthree-shop", "shop-s3alias", "x" * 64]
)
def test_names(emulated: Emulated, name: str) -> None:
    assert emulated.refused("s3", "create_bucket", Bucket=name, **HERE)[0] == "InvalidBucketName"


@pytest.mark.parametrize(
    ("region", "constraint", "code"),
    [
        ("eu-west-1", None, "IllegalLocationConstraintException"),
        ("eu-west-1", "eu-central-1", "IllegalLocationConstraintException"),
        ("eu-west-1", "eu-nowhere-1", "InvalidLocationConstraint"),
        ("us-east-1", "us-east-1", "InvalidLocationConstraint"),
        ("us-east-1", None, ""),
    ],
)
def test_locations(emulated: Emulated, region: str, constraint: str | None, code: str) -> None:
    params = {} if constraint is None else {"CreateBucketConfiguration": {"LocationConstraint": constraint}}
    try:
        emulated.client("s3", region).create_bucket(Bucket=NAME, **params)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code
    else:
        assert code == ""


def test_a_taken_name(emulated: Emulated) -> None:
    bucket(emulated)
    assert emulated.refused("s3", "create_bucket", Bucket=NAME, **HERE)[0] == "BucketAlreadyOwnedByYou"
    with pytest.raises(ClientError) as refused:
        emulated.client("s3", account="210987654321").create_bucket(Bucket=NAME, **HERE)
    assert refused.value.response["Error"]["Code"] == "BucketAlreadyExists"


def test_a_bucket_goes_when_it_is_empty(emulated: Emulated) -> None:
    client = bucket(emulated)
    client.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    version = client.put_object(Bucket=NAME, Key="a", Body=b"a")["VersionId"]
    assert emulated.refused("s3", "delete_bucket", Bucket=NAME)[0] == "BucketNotEmpty"
    marker = client.delete_object(Bucket=NAME, Key="a")["VersionId"]
    assert emulated.refused("s3", "delete_bucket", Bucket=NAME)[0] == "BucketNotEmpty"
    for each in (version, marker):
        client.delete_object(Bucket=NAME, Key="a", VersionId=each)
    client.delete_bucket(Bucket=NAME)
    assert emulated.refused("s3", "delete_bucket", Bucket=NAME)[0] == "NoSuchBucket"


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("get_object", {"Key": "none"}, "NoSuchKey"),
        ("get_bucket_policy", {}, "NoSuchBucketPolicy"),
        ("get_bucket_lifecycle_configuration", {}, "NoSuchLifecycleConfiguration"),
        ("get_bucket_tagging", {}, "NoSuchTagSet"),
        ("get_bucket_cors", {}, "NoSuchCORSConfiguration"),
        ("get_bucket_website", {}, "NoSuchWebsiteConfiguration"),
        ("put_bucket_acl", {"ACL": "public-read"}, "AccessControlListNotSupported"),
        ("put_object", {"Key": "a", "Body": b"", "ACL": "public-read"}, "AccessControlListNotSupported"),
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Perhaps"}}, "MalformedXML"),
        ("put_bucket_tagging", {"Tagging": {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}}, "InvalidTag"),
        ("put_bucket_tagging", {"Tagging": {"TagSet": [{"Key": "aws:a", "Value": "1"}]}}, "InvalidTag"),
        (
            "put_bucket_logging",
            {"BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": "none-of-ours", "TargetPrefix": ""}}},
            "InvalidTargetBucketForLogging",
        ),
        ("put_bucket_policy", {"Policy": "{"}, "MalformedPolicy"),
        ("put_bucket_acl", {"ACL": "log-delivery-write"}, "AccessControlListNotSupported"),
        ("put_bucket_tagging", {"Tagging": {"TagSet": [{"Key": "a" * 129, "Value": "1"}]}}, "InvalidTag"),
        ("put_bucket_tagging", {"Tagging": {"TagSet": [{"Key": "a", "Value": "1" * 257}]}}, "InvalidTag"),
        ("put_object", {"Key": "a" * 1025, "Body": b""}, "KeyTooLongError"),
        ("put_object", {"Key": "a", "Body": b"", "StorageClass": "nonsense"}, "InvalidStorageClass"),
        ("put_object", {"Key": "a", "Body": b"a", "ContentMD5": "XUFAKrxLKna5cZ2REBfFkg=="}, "BadDigest"),
        ("upload_part", {"Key": "a", "Body": b"", "PartNumber": 1, "UploadId": "nonsense"}, "NoSuchUpload"),
        ("upload_part", {"Key": "a", "Body": b"", "PartNumber": 0, "UploadId": "nonsense"}, "InvalidArgument"),
        ("list_objects_v2", {"MaxKeys": -1}, "InvalidArgument"),
        ("get_bucket_policy", {"ExpectedBucketOwner": "999988887777"}, "AccessDenied"),
        ("delete_bucket_encryption", {}, ""),
    ],
)
def test_refusals(emulated: Emulated, operation: str, params: dict[str, Any], code: str) -> None:
    bucket(emulated)
    assert emulated.refused("s3", operation, Bucket=NAME, **params)[0] == code
    if code not in ("NoSuchKey",):
        assert emulated.refused("s3", operation, Bucket="none-of-ours", **params)[0] in ("NoSuchBucket", code)


@pytest.mark.parametrize(
    "operation", ["get_object", "list_objects_v2", "get_bucket_policy", "get_public_access_block", "get_bucket_encryption"]
)
def test_no_bucket(emulated: Emulated, operation: str) -> None:
    key = {"Key": "a"} if operation == "get_object" else {}
    assert emulated.refused("s3", operation, Bucket="none-of-ours", **key)[0] == "NoSuchBucket"
    assert emulated.refused("s3", "head_bucket", Bucket="none-of-ours")[0] == "404"


def test_a_public_access_block_that_was_taken_away(emulated: Emulated) -> None:
    client = bucket(emulated)
    client.delete_public_access_block(Bucket=NAME)
    assert emulated.refused("s3", "get_public_access_block", Bucket=NAME)[0] == "NoSuchPublicAccessBlockConfiguration"


def test_acls_where_they_are_allowed(emulated: Emulated) -> None:
    wrong = {**HERE, "ACL": "public-read"}
    assert emulated.refused("s3", "create_bucket", Bucket=NAME, **wrong)[0] == "InvalidBucketAclWithObjectOwnership"
    client = bucket(emulated)
    client.put_bucket_ownership_controls(Bucket=NAME, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    assert emulated.refused("s3", "put_bucket_acl", Bucket=NAME, ACL="public-read")[0] == "AccessDenied"
    client.put_bucket_acl(Bucket=NAME, ACL="private")


READ: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{NAME}/*",
}
POLICIES: list[tuple[dict[str, Any], str]] = [
    ({**READ, "Resource": "arn:aws:s3:::another-bucket/*"}, "MalformedPolicy"),
    ({**READ, "Action": "ec2:RunInstances"}, "MalformedPolicy"),
    ({**READ, "Principal": {"Service": "bogus.amazonaws.com"}}, "MalformedPolicy"),
    ({**READ, "Principal": {"AWS": "somebody"}}, "MalformedPolicy"),
    ({key: value for key, value in READ.items() if key != "Principal"}, "MalformedPolicy"),
    ({key: value for key, value in READ.items() if key != "Action"}, "MalformedPolicy"),
    ({key: value for key, value in READ.items() if key != "Resource"}, "MalformedPolicy"),
    ({**READ, "Effect": "Perhaps"}, "MalformedPolicy"),
    ({**READ, "Principal": "*"}, "AccessDenied"),
    ({**READ, "Principal": {"AWS": "*"}}, "AccessDenied"),
    ({**READ, "Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}, ""),
    ({**READ, "Principal": "*", "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, ""),
    ({**READ, "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}, "Action": "s3:PutObject"}, ""),
    (READ, ""),
]


@pytest.mark.parametrize(("statement", "code"), POLICIES)
def test_policies(emulated: Emulated, statement: dict[str, Any], code: str) -> None:
    client = bucket(emulated)
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert emulated.refused("s3", "put_bucket_policy", Bucket=NAME, Policy=text)[0] == code
    if code == "AccessDenied":
        client.delete_public_access_block(Bucket=NAME)
        client.put_bucket_policy(Bucket=NAME, Policy=text)


RULE: dict[str, Any] = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
LIFECYCLES: list[tuple[list[dict[str, Any]], str]] = [
    ([RULE], ""),
    ([RULE, RULE], "InvalidArgument"),
    ([{**RULE, "Expiration": {"Days": 0}}], "InvalidArgument"),
    ([{**RULE, "Expiration": {}}], "MalformedXML"),
    ([{key: value for key, value in RULE.items() if key != "Filter"}], "MalformedXML"),
    ([{**RULE, "Prefix": "a"}], "MalformedXML"),
    ([{key: value for key, value in RULE.items() if key != "Expiration"}], "InvalidRequest"),
    ([{**RULE, "Status": "Perhaps"}], "MalformedXML"),
    ([{**RULE, "ID": "x" * 256}], "InvalidArgument"),
    ([{**RULE, "Transitions": [{"Days": 10, "StorageClass": "STANDARD_IA"}]}], "InvalidArgument"),
    ([{**RULE, "Transitions": [{"Days": 40, "StorageClass": "STANDARD_IA"}]}], "InvalidArgument"),
    ([{**RULE, "NoncurrentVersionExpiration": {"NoncurrentDays": 0}}], "InvalidArgument"),
]


@pytest.mark.parametrize(("rules", "code"), LIFECYCLES)
def test_lifecycles(emulated: Emulated, rules: list[dict[str, Any]], code: str) -> None:
    bucket(emulated)
    wanted = {"Bucket": NAME, "LifecycleConfiguration": {"Rules": rules}}
    assert emulated.refused("s3", "put_bucket_lifecycle_configuration", **wanted)[0] == code


def test_logs_may_be_delivered_by_acl_where_acls_are_allowed(emulated: Emulated) -> None:
    client = emulated.client("s3")
    client.create_bucket(Bucket=NAME, ACL="log-delivery-write", ObjectOwnership="ObjectWriter", **HERE)
    groups = [grant["Grantee"].get("URI", "") for grant in client.get_bucket_acl(Bucket=NAME)["Grants"]]
    assert "http://acs.amazonaws.com/groups/s3/LogDelivery" in groups
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    code, _ = emulated.refused("s3", "put_bucket_ownership_controls", Bucket=NAME, OwnershipControls=enforced)
    assert code == "InvalidBucketAclWithObjectOwnership"


def test_a_bucket_of_another_account_is_closed(emulated: Emulated) -> None:
    bucket(emulated)
    with pytest.raises(ClientError, match="403"):
        emulated.client("s3", account="999988887777").head_bucket(Bucket=NAME)
