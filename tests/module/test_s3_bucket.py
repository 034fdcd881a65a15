"""s3_bucket against the emulated S3."""

from tests.support.emulated import Emulated
from tests.support.walk import differences

NAME = "shop-production-logs"
LOGS = {
    "Sid": "LoadBalancerLogs",
    "Effect": "Allow",
    "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
    "Action": ["s3:PutObject"],
    "Resource": f"arn:aws:s3:::{NAME}/AWSLogs/*",
}


def run(emulated: Emulated, **params):
    wanted = {"name": NAME, "expire_days": 30, "policy_statements": [LOGS], "tags": {"application": "shop"}}
    return emulated.run("s3_bucket", **{**wanted, **params})


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    predicted = run(emulated, check=True)
    assert predicted["changed"] and not emulated.writes()

    created = run(emulated)
    assert created["changed"] and differences("s3_bucket", created) == []
    assert predicted["bucket"] == created["bucket"]
    client = emulated.client("s3")
    assert all(client.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"].values())
    assert client.get_bucket_versioning(Bucket=NAME)["Status"] == "Enabled"
    assert "aws:SecureTransport" in client.get_bucket_policy(Bucket=NAME)["Policy"]

    assert not run(emulated)["changed"]
    assert not run(emulated, tags=None)["changed"]

    before = len(emulated.writes())
    changed = run(emulated, expire_days=90, policy_statements=[])
    assert changed["diff"]["before"]["lifecycle"]["expire_days"] == 30
    assert changed["bucket"]["lifecycle"]["expire_days"] == 90 and len(changed["bucket"]["policy"]["Statement"]) == 1
    assert emulated.writes()[before:] == ["s3:PutBucketLifecycleConfiguration", "s3:PutBucketPolicy"]

    assert run(emulated, state="absent", check=True)["changed"]
    deleted = run(emulated, state="absent")
    assert deleted["changed"] and deleted["diff"]["before"] == changed["bucket"] and deleted["diff"]["after"] == {}
    assert not run(emulated, state="absent")["changed"]


def test_public_access_is_blocked_again(emulated: Emulated) -> None:
    run(emulated)
    client = emulated.client("s3")
    client.delete_public_access_block(Bucket=NAME)
    client.delete_bucket_policy(Bucket=NAME)
    client.put_bucket_lifecycle_configuration(
        Bucket=NAME,
        LifecycleConfiguration={"Rules": [{"ID": "mine", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]},
    )
    closed = run(emulated)
    assert closed["changed"] and closed["diff"]["before"]["lifecycle"]["other_rules"] == 1
    assert closed["bucket"]["public_access_blocked"] and closed["bucket"]["lifecycle"]["other_rules"] == 0
    assert not run(emulated)["changed"]


def test_objects_are_deleted_only_when_told(emulated: Emulated) -> None:
    run(emulated)
    client = emulated.client("s3")
    for text in (b"one", b"two"):
        client.put_object(Bucket=NAME, Key="line", Body=text)
    client.delete_object(Bucket=NAME, Key="line")

    failed = run(emulated, state="absent")
    assert failed["failed"] and "holds 3 objects" in failed["msg"] and "force: true" in failed["msg"]
    deleted = run(emulated, state="absent", force=True)
    assert deleted["changed"] and deleted["deleted_objects"] == 3 and deleted["bucket"] is None
    assert differences("s3_bucket", deleted) == []
    assert client.list_buckets()["Buckets"] == []


def test_a_log_that_arrives_while_the_bucket_is_emptied_goes_with_the_next_look(emulated: Emulated) -> None:
    run(emulated)
    emulated.client("s3").put_object(Bucket=NAME, Key="line", Body=b"one")
    emulated.faults(
        {"fault": "refuse", "operation": "s3:DeleteBucket", "occurrences": [1], "code": "BucketNotEmpty", "message": "not empty"}
    )
    deleted = run(emulated, state="absent", force=True)
    assert deleted["changed"] and deleted["bucket"] is None, deleted
    assert emulated.client("s3").list_buckets()["Buckets"] == [] and emulated.writes().count("s3:DeleteBucket") == 2


def test_a_name_that_s3_refuses(emulated: Emulated) -> None:
    assert "cannot be the name of a bucket" in run(emulated, name="Shop_Logs")["msg"]
    assert not emulated.writes()
