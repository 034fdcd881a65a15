"""ecr_repository against the emulated ECR."""

import json

from tests.support.emulated import Emulated
from tests.support.walk import differences

NAME = "shop-production"


def run(emulated: Emulated, **params):
    return emulated.run("ecr_repository", **{"name": NAME, "tags": {"application": "shop"}, **params})


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    predicted = run(emulated, check=True)
    assert predicted["changed"] and not emulated.writes()

    created = run(emulated)
    assert created["changed"] and differences("ecr_repository", created) == []
    assert predicted["repository"].items() <= created["repository"].items()
    client = emulated.client("ecr")
    live = client.describe_repositories(repositoryNames=[NAME])["repositories"][0]
    assert live["imageTagMutability"] == "IMMUTABLE" and live["imageScanningConfiguration"]["scanOnPush"]
    rules = json.loads(client.get_lifecycle_policy(repositoryName=NAME)["lifecyclePolicyText"])["rules"]
    assert [rule["selection"]["countNumber"] for rule in rules] == [14, 1000, 100]

    assert not run(emulated)["changed"] and not run(emulated, tags=None)["changed"]

    before = len(emulated.writes())
    changed = run(emulated, keep_images=50, image_tag_mutability="MUTABLE", scan_on_push=False, tags={"team": "checkout"})
    assert changed["diff"]["before"]["image_tag_mutability"] == "IMMUTABLE"
    assert changed["diff"]["after"] == changed["repository"] and changed["repository"]["tags"] == {"team": "checkout"}
    operations = ["PutImageTagMutability", "PutImageScanningConfiguration", "PutLifecyclePolicy", "TagResource", "UntagResource"]
    assert emulated.writes()[before:] == [f"ecr:{name}" for name in operations]

    assert run(emulated, keep_images=0, untagged_days=0)["repository"]["lifecycle_rules"] == []
    assert emulated.refused("ecr", "get_lifecycle_policy", repositoryName=NAME)[0] == "LifecyclePolicyNotFoundException"

    assert run(emulated, state="absent", check=True)["changed"]
    assert run(emulated, state="absent")["changed"] and not run(emulated, state="absent")["changed"]


def test_encryption_is_chosen_once(emulated: Emulated) -> None:
    run(emulated)
    failed = run(emulated, kms_key="arn:aws:kms:eu-west-1:123456789012:key/other")
    assert failed["failed"] and "encryption is chosen at creation" in failed["msg"]


def test_a_name_that_ecr_refuses(emulated: Emulated) -> None:
    assert "cannot be the name of a repository" in run(emulated, name="Shop")["msg"]
    assert not emulated.writes()
