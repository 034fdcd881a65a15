"""What releases keep and what may go."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._release import record, retention
from ansible_collections.railyard.fargate.plugins.module_utils._release.retention import Needed


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def arn(number: int, family: str = "shop-production-web") -> str:
    return f"arn:aws:ecs:eu-west-1:123456789012:task-definition/{family}:{number}"


def release(number: int, status: str = "succeeded", **more: Any) -> record.Release:
    parts = {"digest": digest(number), "task_definitions": {"web": arn(number)}}
    return {**record.BLANK, "number": number, "status": status, **parts, **more}


def history(*statuses: str) -> list[record.Release]:
    """Releases 1, 2, … with these statuses, the newest first."""
    return [release(number, status) for number, status in enumerate(statuses, 1)][::-1]


@pytest.mark.parametrize(
    ("statuses", "stay"),
    [
        (["succeeded"] * 5, [5, 4]),
        (["succeeded", "succeeded", "succeeded", "failed", "failed"], [5, 4, 3, 2]),
        (["running", "succeeded", "succeeded", "succeeded"], [4, 3, 1]),
        (["succeeded"], [1]),
    ],
)
def test_the_newest_the_good_and_the_running_stay(statuses: list[str], stay: list[int]) -> None:
    assert [each["number"] for each in retention.kept(history(*statuses), keep=2)] == stay


def gone(plan: Any) -> list[str]:
    return [step.params["taskDefinition"] for step in plan.steps]


def test_old_revisions_go_unless_somebody_needs_them() -> None:
    revisions = {"shop-production-web": [arn(number) for number in (9, 8, 7, 6, 5)], "shop-production-run": [arn(1, "shop-production-run")]}
    plan = retention.plan_revisions(revisions, Needed(frozenset({arn(6)})), keep=2)
    assert gone(plan) == [arn(7), arn(5)]
    assert plan.after == {"shop-production-web": [arn(9), arn(8), arn(6)], "shop-production-run": [arn(1, "shop-production-run")]}


def test_the_latest_revision_always_stays() -> None:
    assert gone(retention.plan_revisions({"web": [arn(2), arn(1)]}, Needed(), keep=0)) == [arn(1)]


def test_images_go_when_they_were_released_and_nobody_needs_them() -> None:
    records = history(*["succeeded"] * 5)
    needed = retention.needed_by(retention.kept(records, 2)) | Needed(digests=frozenset({digest(1)}))
    pushed_only = "sha256:" + "f" * 64
    plan = retention.plan_images("shop-production", {digest(n) for n in (1, 2, 4, 5)} | {pushed_only}, records, needed)
    (step,) = plan.steps
    assert step.operation == "BatchDeleteImage" and step.params["imageIds"] == [{"imageDigest": digest(2)}]
    assert pushed_only in plan.after


def test_an_image_that_was_released_twice_stays_with_the_newer_release() -> None:
    records = [release(4, digest=digest(1)), release(3), release(2), release(1)]
    plan = retention.plan_images("shop", {digest(n) for n in (1, 2, 3)}, records, retention.needed_by(retention.kept(records, 2)))
    assert [step.params["imageIds"] for step in plan.steps] == [[{"imageDigest": digest(2)}]]


def test_images_are_deleted_a_hundred_at_a_time() -> None:
    records = history(*["succeeded"] * 260)
    plan = retention.plan_images("shop", {digest(n) for n in range(1, 261)}, records, retention.needed_by(retention.kept(records)))
    assert [len(step.params["imageIds"]) for step in plan.steps] == [100, 100, 50]
