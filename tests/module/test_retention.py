"""What releases keep, against the emulated ECS and ECR."""

from __future__ import annotations

import json
from functools import partial

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import apply_plan
from ansible_collections.railyard.fargate.plugins.module_utils._ecr import repository
from ansible_collections.railyard.fargate.plugins.module_utils._release import record, retention
from tests.support import bluegreen, fargate
from tests.support.emulated import Emulated
from tests.support.releases import Deployer

NAME = "shop"


@pytest.fixture
def deployer(emulated: Emulated) -> Deployer:
    emulated.client("ecr").create_repository(repositoryName=NAME, imageTagMutability="IMMUTABLE")
    return Deployer(emulated, NAME)


def push(deployer: Deployer, tag: str) -> str:
    return deployer.push(tag).partition("@")[2]


def tags(deployer: Deployer) -> dict[str, set[str]]:
    images = deployer.emulated.client("ecr").describe_images(repositoryName=NAME)["imageDetails"]
    return {image["imageDigest"]: set(image.get("imageTags", [])) for image in images}


def test_a_released_image_gets_a_tag_once_and_stays_the_same(deployer: Deployer) -> None:
    ecr, digest = deployer.emulated.client("ecr"), push(deployer, "1")
    for _ in range(2):
        assert retention.protect(ecr, NAME, digest, 12) == "release-12"
    assert tags(deployer) == {digest: {"1", "release-12"}}
    other = push(deployer, "2")
    assert retention.protect(ecr, NAME, other, 12) == f"release-12-{other[7:19]}" == retention.protect(ecr, NAME, other, 12)
    with pytest.raises(RailyardError, match="there is no image sha256:0"):
        retention.protect(ecr, NAME, f"sha256:{'0' * 64}", 13)


def test_no_number_of_pushed_images_takes_the_released_one_away(deployer: Deployer) -> None:
    ecr, released = deployer.emulated.client("ecr"), push(deployer, "released")
    retention.protect(ecr, NAME, released, 1)
    ecr.put_lifecycle_policy(repositoryName=NAME, lifecyclePolicyText=json.dumps({"rules": repository.lifecycle_rules(3, 14)}))
    pushed = [push(deployer, f"build-{number}") for number in range(5)]
    deployer.emulated.advance(25 * 3600)
    assert set(tags(deployer)) == {released, *pushed[2:]}


def test_what_is_live_is_needed_on_both_sides_of_a_deployment(emulated: Emulated) -> None:
    stage = bluegreen.build(emulated)
    stage.create_group()
    digest = f"sha256:{'2' * 64}"
    green = stage.define(image=f"shop@{digest}")
    deployment = stage.deploy(green)
    stage.until(deployment, "InProgress", "Ready", "Succeeded")
    emulated.advance(60)
    ecs = emulated.client("ecs")
    live = retention.live(ecs, "shop")
    assert {arn.rpartition("/")[2] for arn in live.task_definitions} == {"shop:1", "shop:2"} and live.digests == {digest}
    assert retention.live(ecs, "nowhere") == retention.Needed()


def test_old_revisions_and_images_go_and_the_rest_stays(emulated: Emulated, deployer: Deployer) -> None:
    stage = bluegreen.build(emulated)
    ecs, ecr = emulated.client("ecs"), emulated.client("ecr")
    digests = [push(deployer, str(number)) for number in range(1, 6)]
    arns = [stage.define(image=f"shop@{digest}") for digest in digests]
    records = [
        {**record.BLANK, "number": number, "status": "succeeded", "digest": digest, "task_definitions": {"web": arn}}
        for number, (digest, arn) in enumerate(zip(digests, arns, strict=True), 1)
    ][::-1]
    needed = retention.needed_by(retention.kept(records, 2)) | retention.live(ecs, "shop")

    apply_plan(ecs, retention.plan_revisions(retention.all_revisions(ecs, ["shop"]), needed, 2))
    assert [int(arn.rpartition(":")[2]) for arn in retention.revisions(ecs, "shop")] == [6, 5, 1]
    apply_plan(ecr, retention.plan_images(NAME, retention.tagged(ecr, NAME), records, needed))
    assert set(tags(deployer)) == set(digests[-2:])
    assert not retention.plan_images(NAME, retention.tagged(ecr, NAME), records, needed).changed
    assert not retention.plan_revisions(retention.all_revisions(ecs, ["shop"]), needed, 2).changed


def test_a_revision_that_somebody_else_has_put_there_stays(emulated: Emulated) -> None:
    owner = {"application": "shop", "environment": "local", "managed-by": "railyard"}
    ours, theirs = ([{"key": key, "value": text} for key, text in labels.items()] for labels in (owner, {"owner": "team-billing"}))
    made = fargate.build(emulated)
    arns = [made.define(family="shop-run", tags=labels) for labels in (ours, theirs, ours)]
    plan = retention.plan_revisions({"shop-run": arns[::-1]}, retention.Needed(), 1, partial(retention.owned, made.ecs, owner))
    assert [step.params["taskDefinition"] for step in plan.steps] == arns[:1]
    assert retention.owned(made.ecs, {}, arns) == arns
